// SPDX-License-Identifier: Apache-2.0
// Programs have no names to know them by, so they are no text cases of package_file_test.cc. The
// seeds of the fuzzer are small programs made by hand.
#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/packages/installed/installed.h"
#include "formats/packages/installed/program_sections.h"

namespace vedette::formats::packages {
namespace {

std::string seed(std::string_view name) {
  Result<std::string> bytes = read_file(
      std::string(VEDETTE_SOURCE_DIR) + "/tests/corpus/program/" + std::string(name), 1 << 20);
  CHECK(bytes.has_value());
  return *bytes;
}

TEST(ProgramTest, GoNamesItsModules) {
  const PackageList list = read_program("x", seed("go"), {});
  ASSERT_EQ(list.packages.size(), 4U);
  EXPECT_EQ(list.packages[0].name, "stdlib");
  EXPECT_EQ(list.packages[0].version, "1.21.5");
  EXPECT_EQ(list.packages[1].relation, Relation::kRoot);
  EXPECT_EQ(list.packages[1].version, "");  // "(devel)"
  EXPECT_EQ(list.packages[2].name, "golang.org/x/net");
  EXPECT_EQ(list.packages[2].version, "v0.1.0");
  EXPECT_EQ(list.packages[3].name, "example.org/new");  // a replacement
  EXPECT_EQ(list.packages[3].version, "v1.1.0");
}

TEST(ProgramTest, CratesAreInASectionOfTheirOwn) {
  const PackageList list = read_program("x", seed("crates"), {});
  ASSERT_EQ(list.packages.size(), 3U);
  EXPECT_EQ(list.packages[0].relation, Relation::kRoot);
  EXPECT_EQ(list.packages[0].needs, std::vector<std::uint32_t>{1});
  EXPECT_EQ(list.packages[1].name, "serde");
  EXPECT_EQ(list.packages[2].scope, Scope::kDevelopment);
}

TEST(ProgramTest, AnyByteMayLie) {
  for (const std::string_view name : {"go", "crates"}) {
    const std::string good = seed(name);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char lie : {'\0', '\x7F', '\xFF'}) {
        std::string bytes = good;
        bytes[at] = lie;
        for (const Package& package : read_program("x", bytes, {}).packages)
          EXPECT_FALSE(package.name.empty());
      }
    }
  }
}

TEST(ProgramTest, SectionsOfThreeKinds) {
  EXPECT_TRUE(is_program("MZ\x90"));
  EXPECT_FALSE(is_program("#!/bin/sh"));
  EXPECT_FALSE(program_section("MZ", ".dep-v0").has_value());
  EXPECT_TRUE(program_section(seed("crates"), ".dep-v0").has_value());
  EXPECT_FALSE(program_section(seed("crates"), ".text").has_value());
}

// An ELF with so many program headers, each (flags, offset, size).
std::string elf_of(const std::vector<std::array<std::uint64_t, 3>>& segments) {
  const auto put = [](std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  std::string bytes(
      "\x7f"
      "ELF\x02\x01");
  bytes.resize(64 + 56 * segments.size());
  put(bytes, 0x20, 64, 8);
  put(bytes, 0x36, 56, 2);
  put(bytes, 0x38, segments.size(), 2);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::size_t at = 64 + 56 * i;
    put(bytes, at, 1, 4);
    put(bytes, at + 4, segments[i][0], 4);
    put(bytes, at + 8, segments[i][1], 8);
    put(bytes, at + 32, segments[i][2], 8);
  }
  return bytes;
}

TEST(ProgramTest, MachineCodeSaysNothingOfPackages) {
  constexpr std::uint64_t kMega = std::uint64_t{1} << 20;
  // Code, constants, data; then 60 MiB for debuggers.
  const std::string elf = elf_of({{5, 0, 8 * kMega}, {4, 8 * kMega, kMega}, {6, 9 * kMega, kMega}});
  EXPECT_EQ(program_gaps(elf, 70 * kMega),
            (std::vector<ProgramGap>{{64 << 10, 8 * kMega}, {26 * kMega, 54 * kMega}}));
  // Constants are in the code's segment, and the file is shorter than it says.
  EXPECT_EQ(program_gaps(elf_of({{5, 0, 8 * kMega}, {6, 9 * kMega, kMega}}), kMega),
            std::vector<ProgramGap>());
  EXPECT_EQ(program_gaps("MZ", 70 * kMega), std::vector<ProgramGap>());
}

}  // namespace
}  // namespace vedette::formats::packages
