// SPDX-License-Identifier: Apache-2.0
#include "cmd/ci/pipeline_environment.h"

#include <gtest/gtest.h>
#include <map>
#include <string>

namespace vedette::cmd {
namespace {

event::RunFacts facts_of(const std::map<std::string, std::string>& environment) {
  return find_pipeline_facts([&environment](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  });
}

std::string text_of(const event::RunFacts& facts) {
  return facts.repository + "|" + facts.branch + "|" + facts.release + "|" + facts.pipeline;
}

TEST(PipelineFacts, AreAsEachSystemSays) {
  EXPECT_EQ(text_of(facts_of({})), "|||");
  std::map<std::string, std::string> github = {{"GITHUB_REPOSITORY", "a/shop"},
                                               {"GITHUB_RUN_ID", "7"},
                                               {"GITHUB_REF_TYPE", "branch"},
                                               {"GITHUB_REF_NAME", "main"}};
  EXPECT_EQ(text_of(facts_of(github)), "a/shop|main||7");
  github["GITHUB_REF_NAME"] = "12/merge";
  github["GITHUB_HEAD_REF"] = "topic";
  EXPECT_EQ(text_of(facts_of(github)), "a/shop|topic||7");
  EXPECT_EQ(text_of(facts_of({{"GITHUB_REF_TYPE", "tag"}, {"GITHUB_REF_NAME", "v1"}})), "||v1|");
  EXPECT_EQ(text_of(facts_of({{"CI_PROJECT_PATH", "a/shop"},
                              {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"},
                              {"CI_PIPELINE_ID", "8"}})),
            "a/shop|topic||8");
  EXPECT_EQ(text_of(facts_of({{"CI_COMMIT_TAG", "v2"}})), "||v2|");
  EXPECT_EQ(text_of(facts_of({{"BRANCH_NAME", "PR-3"}, {"CHANGE_BRANCH", "topic"}})), "|topic||");
  EXPECT_EQ(text_of(facts_of({{"BUILD_REPOSITORY_NAME", "shop"},
                              {"BUILD_SOURCEBRANCH", "refs/heads/main"},
                              {"BUILD_BUILDID", "9"}})),
            "shop|main||9");
  EXPECT_EQ(text_of(facts_of({{"BUILD_SOURCEBRANCH", "refs/tags/v3"}})), "||v3|");
  EXPECT_EQ(text_of(facts_of({{"BITBUCKET_REPO_FULL_NAME", "a/shop"}, {"BITBUCKET_TAG", "v4"}})),
            "a/shop||v4|");
  EXPECT_EQ(text_of(facts_of({{"CI_REPO", "a/shop"}, {"CI_PIPELINE_NUMBER", "10"}})),
            "a/shop|||10");
}

}  // namespace
}  // namespace vedette::cmd
