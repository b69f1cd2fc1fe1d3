// SPDX-License-Identifier: Apache-2.0
#include "scan/git/diff_reader.h"

#include <gtest/gtest.h>

namespace vedette::scan::git {
namespace {

std::vector<DiffFile> read_diff(std::string_view text) {
  std::vector<DiffFile> files;
  DiffReader reader(text);
  DiffFile file;
  while (reader.next(file)) files.push_back(std::move(file));
  return files;
}

std::string_view line_of(const DiffFile& file, std::uint32_t number) {
  std::string_view rest = file.bytes;
  while (--number > 0) rest.remove_prefix(rest.find('\n') + 1);
  return rest.substr(0, rest.find('\n'));
}

TEST(DiffReader, ReadsWhatIsNew) {
  const auto files = read_diff(
      "From 1234 Mon Sep 17 00:00:00 2001\nSubject: x\n\n---\n a.txt | 2 +-\n\n"
      "diff --git a/d/a.txt b/d/a.txt\nindex 1..2 100644\n--- a/d/a.txt\n+++ b/d/a.txt\n"
      "@@ -10,3 +10,4 @@ void f() {\n one\n-two\n--- three\n+++ plus\n+four\n+five\n"
      "@@ -90 +91,2 @@\n six\n+seven\n\\ No newline at end of file\n"
      "diff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
      "diff --git a/new b/new\n--- /dev/null\n+++ \"b/n\\303\\266\\tw\"\n@@ -0,0 +1 @@\n+x\n");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "d/a.txt");
  ASSERT_EQ(files[0].lines.size(), 2U);
  EXPECT_EQ(files[0].lines[0].first, 11U);
  EXPECT_EQ(files[0].lines[0].last, 13U);
  EXPECT_EQ(files[0].lines[1].first, 92U);
  EXPECT_EQ(line_of(files[0], 10), "one");
  EXPECT_EQ(line_of(files[0], 11), "++ plus");
  EXPECT_EQ(line_of(files[0], 13), "five");
  EXPECT_EQ(line_of(files[0], 91), "six");
  EXPECT_EQ(line_of(files[0], 92), "seven");
  EXPECT_EQ(files[1].path, "n\xc3\xb6\tw");
}

TEST(DiffReader, ReadsMergesAndPlainDiffs) {
  const auto merge = read_diff(
      "diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1,2 -1,2 +1,3 @@@\n  same\n "
      "+ours\n++both\n"
      "--none\n- left\n");
  ASSERT_EQ(merge.size(), 1U);
  EXPECT_EQ(merge[0].bytes, "same\nours\nboth\n");
  EXPECT_EQ(merge[0].lines[0].first, 2U);
  const auto plain =
      read_diff("--- old/a.c\t2020-01-01\n+++ new/a.c\t2020-01-02\n@@ -1 +1 @@\n-a\n+b\n");
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_EQ(plain[0].path, "new/a.c");
  EXPECT_TRUE(read_diff("no diff\n@@ -1 +1 @@\n+x\n").empty());
}

TEST(DiffReader, TellsWhatIsNotAsItsHeadSays) {
  const auto problems = [](std::string_view text) {
    DiffReader reader(text);
    DiffFile file;
    while (reader.next(file)) {
    }
    return reader.problems().size();
  };
  EXPECT_EQ(problems("--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n"), 0U);
  EXPECT_EQ(problems("--- a\n+++ b\n@@ -1 +1,5 @@\n-a\n+b\n"), 1U);
  EXPECT_EQ(problems("--- a\n+++ b\n@@ -x +1 @@\n-a\n+b\n"), 1U);
  EXPECT_EQ(problems("--- a\n+++ b\n@@ -1 +4000000000 @@\n-a\n+b\n"), 1U);
  EXPECT_EQ(problems("--- a\n+++ b\n@@ -1 +1,4000000000 @@\n"), 1U);
}

// Each of these heads asks for 8 MB.
TEST(DiffReader, BoundsWhatHeadsOfHunksAskFor) {
  std::string text;
  constexpr std::size_t kFiles = 40;
  for (std::size_t i = 0; i < kFiles; ++i)
    text += "--- a/x\n+++ b/x\n@@ -0,0 +7999990 @@\n+secret\n";
  text += "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+first\n";
  DiffReader reader(text);
  DiffFile file;
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  for (; reader.next(file); ++files) bytes += file.bytes.size();
  EXPECT_EQ(files, 33U);
  EXPECT_LT(bytes, DiffReader::kFillersMax + 1000);
  EXPECT_EQ(reader.problems().size(), kFiles - 32);
}

}  // namespace
}  // namespace vedette::scan::git
