// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_store.h"

#include <algorithm>
#include <functional>
#include <map>

#include "formats/git/object_reader.h"
#include "formats/git/test_repository.h"

namespace vedette::formats::git {
namespace {

namespace fs = std::filesystem;

struct Stored {
  std::string type;
  std::string bytes;
  bool operator==(const Stored&) const = default;
};
using Objects = std::map<std::string, Stored>;

// "ID TYPE SIZE\nBYTES\n" of each object.
Objects as_git_reads(TestRepositories& git, std::string_view repository) {
  const std::string text =
      git.git(repository, {"cat-file", "--batch-all-objects", "--batch", "--unordered"});
  Objects objects;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string head = text.substr(at, end - at);
    const std::size_t type = head.find(' ');
    const std::size_t size = head.rfind(' ');
    const std::size_t bytes = std::stoul(head.substr(size + 1));
    objects[head.substr(0, type)] = {head.substr(type + 1, size - type - 1),
                                     text.substr(end + 1, bytes)};
    at = end + 1 + bytes + 1;
  }
  return objects;
}

std::string name_of(ObjectType type) {
  const std::map<ObjectType, std::string> names = {{ObjectType::kCommit, "commit"},
                                                   {ObjectType::kTree, "tree"},
                                                   {ObjectType::kBlob, "blob"},
                                                   {ObjectType::kTag, "tag"}};
  const auto name = names.find(type);
  return name == names.end() ? "none" : name->second;
}

Objects as_we_read(const std::string& path, ObjectReader::Options options = {}) {
  Objects objects;
  const Result<Repository> repository = open_repository(path);
  EXPECT_TRUE(repository) << repository.error().message;
  if (!repository) return objects;
  Result<ObjectStore> store = ObjectStore::open(*repository);
  EXPECT_TRUE(store) << store.error().message;
  if (!store) return objects;
  EXPECT_TRUE(store->problems().empty()) << store->problems().front().message;
  store->find_all_loose();
  Result<ObjectReader> reader = ObjectReader::create(*store, options);
  EXPECT_TRUE(reader);
  for (ObjectNumber number = 0; reader && number < store->count(); ++number) {
    const std::string id = to_hexadecimal(store->id(number), store->hash());
    const Result<ObjectReader::Object> object = reader->read(number);
    EXPECT_TRUE(object) << id << ": " << object.error().message;
    if (!object) continue;
    objects[id] = {name_of(object->type), std::string(object->bytes)};
    EXPECT_NE(store->find(store->id(number)), kNoObject);
  }
  return objects;
}

struct Layout {
  std::string name;
  // Makes "made" of "origin", which is filled, or changes it.
  std::function<void(TestRepositories&)> make;
  std::string read = "origin";
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = {
      {"Loose", [](TestRepositories&) {}},
      {"DeltasByOffset", [](TestRepositories& git) { git.git("origin", {"gc", "-q"}); }},
      {"DeltasById",
       [](TestRepositories& git) {
         git.git("origin", {"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"});
       }},
      {"DeepDeltas",
       [](TestRepositories& git) {
         git.git("origin", {"repack", "-adfq", "--depth=4000", "--window=50"});
       }},
      {"SeveralPacksAndLoose",
       [](TestRepositories& git) {
         git.git("origin", {"repack", "-q"});
         git.commit("origin", "more", "packed later");
         git.git("origin", {"repack", "-q"});
         git.commit("origin", "most", "loose");
       }},
      {"SamePackTwice",
       [](TestRepositories& git) {
         git.git("origin", {"repack", "-q"});
         git.git("origin", {"repack", "-afq"});
       }},
      {"MultiPackIndex",
       [](TestRepositories& git) {
         git.git("origin", {"repack", "-q"});
         git.commit("origin", "more", "packed later");
         git.git("origin", {"repack", "-dq"});
         git.git("origin", {"multi-pack-index", "write"});
       }},
      {"Clone",
       [](TestRepositories& git) {
         git.git("", {"clone", "-q", "--bare", "--no-local", "origin", "made"});
       },
       "made"},
      {"Alternates",
       [](TestRepositories& git) {
         git.git("origin", {"gc", "-q"});
         git.commit("origin", "more", "loose");
         git.git("", {"clone", "-q", "-s", "origin", "made"});
         git.commit("made", "own", "of the borrower");
       },
       "made"},
      {"Worktree",
       [](TestRepositories& git) { git.git("origin", {"worktree", "add", "-q", "../made"}); },
       "made/folder"},
      {"Shallow",
       [](TestRepositories& git) {
         git.git("", {"clone", "-q", "--depth=2", "file://" + git.path("origin"), "made"});
       },
       "made"},
  };
  return all;
}

// What fill() makes, made once for each hash.
std::string filled_repository(const std::string& hash) {
  static TestRepositories git;
  if (!fs::exists(git.path(hash))) {
    git.init(hash, {"--object-format=" + hash});
    git.fill(hash);
  }
  return git.path(hash);
}

class ReadsLayout : public testing::TestWithParam<std::tuple<std::string, Layout>> {};

TEST_P(ReadsLayout, AsGitDoes) {
  const auto& [hash, layout] = GetParam();
  TestRepositories git;
  fs::copy(filled_repository(hash), git.path("origin"), fs::copy_options::recursive);
  layout.make(git);
  const Objects expected = as_git_reads(git, layout.read);
  EXPECT_GT(expected.size(), 5);
  EXPECT_EQ(as_we_read(git.path(layout.read)), expected);
  // With no memory for bases the answer is the same.
  EXPECT_EQ(as_we_read(git.path(layout.read), {.cache_bytes = 0}), expected);
}

INSTANTIATE_TEST_SUITE_P(ObjectStore, ReadsLayout,
                         testing::Combine(testing::Values("sha1", "sha256"),
                                          testing::ValuesIn(layouts())),
                         [](const auto& one) {
                           return std::get<0>(one.param) + std::get<1>(one.param).name;
                         });

struct Opened {
  Repository repository;
  std::unique_ptr<ObjectStore> store;
  std::unique_ptr<ObjectReader> reader;

  explicit Opened(const std::string& path, ObjectReader::Options options = {})
      : repository(*open_repository(path)),
        store(std::make_unique<ObjectStore>(*ObjectStore::open(repository))),
        reader(std::make_unique<ObjectReader>(*ObjectReader::create(*store, options))) {}
  ObjectNumber find(const std::string& id) {
    return store->find(*ObjectId::parse(id, store->hash()));
  }
};

TEST(ObjectStore, ReadsPacksThatOnlyTheMultiPackIndexLists) {
  TestRepositories git;
  git.init("origin");
  git.fill("origin");
  git.git("origin", {"repack", "-dq"});
  git.commit("origin", "more", "packed later");
  git.git("origin", {"repack", "-dq"});
  git.git("origin", {"multi-pack-index", "write"});
  const Objects expected = as_git_reads(git, "origin");
  for (const auto& file : fs::directory_iterator(git.path("origin/.git/objects/pack"))) {
    if (file.path().extension() == ".idx") fs::remove(file.path());
  }
  EXPECT_EQ(as_we_read(git.path("origin")), expected);
}

TEST(ObjectStore, SaysWhichPackItCannotReadAndReadsTheOthers) {
  TestRepositories git;
  git.init("origin");
  const std::string first = git.commit("origin", "a", "one");
  git.git("origin", {"repack", "-dq"});
  const std::string pack = git.path("origin/.git/objects/pack");
  const std::string bad = fs::directory_iterator(pack)->path().stem().string();
  const std::string second = git.commit("origin", "a", "two");
  git.git("origin", {"repack", "-dq"});
  overwrite(pack + "/" + bad + ".idx", "not an index at all, but some other text");
  Opened opened(git.path("origin"));
  ASSERT_EQ(opened.store->problems().size(), 1);
  EXPECT_NE(opened.store->problems()[0].place.file.find(bad), std::string::npos);
  EXPECT_EQ(opened.find(first), kNoObject);
  EXPECT_TRUE(opened.reader->read(opened.find(second)));
}

TEST(ObjectStore, EndsCirclesOfAlternatesAndTellsThoseThatAreGone) {
  TestRepositories git;
  git.init("a");
  git.init("b");
  const std::string commit = git.commit("b", "file", "of b");
  git.write("a", ".git/objects/info/alternates",
            "# a comment\n../../../b/.git/objects\n/nonexistent/objects\n");
  git.write("b", ".git/objects/info/alternates", git.path("a/.git/objects") + "\n");
  Opened opened(git.path("a"));
  EXPECT_NE(opened.find(commit), kNoObject);
  ASSERT_EQ(opened.store->problems().size(), 1);
  EXPECT_NE(opened.store->problems()[0].message.find("/nonexistent/objects"), std::string::npos);
}

TEST(ObjectStore, FindsIdsByTheirBegin) {
  TestRepositories git;
  git.init("origin");
  const std::string packed = git.commit("origin", "a", "one");
  git.git("origin", {"repack", "-dq"});
  const std::string loose = git.commit("origin", "a", "two");
  const Opened opened(git.path("origin"));
  const auto find = [&](const std::string& prefix) {
    std::vector<std::string> found;
    for (const ObjectId& id : opened.store->find_prefix(prefix, 5))
      found.push_back(to_hexadecimal(id, HashKind::kSha1));
    return found;
  };
  for (const std::string& id : {packed, loose}) {
    for (const std::size_t digits : {4U, 7U, 12U, 39U, 40U})
      EXPECT_EQ(find(id.substr(0, digits)), std::vector{id}) << digits;
  }
  for (const char* none : {"", "abc", "no hex", "../..", "ffffffffffff"})
    EXPECT_TRUE(find(none).empty()) << none;
  EXPECT_TRUE(find(packed + "0").empty());
}

TEST(ObjectReader, RefusesWhatIsLargerThanTheLimitPackedOrLoose) {
  TestRepositories git;
  git.init("origin");
  git.commit("origin", "a", std::string(5000, 'x'));
  const std::string blob = git.git_line("origin", {"rev-parse", "HEAD:a"});
  for (const bool packed : {false, true}) {
    if (packed) git.git("origin", {"gc", "-q"});
    Opened opened(git.path("origin"), {.object_bytes_max = 4999});
    const auto object = opened.reader->read(opened.find(blob));
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().code, ErrorCode::kLimit);
    Opened enough(git.path("origin"), {.object_bytes_max = 5000});
    EXPECT_TRUE(enough.reader->read(enough.find(blob)));
  }
}

TEST(ObjectReader, TellsDamagedAndVanishedLooseObjects) {
  TestRepositories git;
  git.init("origin");
  git.commit("origin", "a", "a text that is long enough to be damaged in its middle");
  const std::string blob = git.git_line("origin", {"rev-parse", "HEAD:a"});
  const std::string path =
      git.path("origin/.git/objects/" + blob.substr(0, 2) + "/" + blob.substr(2));
  const std::string good = file_bytes(path);
  Opened opened(git.path("origin"));
  const ObjectNumber number = opened.find(blob);
  for (const std::string& bad :
       {std::string(), std::string("text"), good.substr(0, 1), good.substr(0, good.size() / 2),
        good.substr(0, good.size() - 1)}) {
    overwrite(path, bad);
    const auto object = opened.reader->read(number);
    ASSERT_FALSE(object) << bad.size();
    EXPECT_EQ(object.error().code, ErrorCode::kInvalid);
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x21);
    overwrite(path, bad);
    EXPECT_FALSE(opened.reader->read(number)) << i;
  }
  fs::remove(path);
  const auto gone = opened.reader->read(number);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace vedette::formats::git
