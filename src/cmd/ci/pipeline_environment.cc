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

// GitHub, GitLab, Jenkins, Azure, Bitbucket, Drone, Woodpecker; of a merge request the branch that
// is to be merged.
constexpr std::array kRepository = {
    "GITHUB_REPOSITORY",        "CI_PROJECT_PATH", "BUILD_REPOSITORY_NAME",
    "BITBUCKET_REPO_FULL_NAME", "DRONE_REPO",      "CI_REPO"};
constexpr std::array kBranch = {"GITHUB_HEAD_REF",     "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                                "CI_COMMIT_BRANCH",    "CHANGE_BRANCH",
                                "BRANCH_NAME",         "SYSTEM_PULLREQUEST_SOURCEBRANCH",
                                "BUILD_SOURCEBRANCH",  "BITBUCKET_BRANCH",
                                "DRONE_SOURCE_BRANCH", "CI_COMMIT_SOURCE_BRANCH"};
constexpr std::array kTag = {"CI_COMMIT_TAG", "TAG_NAME", "BITBUCKET_TAG", "DRONE_TAG"};
constexpr std::array kPipeline = {
    "GITHUB_RUN_ID",      "CI_PIPELINE_ID",         "BUILD_TAG",         "BUILD_BUILDID",
    "DRONE_BUILD_NUMBER", "BITBUCKET_BUILD_NUMBER", "CI_PIPELINE_NUMBER"};

template <std::size_t count>
std::string first_of(const std::array<const char*, count>& names,
                     const std::function<std::string(const char*)>& variable) {
  for (const char* name : names) {
    if (std::string value = variable(name); !value.empty()) return value;
  }
  return {};
}

}  // namespace

event::RunFacts find_pipeline_facts(const std::function<std::string(const char*)>& variable) {
  constexpr std::string_view kBranches = "refs/heads/";
  constexpr std::string_view kTags = "refs/tags/";
  event::RunFacts facts;
  facts.repository = first_of(kRepository, variable);
  facts.branch = first_of(kBranch, variable);
  facts.release = first_of(kTag, variable);
  facts.pipeline = first_of(kPipeline, variable);
  // GitHub has one name for both.
  const std::string kind = variable("GITHUB_REF_TYPE");
  if (kind == "tag") facts.release = variable("GITHUB_REF_NAME");
  if (kind == "branch" && facts.branch.empty()) facts.branch = variable("GITHUB_REF_NAME");
  if (facts.branch.starts_with(kTags)) {
    facts.release = facts.branch.substr(kTags.size());
    facts.branch.clear();
  }
  if (facts.branch.starts_with(kBranches)) facts.branch.erase(0, kBranches.size());
  return facts;
}

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
