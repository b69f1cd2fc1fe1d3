// SPDX-License-Identifier: Apache-2.0
#include "formats/git/repository.h"

#include <algorithm>

#include "formats/git/test_repository.h"

namespace vedette::formats::git {
namespace {

namespace fs = std::filesystem;

std::string text_of(const ObjectId& id) { return to_hexadecimal(id, HashKind::kSha1); }

TEST(Repository, IsFoundFromWhereverPeopleStand) {
  TestRepositories git;
  git.init("work");
  git.commit("work", "folder/file", "text");
  git.git("", {"clone", "-q", "--bare", "work", "bare.git"});
  git.git("work", {"worktree", "add", "-q", "../tree"});
  struct Case {
    std::string path, git_folder, common_folder, work_folder;
  };
  for (const Case& one : std::vector<Case>{
           {"work", "work/.git", "work/.git", "work"},
           {"work/", "work/.git", "work/.git", "work"},
           {"work/folder", "work/.git", "work/.git", "work"},
           {"work/folder/file", "work/.git", "work/.git", "work"},
           {"work/folder/../folder/./", "work/.git", "work/.git", "work"},
           {"work/.git", "work/.git", "work/.git", "work"},
           {"work/.git/objects", "work/.git", "work/.git", "work"},
           {"bare.git", "bare.git", "bare.git", ""},
           {"tree/folder", "work/.git/worktrees/tree", "work/.git", "tree"},
       }) {
    const Result<Repository> found = open_repository(git.path(one.path));
    ASSERT_TRUE(found) << one.path << ": " << found.error().message;
    EXPECT_EQ(found->git_folder, git.path(one.git_folder)) << one.path;
    EXPECT_EQ(found->common_folder, git.path(one.common_folder)) << one.path;
    EXPECT_EQ(found->work_folder, one.work_folder.empty() ? "" : git.path(one.work_folder));
  }
}

TEST(Repository, IsRefusedWithItsReason) {
  TestRepositories git;
  fs::create_directories(git.path("none"));
  git.init("reftable");
  git.git("reftable", {"config", "core.repositoryformatversion", "1"});
  std::string config = file_bytes(git.path("reftable/.git/config"));
  git.write("reftable", ".git/config", config + "[extensions]\n\trefStorage = reftable\n");
  git.init("hash");
  git.write("hash", ".git/config", "[extensions]\n\tobjectFormat = \"sha512\" # later\n");
  git.write("pointer", ".git", "somewhere else\n");
  git.write("moved", ".git", "gitdir: ../gone/.git/worktrees/moved\n");
  struct Case {
    std::string path;
    ErrorCode code;
    std::string message;
  };
  for (const Case& one : std::vector<Case>{
           {"none", ErrorCode::kNotFound, "expected a git repository"},
           {"reftable", ErrorCode::kUnsupported, "references stored as reftable"},
           {"hash", ErrorCode::kUnsupported, "objects named by sha512"},
           {"pointer", ErrorCode::kInvalid, "gitdir: FOLDER"},
           {"moved", ErrorCode::kInvalid, "moved or damaged"},
       }) {
    const Result<Repository> found = open_repository(git.path(one.path));
    ASSERT_FALSE(found) << one.path;
    EXPECT_EQ(found.error().code, one.code) << found.error().message;
    EXPECT_NE(found.error().message.find(one.message), std::string::npos) << found.error().message;
  }
}

TEST(Repository, KnowsRemotesWithoutTheirPasswords) {
  TestRepositories git;
  git.init("work");
  for (const auto& [name, url] : std::vector<std::pair<std::string, std::string>>{
           {"origin", "https://user:word@example.com/a.git"},
           {"twice", "https://user:w@rd@example.com/a.git"},
           {"path", "https://example.com/a@b.git"},
           {"shell", "git@example.com:a.git"},
           {"with.dot", "../other # name"}}) {
    git.git("work", {"remote", "add", name, url});
  }
  const Repository repository = *open_repository(git.path("work"));
  std::vector<std::pair<std::string, std::string>> remotes;
  for (const Remote& remote : repository.remotes) remotes.emplace_back(remote.name, remote.url);
  EXPECT_EQ(remotes, (std::vector<std::pair<std::string, std::string>>{
                         {"origin", "https://example.com/a.git"},
                         {"twice", "https://example.com/a.git"},
                         {"path", "https://example.com/a@b.git"},
                         {"shell", "git@example.com:a.git"},
                         {"with.dot", "../other # name"}}));
}

TEST(Repository, KnowsShallowAndPartialClones) {
  TestRepositories git;
  git.init("origin");
  git.fill("origin");
  git.git("origin", {"config", "uploadpack.allowFilter", "true"});
  const std::string url = "file://" + git.path("origin");
  git.git("", {"clone", "-q", "--depth=2", url, "shallow"});
  git.git("", {"clone", "-q", "--bare", "--filter=blob:none", url, "partial"});
  const Repository shallow = *open_repository(git.path("shallow"));
  ASSERT_EQ(shallow.shallow.size(), 1);
  EXPECT_EQ(text_of(shallow.shallow[0]), git.git_line("origin", {"rev-parse", "HEAD~1"}));
  EXPECT_FALSE(shallow.partial);
  const Repository partial = *open_repository(git.path("partial"));
  EXPECT_TRUE(partial.shallow.empty());
  EXPECT_TRUE(partial.partial);
}

// "NAME ID" of each reference, as git lists them.
std::vector<std::string> listed(const Refs& refs) {
  std::vector<std::string> lines;
  for (const Ref& ref : refs.refs) lines.push_back(ref.name + " " + text_of(ref.id));
  return lines;
}
std::vector<std::string> as_git_lists(TestRepositories& git, std::string_view repository) {
  const std::string text =
      git.git(repository, {"for-each-ref", "--format=%(refname) %(objectname)"});
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

TEST(Refs, AreReadLooseAndPacked) {
  TestRepositories git;
  git.init("work");
  git.fill("work");
  git.git("work", {"branch", "feature/one", "HEAD~2"});
  git.git("work", {"branch", "old", "HEAD~4"});
  EXPECT_EQ(listed(read_refs(*open_repository(git.path("work")))), as_git_lists(git, "work"));
  git.git("work", {"pack-refs", "--all"});
  EXPECT_EQ(listed(read_refs(*open_repository(git.path("work")))), as_git_lists(git, "work"));
  // The loose one counts where both are there.
  git.git("work", {"branch", "-f", "old", "HEAD~1"});
  const Refs refs = read_refs(*open_repository(git.path("work")));
  EXPECT_EQ(listed(refs), as_git_lists(git, "work"));
  EXPECT_EQ(refs.head.name, "refs/heads/main");
  EXPECT_EQ(text_of(refs.head.id), git.git_line("work", {"rev-parse", "HEAD"}));
  EXPECT_TRUE(refs.problems.empty());
}

TEST(Refs, KnowWhatReflogsAndWorktreesHold) {
  TestRepositories git;
  git.init("work");
  git.commit("work", "a", "one");
  const std::string lost = git.commit("work", "a", "two");
  git.git("work", {"reset", "-q", "--hard", "HEAD~1"});
  git.git("work", {"worktree", "add", "-q", "--detach", "../tree"});
  const std::string detached = git.commit("tree", "a", "of the worktree");
  const Refs refs = read_refs(*open_repository(git.path("work")));
  for (const std::string& id : {lost, detached}) {
    EXPECT_TRUE(std::ranges::binary_search(refs.logged, *ObjectId::parse(id, HashKind::kSha1)));
  }
  const Refs of_tree = read_refs(*open_repository(git.path("tree")));
  EXPECT_EQ(of_tree.head.name, "HEAD");
  EXPECT_EQ(text_of(of_tree.head.id), detached);
}

TEST(Refs, HeadOfANewRepositoryIsABranchWithoutCommit) {
  TestRepositories git;
  git.init("work");
  const Result<Ref> head = read_head(*open_repository(git.path("work")));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->name, "refs/heads/main");
  EXPECT_TRUE(head->id.is_zero());
}

TEST(Refs, DamagedOnesCostThemselves) {
  TestRepositories git;
  git.init("work");
  const std::string id = git.commit("work", "a", "one");
  git.write("work", ".git/refs/heads/broken", "no id\n");
  git.write("work", ".git/refs/heads/empty", "");
  git.write("work", ".git/refs/heads/half.lock", "no reference");
  git.write("work", ".git/packed-refs",
            "# pack-refs with: peeled\n" + id + " refs/tags/a\n^" + id + "\nthis is no line\n" +
                id + " refs/tags/b\n");
  const Refs refs = read_refs(*open_repository(git.path("work")));
  EXPECT_EQ(listed(refs), (std::vector{"refs/heads/main " + id, "refs/tags/a " + id}));
  EXPECT_EQ(refs.problems.size(), 3);
}

TEST(Refs, HeadMayOnlyNameWhatIsInTheRepository) {
  TestRepositories git;
  git.init("work");
  const std::string id = git.commit("work", "a", "one");
  git.write("", "outside", id + "\n");
  for (const char* bad : {"ref: ../../outside\n", "ref: refs/../../../outside\n",
                          "ref: /etc/passwd\n", "text\n", ""}) {
    git.write("work", ".git/HEAD", bad);
    EXPECT_FALSE(read_head(*open_repository(git.path("work")))) << bad;
  }
  git.write("work", ".git/HEAD", "ref: refs/heads/loop\n");
  git.write("work", ".git/refs/heads/loop", "ref: refs/heads/loop\n");
  EXPECT_FALSE(read_head(*open_repository(git.path("work"))));
}

}  // namespace
}  // namespace vedette::formats::git
