// SPDX-License-Identifier: Apache-2.0
#include "formats/git/index_file.h"

#include "formats/git/test_pack.h"
#include "formats/git/test_repository.h"

namespace vedette::formats::git {
namespace {

// As `git ls-files --stage` writes it.
std::string listed(const IndexFile& index, HashKind kind) {
  std::string text;
  for (const IndexFile::Entry& entry : index.entries) {
    text += fmt::format("{:06o} {} {}\t{}\n", entry.mode, to_hexadecimal(entry.id, kind),
                        entry.stage, entry.path);
  }
  return text;
}

std::string index_bytes(const TestRepositories& git) {
  return file_bytes(git.path("work/.git/index"));
}

void fill_index(TestRepositories& git) {
  git.commit("work", "folder/deep/a.txt", "text");
  git.commit("work", "folder/" + std::string(200, 'n') + "/b", "text");
  git.commit("work", std::string(250, 'x') + "/" + std::string(250, 'y'), "");
  git.commit("work", "folder.txt", "between the folder's name and its '/'");
  // A name as long as, and one longer than, what the field for its length can say.
  const std::string long_folder = std::string(200, 'a') + "/" + std::string(200, 'b');
  std::string name = "long";
  while (name.size() < 4090)
    name += "/" + long_folder.substr(0, std::min<std::size_t>(200, 4094 - name.size()));
  git.git("work",
          {"update-index", "--add", "--cacheinfo",
           "100755," + git.git_line("work", {"rev-parse", "HEAD:folder.txt"}) + "," + name});
  git.git("work", {"update-index", "--add", "--cacheinfo",
                   "100644," + git.git_line("work", {"rev-parse", "HEAD:folder.txt"}) + "," + name +
                       "-and-more"});
}

class ReadsIndex : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(ReadsIndex, AsGitListsIt) {
  const auto& [hash, version] = GetParam();
  const HashKind kind = hash == "sha1" ? HashKind::kSha1 : HashKind::kSha256;
  TestRepositories git;
  git.init("work", {"--object-format=" + hash});
  fill_index(git);
  git.git("work", {"update-index", "--index-version", version});
  const Result<IndexFile> index = parse_index_file(index_bytes(git), kind);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(listed(*index, kind), git.git("work", {"ls-files", "--stage"}));
}

INSTANTIATE_TEST_SUITE_P(IndexFile, ReadsIndex,
                         testing::Combine(testing::Values("sha1", "sha256"),
                                          testing::Values("2", "3", "4")),
                         [](const auto& one) {
                           return std::get<0>(one.param) + "version" + std::get<1>(one.param);
                         });

TEST(IndexFile, KnowsFoldersThatAreAsTheirTree) {
  TestRepositories git;
  git.init("work");
  git.commit("work", "same/deep/a", "text");
  git.commit("work", "changed/b", "text");
  git.git("work", {"read-tree", "HEAD"});
  git.write("work", "changed/b", "other text");
  git.git("work", {"add", "changed/b"});
  const Result<IndexFile> index = parse_index_file(index_bytes(git), HashKind::kSha1);
  ASSERT_TRUE(index);
  std::vector<std::string> folders;
  for (const IndexFile::Folder& folder : index->folders)
    folders.push_back(folder.path + " " + to_hexadecimal(folder.tree, HashKind::kSha1));
  EXPECT_EQ(folders,
            (std::vector{"same " + git.git_line("work", {"rev-parse", "HEAD:same"}),
                         "same/deep " + git.git_line("work", {"rev-parse", "HEAD:same/deep"})}));
}

TEST(IndexFile, KnowsStagesOfAMergeAndWhatIsOnlyIntended) {
  TestRepositories git;
  git.init("work");
  const std::string blob = [&] {
    git.commit("work", "a", "text");
    return git.git_line("work", {"rev-parse", "HEAD:a"});
  }();
  git.write("work", "later", "text");
  git.git("work", {"add", "-N", "later"});
  Result<IndexFile> index = parse_index_file(index_bytes(git), HashKind::kSha1);
  ASSERT_TRUE(index);
  ASSERT_EQ(index->entries.size(), 2);
  EXPECT_FALSE(index->entries[0].intent_to_add);
  EXPECT_TRUE(index->entries[1].intent_to_add);
  git.git("work", {"checkout", "-q", "-b", "other"});
  git.commit("work", "a", "one side");
  git.git("work", {"checkout", "-q", "main"});
  git.commit("work", "a", "other side");
  // `git merge` fails when there is a conflict, which is wanted here.
  git.git("work", {"read-tree", "-i", "-m", "--aggressive", "main~1", "main", "other"});
  index = parse_index_file(index_bytes(git), HashKind::kSha1);
  ASSERT_TRUE(index);
  std::vector<int> stages;
  for (const IndexFile::Entry& entry : index->entries) {
    if (entry.path == "a") stages.push_back(entry.stage);
  }
  EXPECT_EQ(stages, (std::vector{1, 2, 3}));
}

TEST(IndexFile, SaysWhatItCannotRead) {
  TestRepositories git;
  git.init("work");
  git.commit("work", "a", "text");
  const std::string good = index_bytes(git);
  const auto error_of = [](const std::string& bytes) {
    const auto index = parse_index_file(bytes, HashKind::kSha1);
    return index ? "none" : index.error().message;
  };
  EXPECT_EQ(error_of(good), "none");
  EXPECT_NE(error_of("GARB" + good.substr(4)).find("something else"), std::string::npos);
  for (const std::uint64_t version : {0U, 1U, 5U}) {
    EXPECT_NE(
        error_of(std::string(good).replace(4, 4, big_endian(version, 4))).find("version 2 to 4"),
        std::string::npos);
  }
  EXPECT_NE(error_of(std::string(good).replace(8, 4, "\xff\xff\xff\xff")).find("cut off"),
            std::string::npos);
  git.git("work", {"update-index", "--split-index"});
  EXPECT_NE(error_of(index_bytes(git)).find("--no-split-index"), std::string::npos);
}

TEST(IndexFile, DamageDoesNoHarm) {
  TestRepositories git;
  git.init("work");
  fill_index(git);
  for (const char* version : {"2", "4"}) {
    git.git("work", {"update-index", "--index-version", version});
    const std::string good = index_bytes(git);
    const auto check = [&](const std::string& bytes) {
      const auto index = parse_index_file(bytes, HashKind::kSha1);
      if (!index) return;
      EXPECT_LE(index->entries.size(), bytes.size() / 62);
    };
    for (std::size_t size = 0; size < good.size(); ++size) check(good.substr(0, size));
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ (i % 2 == 0 ? 0xff : 0x81));
      check(bytes);
    }
  }
}

}  // namespace
}  // namespace vedette::formats::git
