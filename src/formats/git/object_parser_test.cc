// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_parser.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::git {
namespace {

const std::string kA(40, 'a');
const std::string kB(40, 'b');

std::string hexadecimal(const ObjectId& id) { return to_hexadecimal(id, HashKind::kSha1); }

TEST(Commit, IsReadWithAllItsHeaders) {
  const std::string text = "tree " + kA + "\nparent " + kB + "\nparent " + kA +
                           "\nauthor A U Thor <author@example.com> 1112911993 -0700\n"
                           "committer C <c@example.com> 1112912053 +0100\nencoding latin1\n"
                           "gpgsig -----BEGIN PGP SIGNATURE-----\n \n tree " +
                           kB + "\n -----END PGP SIGNATURE-----\n\n\nsubject\n\nbody\n";
  Commit commit;
  ASSERT_TRUE(parse_commit(text, HashKind::kSha1, commit));
  EXPECT_EQ(hexadecimal(commit.tree), kA);
  ASSERT_EQ(commit.parents.size(), 2);
  EXPECT_EQ(hexadecimal(commit.parents[0]), kB);
  EXPECT_EQ(commit.author.name, "A U Thor");
  EXPECT_EQ(commit.author.email, "author@example.com");
  EXPECT_EQ(commit.author.seconds, 1112911993);
  EXPECT_EQ(commit.committer.seconds, 1112912053);
  EXPECT_EQ(commit.subject(), "subject");
  // The memory is used again, what it held is not.
  const std::string other = "tree " + kB + "\n";
  ASSERT_TRUE(parse_commit(other, HashKind::kSha1, commit));
  EXPECT_TRUE(commit.parents.empty());
  EXPECT_EQ(commit.author.name, "");
  EXPECT_EQ(commit.subject(), "");
}

TEST(Commit, DamagedSignaturesAreKeptAsFarAsTheyGo) {
  struct Case {
    std::string line, name, email;
    std::int64_t seconds;
  };
  for (const Case& one : std::vector<Case>{
           {"A <a@b> 7 +0000", "A", "a@b", 7},
           {"<a@b> 7 +0000", "", "a@b", 7},
           {"A <a <b> c@d> 7 +0000", "A", "a <b> c@d", 7},
           {"no mail at all", "no mail at all", "", 0},
           {"A >a@b< 7 +0000", "A >a@b< 7 +0000", "", 0},
           {"A <a@b>", "A", "a@b", 0},
           {"A <a@b> -5 +0000", "A", "a@b", -5},
           {"A <a@b> 99999999999999999999 +0000", "A", "a@b", 0},
           {"A <a@b> 9000000000000 +0000", "A", "a@b", 0},
           {"", "", "", 0},
       }) {
    Commit commit;
    const std::string text = "tree " + kA + "\nauthor " + one.line + "\n\n";
    ASSERT_TRUE(parse_commit(text, HashKind::kSha1, commit));
    EXPECT_EQ(commit.author.name, one.name) << one.line;
    EXPECT_EQ(commit.author.email, one.email) << one.line;
    EXPECT_EQ(commit.author.seconds, one.seconds) << one.line;
  }
}

TEST(Commit, IsRefusedWithoutTreeOrWithBadParents) {
  Commit commit;
  for (const std::string& bad :
       {std::string(), std::string("\n"), "parent " + kA + "\n", "tree " + kA.substr(1) + "\n",
        "tree " + kA + "a\n", "tree " + std::string(40, 'g') + "\n",
        "tree " + kA + "\nparent x\n"}) {
    EXPECT_FALSE(parse_commit(bad, HashKind::kSha1, commit)) << bad;
  }
  // An id of the other hash is none.
  EXPECT_FALSE(parse_commit("tree " + kA + "\n", HashKind::kSha256, commit));
  EXPECT_TRUE(parse_commit("tree " + std::string(64, 'a') + "\n", HashKind::kSha256, commit));
}

TEST(Tag, NamesAnObjectOfAType) {
  const Result<Tag> tag = parse_tag(
      "object " + kA + "\ntype commit\ntag v1\ntagger A <a@b> 7 +0000\n\nm\n", HashKind::kSha1);
  ASSERT_TRUE(tag);
  EXPECT_EQ(hexadecimal(tag->object), kA);
  EXPECT_EQ(tag->type, ObjectType::kCommit);
  EXPECT_EQ(parse_tag("object " + kA + "\ntype thing\n", HashKind::kSha1)->type, ObjectType::kNone);
  for (const std::string& bad : {std::string(), "type commit\n" + kA, "object " + kA + "\n",
                                 "object " + kA.substr(2) + "\ntype tag\n"}) {
    EXPECT_FALSE(parse_tag(bad, HashKind::kSha1)) << bad;
  }
}

struct Row {
  std::string mode, name;
  EntryKind kind;
};

std::string bytes_of(const Row& row) {
  return row.mode + " " + row.name + std::string(1, '\0') + std::string(20, row.name[0]);
}

TEST(TreeReader, GoesThroughEntriesOfAllKinds) {
  const std::vector<Row> rows = {
      {"100644", "a", EntryKind::kFile},
      {"100755", "b run", EntryKind::kFile},
      {"100664", "c", EntryKind::kFile},
      {"120000", "link", EntryKind::kLink},
      {"40000", "tree", EntryKind::kTree},
      {"040000", "tree of old tools", EntryKind::kTree},
      {"160000", "submodule", EntryKind::kCommit},
      {"100644", "\xc3\xa4", EntryKind::kFile},
  };
  std::string bytes;
  for (const Row& row : rows) bytes += bytes_of(row);
  TreeReader reader(bytes, HashKind::kSha1);
  TreeEntry entry;
  for (const Row& row : rows) {
    ASSERT_TRUE(reader.next(entry)) << row.name;
    EXPECT_EQ(entry.name, row.name);
    EXPECT_EQ(entry.kind, row.kind) << row.name;
    EXPECT_EQ(entry.bytes, bytes_of(row));
    EXPECT_EQ(std::string(entry.id, 20), std::string(20, row.name[0]));
  }
  EXPECT_FALSE(reader.next(entry));
  EXPECT_FALSE(reader.damaged());
}

TEST(TreeReader, StopsWhereTheTreeIsDamaged) {
  const std::string good = bytes_of({"100644", "name", EntryKind::kFile});
  TreeEntry entry;
  for (std::size_t size = 1; size < good.size(); ++size) {
    TreeReader reader(std::string_view(good).substr(0, size), HashKind::kSha1);
    EXPECT_FALSE(reader.next(entry)) << size;
    EXPECT_TRUE(reader.damaged()) << size;
  }
  for (const std::string& bad :
       {bytes_of({"100644", std::string(1, '\0'), EntryKind::kFile}), std::string(60, '\0'),
        std::string(60, ' '), std::string(60, '1'), "1006440" + good.substr(6)}) {
    TreeReader reader(bad, HashKind::kSha1);
    EXPECT_FALSE(reader.next(entry)) << bad;
    EXPECT_TRUE(reader.damaged());
  }
}

}  // namespace
}  // namespace vedette::formats::git
