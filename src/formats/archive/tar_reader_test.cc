// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/tar_reader.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "formats/archive/archive.h"
#include "formats/archive/test_pieces.h"

namespace vedette::formats::archive {
namespace {

std::string header(std::string_view name, std::size_t size, char type, std::string_view link = {}) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  std::string digits = "00000000000";
  for (std::size_t at = digits.size(); size > 0; size /= 8)
    digits[--at] = static_cast<char>('0' + size % 8);
  block.replace(124, 11, digits);
  block[156] = type;
  block.replace(157, link.size(), link);
  block.replace(257, 6, std::string("ustar\0", 6));
  block.replace(148, 8, "        ");
  std::size_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::string octal = "000000";
  for (std::size_t at = octal.size(); sum > 0; sum /= 8)
    octal[--at] = static_cast<char>('0' + sum % 8);
  return block.replace(148, 7, octal + '\0');
}

std::string padded(std::string text) { return text.append((512 - text.size() % 512) % 512, '\0'); }

struct Seen {
  std::string name;
  std::string link;
  TarType type;
  std::string bytes;

  bool operator==(const Seen&) const = default;
};

// What is peeked at is read again, and what is taken in one piece is what read() would give.
std::vector<Seen> entries_in(ByteStream& stream, bool takes, std::string* error) {
  TarReader reader(stream);
  std::vector<Seen> seen;
  while (true) {
    const Result<const TarEntry*> entry = reader.next();
    if (!entry && error != nullptr) *error = entry.error().message;
    if (!entry || *entry == nullptr) return seen;
    Seen one{std::string((*entry)->name), std::string((*entry)->link), (*entry)->type, ""};
    const Result<std::string_view> peeked = reader.peek(3);
    const std::string begin(peeked ? *peeked : "");
    if (takes) {
      const Result<std::optional<std::string_view>> taken = reader.take();
      if (taken && *taken) one.bytes = **taken;
    }
    char bytes[7];
    while (true) {
      const Result<std::size_t> got = reader.read(bytes, sizeof(bytes));
      if (!got || *got == 0) break;
      one.bytes.append(bytes, *got);
    }
    EXPECT_EQ(one.bytes.substr(0, begin.size()), begin);
    seen.push_back(std::move(one));
  }
}

// All entries, then the message of the error, if there was one: the same however the bytes come.
std::vector<Seen> entries_of(const std::string& tar, std::string* error = nullptr) {
  MemoryStream stream(tar);
  std::vector<Seen> seen = entries_in(stream, false, error);
  for (const std::size_t step : {1UZ, 100UZ, 512UZ, 700UZ, 1UZ << 20}) {
    for (const bool lends : {false, true}) {
      PiecesStream pieces(tar, step, lends);
      std::string other;
      EXPECT_EQ(entries_in(pieces, lends, &other), seen) << step << lends;
      if (error != nullptr) {
        EXPECT_EQ(other, *error);
      }
    }
  }
  MemoryStream kept(tar);
  EXPECT_EQ(entries_in(kept, true, nullptr), seen);
  return seen;
}

TEST(TarReaderTest, ReadsFilesFoldersAndLinks) {
  const std::vector<Seen> seen = entries_of(header("a/", 0, '5') + header("a/b", 11, '0') +
                                            padded("hello world") + header("a/c", 0, '1', "a/b") +
                                            header("d", 0, '2', "/etc") + std::string(1024, '\0'));
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].type, TarType::kFolder);
  EXPECT_EQ(seen[1].bytes, "hello world");
  EXPECT_EQ(seen[2].type, TarType::kHardLink);
  EXPECT_EQ(seen[2].link, "a/b");
  EXPECT_EQ(seen[3].type, TarType::kSymbolicLink);
}

TEST(TarReaderTest, LongNamesOfBothKinds) {
  const std::string name(300, 'n');
  const std::string record = "310 path=" + name + "\n";
  const std::vector<Seen> seen =
      entries_of(header("x", record.size(), 'x') + padded(record) + header("short", 1, '0') +
                 padded("1") + header("././@LongLink", name.size() + 1, 'L') + padded(name + '\0') +
                 header("short", 1, '0') + padded("2") + header("next", 0, '0'));
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].name, name);
  EXPECT_EQ(seen[1].name, name);
  EXPECT_EQ(seen[1].bytes, "2");
  EXPECT_EQ(seen[2].name, "next");
}

TEST(TarReaderTest, SaysWhereItIsDamagedOrEndsTooEarly) {
  std::string error;
  EXPECT_EQ(entries_of(header("a", 600, '0') + std::string(512, 'x'), &error).size(), 1U);
  EXPECT_NE(error.find("ends too early, 88 bytes"), std::string::npos) << error;
  std::string damaged = header("a", 0, '0') + header("b", 0, '0');
  damaged[520] = 'x';
  EXPECT_EQ(entries_of(damaged, &error).size(), 1U);
  EXPECT_NE(error.find("damaged at byte 512"), std::string::npos) << error;
  EXPECT_EQ(entries_of(header("x", std::size_t{1} << 30, 'x'), &error).size(), 0U);
  EXPECT_NE(error.find("expected at most"), std::string::npos) << error;
}

// Each file of the archive and its bytes; the message of an error as the last.
std::vector<std::pair<std::string, std::string>> files_of(const std::string& tar,
                                                          const Limits& limits = {}) {
  Expansion expansion(limits);
  Result<std::unique_ptr<ArchiveReader>> reader =
      ArchiveReader::create(Packing::kTar, std::make_unique<MemoryStream>(tar), expansion);
  std::vector<std::pair<std::string, std::string>> files;
  while (reader) {
    const Result<std::optional<std::string>> name = (*reader)->next();
    if (!name) files.emplace_back("error", name.error().message);
    if (!name || !*name) break;
    std::string text(100, '\0');
    const Result<std::size_t> got = (*reader)->content()->read(text.data(), text.size());
    text.resize(got ? *got : 0);
    files.emplace_back(**name, text);
  }
  return files;
}

TEST(TarArchiveTest, GivesFilesAloneWithNamesThatCanBeShown) {
  const std::string tar = header("a/", 0, '5') + header("a/\x1b", 2, '0') + padded("hi") +
                          header("l", 0, '1', "a/b") + header("d", 0, '2', "/etc") +
                          header("z", 0, '0') + std::string(1024, '\0');
  const std::vector<std::pair<std::string, std::string>> files = files_of(tar);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0], (std::pair<std::string, std::string>("a/\\x1b", "hi")));
  EXPECT_EQ(files[1].first, "z");
  Limits limits;
  limits.members_max = 3;
  EXPECT_NE(files_of(tar, limits).back().second.find("more than 3 members"), std::string::npos);
}

// A map of ten million holes is bytes of the file like others, and is not taken apart.
TEST(TarArchiveTest, AFileWithHolesIsItsStoredBytes) {
  const std::string record = "22 GNU.sparse.major=1\n";
  const auto files = files_of(header("x", record.size(), 'x') + padded(record) +
                              header("holes", 4, '0') + padded("1\n0\n") + header("b", 0, '0'));
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].second, "1\n0\n");
}

TEST(TarReaderTest, LargeEntriesAreTakenWhereTheyLie) {
  std::string large(TarReader::kPeekMax + 12'345, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 + i / 512);
  const std::string tar = header("a", large.size(), '0') + padded(large) + header("b", 2, '0') +
                          padded("hi") + header("c", large.size(), '0') + padded(large);
  const std::vector<Seen> seen = entries_of(tar);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].bytes, large);
  EXPECT_EQ(seen[1].bytes, "hi");
  EXPECT_EQ(seen[2].bytes, large);
  MemoryStream stream(tar);
  TarReader reader(stream);
  ASSERT_TRUE(reader.next());
  const Result<std::optional<std::string_view>> taken = reader.take();
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->data(), stream.kept(512, 1)->data());
}

}  // namespace
}  // namespace vedette::formats::archive
