// SPDX-License-Identifier: Apache-2.0
#include "cmd/ci/pipeline_environment.h"

#include <array>
#include <string_view>

namespace vedette::cmd {
namespace {

enum class Holds : std::uint8_t { kCommit, kBranch };

struct Variable {
  const char* name;
  Holds holds;
};

// Each is set for merge or pull requests only. GitHub Actions "Variables reference", GitLab
// "Predefined CI/CD variables", Jenkins "Multibranch pipelines", Azure Pipelines "Predefined
// variables", Bitbucket "Variables and secrets", Drone and Woodpecker "Environment".
constexpr std::array<Variable, 7> kVariables = {{
    {"CI_MERGE_REQUEST_DIFF_BASE_SHA", Holds::kCommit},
    {"GITHUB_BASE_REF", Holds::kBranch},
    {"CHANGE_TARGET", Holds::kBranch},
    {"SYSTEM_PULLREQUEST_TARGETBRANCH", Holds::kBranch},
    {"BITBUCKET_PR_DESTINATION_BRANCH", Holds::kBranch},
    {"DRONE_TARGET_BRANCH", Holds::kBranch},
    {"CI_COMMIT_TARGET_BRANCH", Holds::kBranch},
}};

}  // namespace

PipelineChange find_pipeline_change(const std::function<std::string(const char*)>& variable) {
  constexpr std::string_view kBranches = "refs/heads/";
  for (const Variable& row : kVariables) {
    std::string value = variable(row.name);
    if (value.empty()) continue;
    if (value.starts_with(kBranches)) value.erase(0, kBranches.size());
    // Clones of CI systems have the target as a remote branch only.
    if (row.holds == Holds::kBranch) value.insert(0, "origin/");
    return {value, row.name};
  }
  return {};
}

}  // namespace vedette::cmd
