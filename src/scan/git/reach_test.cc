// SPDX-License-Identifier: Apache-2.0
#include "scan/git/reach.h"

#include <set>

#include "formats/git/test_repository.h"

namespace vedette::scan::git {
namespace {

using formats::git::HashKind;
using formats::git::ObjectId;
using formats::git::TestRepositories;

Reach reach_of(const TestRepositories& git, std::string_view name,
               const std::vector<std::string>& blobs) {
  const formats::git::Repository repository = *formats::git::open_repository(git.path(name));
  std::vector<ObjectId> ids;
  for (const std::string& blob : blobs) ids.push_back(*ObjectId::parse(blob, repository.hash));
  return *find_reach(repository, ids);
}

// "main!" where it still stands there, "main" where it is behind.
std::vector<std::string> names_of(const Reach& reach) {
  std::vector<std::string> names;
  for (const Reach::Name& one : reach.names) names.push_back(one.name + (one.holds_now ? "!" : ""));
  return names;
}

class ReachTest : public testing::Test {
 protected:
  // main: one two(secret) three four(gone); old at one; kept at three; side from one, a copy of the
  // secret elsewhere; a tag on two.
  ReachTest() {
    git_.init("work");
    git_.commit("work", "a", "one");
    git_.git("work", {"branch", "old"});
    git_.commit("work", "folder/deep/key", "secret");
    git_.git("work", {"tag", "-a", "-m", "a tag", "v1"});
    git_.commit("work", "a", "three");
    git_.git("work", {"branch", "kept"});
    git_.git("work", {"rm", "-q", "folder/deep/key"});
    gone_ = git_.commit("work", "a", "four");
    git_.commit("work", "a", "five");
    git_.git("work", {"checkout", "-q", "-b", "side", "old"});
    git_.commit("work", "other/copy", "secret");
    git_.git("work", {"checkout", "-q", "main"});
    blob_ = git_.git_line("work", {"rev-parse", "kept:folder/deep/key"});
  }
  const std::vector<std::string> expected_ = {"refs/heads/kept!", "refs/heads/main",
                                              "refs/heads/side!", "refs/tags/v1!"};
  TestRepositories git_;
  std::string blob_;
  std::string gone_;
};

TEST_F(ReachTest, TellsWhatLeadsToABlobAndWhereItStillStands) {
  const Reach reach = reach_of(git_, "work", {blob_});
  EXPECT_EQ(names_of(reach), expected_);
  EXPECT_TRUE(reach.head_files.empty());
  EXPECT_EQ(reach.commits, 3);
  EXPECT_EQ(reach.brought_count, 2);
  std::set<std::string> brought;
  for (const event::FindingCommit& commit : reach.brought) brought.insert(commit.id);
  EXPECT_EQ(brought, (std::set<std::string>{git_.git_line("work", {"rev-parse", "v1^{commit}"}),
                                            git_.git_line("work", {"rev-parse", "side"})}));
  ASSERT_EQ(reach.gone.size(), 1);
  EXPECT_EQ(reach.gone[0].id, gone_);
  EXPECT_EQ(reach.gone[0].author, "A U Thor");
  EXPECT_EQ(reach.gone[0].subject, "change a");
}

TEST_F(ReachTest, IsTheSameWhenPackedOrCloned) {
  git_.git("work", {"gc", "-q"});
  EXPECT_EQ(names_of(reach_of(git_, "work", {blob_})), expected_);
  git_.git("", {"clone", "-q", "--no-local", "work", "clone"});
  EXPECT_EQ(names_of(reach_of(git_, "clone", {blob_})),
            (std::vector<std::string>{"refs/heads/main", "refs/remotes/origin/kept!",
                                      "refs/remotes/origin/main", "refs/remotes/origin/side!",
                                      "refs/tags/v1!"}));
}

TEST_F(ReachTest, FindsWhatWasMovedAndCopied) {
  git_.git("work", {"checkout", "-q", "kept"});
  git_.git("work", {"mv", "folder/deep/key", "moved"});
  git_.commit("work", "b/copy", "secret");
  const Reach reach = reach_of(git_, "work", {blob_});
  ASSERT_EQ(reach.head_files.size(), 2);
  EXPECT_EQ(reach.head_files[0].path, "b/copy");
  EXPECT_EQ(reach.head_files[1].path, "moved");
  EXPECT_EQ(to_hexadecimal(reach.head_files[1].blob, HashKind::kSha1), blob_);
}

TEST_F(ReachTest, KnowsWhatOnlyReflogsLeadTo) {
  git_.git("work", {"checkout", "-q", "--detach"});
  git_.commit("work", "lost", "another secret");
  const std::string lost = git_.git_line("work", {"rev-parse", "HEAD:lost"});
  EXPECT_EQ(names_of(reach_of(git_, "work", {lost})), (std::vector<std::string>{"HEAD!"}));
  git_.git("work", {"checkout", "-q", "main"});
  const Reach reach = reach_of(git_, "work", {lost});
  EXPECT_TRUE(reach.names.empty());
  EXPECT_TRUE(reach.in_reflogs);
}

TEST_F(ReachTest, LeadsNowhereWhereThereIsNothing) {
  const Reach reach = reach_of(git_, "work", {std::string(40, 'a')});
  EXPECT_TRUE(reach.names.empty());
  EXPECT_FALSE(reach.in_reflogs);
  EXPECT_EQ(reach.commits, 0);
  git_.init("empty");
  EXPECT_TRUE(reach_of(git_, "empty", {std::string(40, 'a')}).names.empty());
}

}  // namespace
}  // namespace vedette::scan::git
