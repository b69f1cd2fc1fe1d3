// SPDX-License-Identifier: Apache-2.0
// Bundles of each layout, made by hand as the publishing step writes them.
#include "formats/packages/installed/dotnet_bundle.h"

#include <cstdint>
#include <gtest/gtest.h>

#include "formats/packages/installed/installed.h"

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kDeps =
    R"({"libraries": {"shop/1.0.0": {"type": "project"}, "Newtonsoft.Json/12.0.1": {"type": "package"}}})";
constexpr std::string_view kMark(
    "\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32"
    "\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae",
    32);

void put(std::string& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

void put_text(std::string& bytes, std::string_view text) {
  bytes += static_cast<char>(text.size());
  bytes += text;
}

// Deflate of one block that is stored.
std::string deflated(std::string_view text) {
  std::string bytes = "\1";
  put(bytes, text.size(), 2);
  put(bytes, ~text.size(), 2);
  return bytes.append(text);
}

std::string bundle(std::uint32_t version, bool is_packed) {
  const std::string stored = is_packed ? deflated(kDeps) : std::string(kDeps);
  std::string bytes = "MZ a host program ";
  const std::size_t place = bytes.size();
  put(bytes, 0, 8);
  bytes.append(kMark).append(" the rest of it ");
  const std::size_t list = bytes.size();
  bytes += stored;
  std::string at;
  put(at, bytes.size(), 8);
  bytes.replace(place, 8, at);
  put(bytes, version, 4);
  put(bytes, 0, 4);
  put(bytes, 2, 4);
  put_text(bytes, "kYvnBz0WZ8Y=");
  if (version >= 2) bytes += std::string(40, '\0');
  for (const bool is_list : {false, true}) {
    put(bytes, list, 8);
    put(bytes, is_list ? kDeps.size() : 0, 8);
    if (version >= 6) put(bytes, is_list && is_packed ? stored.size() : 0, 8);
    put(bytes, is_list ? 3 : 1, 1);
    put_text(bytes, is_list ? "shop.deps.json" : "shop.dll");
  }
  return bytes;
}

TEST(DotnetBundleTest, EachLayoutHasItsList) {
  for (const std::string& bytes :
       {bundle(1, false), bundle(2, false), bundle(6, false), bundle(6, true)}) {
    const auto list = bundled_deps_json(bytes);
    ASSERT_TRUE(list && *list);
    EXPECT_EQ((*list)->name, "shop.deps.json");
    EXPECT_EQ((*list)->text, kDeps);
    const PackageList packages = read_program("opt/shop", bytes, {});
    ASSERT_EQ(packages.packages.size(), 2U);
    EXPECT_EQ(packages.packages[1].name, "Newtonsoft.Json");
    EXPECT_EQ(packages.packages[1].path, "opt/shop/shop.deps.json");
  }
}

TEST(DotnetBundleTest, OthersHaveNone) {
  const auto none = bundled_deps_json("MZ and nothing else");
  EXPECT_TRUE(none && !*none);
  const auto host = bundled_deps_json("MZ" + std::string(8, '\0') + std::string(kMark));
  EXPECT_TRUE(host && !*host);
}

TEST(DotnetBundleTest, AnyByteMayLieOrBeMissing) {
  const std::string good = bundle(6, true);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char lie : {'\0', '\x7F', '\xFF'}) {
      std::string bytes = good;
      bytes[at] = lie;
      const auto list = bundled_deps_json(bytes);
      EXPECT_TRUE(!list || !*list || (*list)->name.size() <= good.size());
    }
    const auto cut = bundled_deps_json(std::string_view(good).substr(0, at));
    EXPECT_FALSE(cut && cut->has_value());
  }
  EXPECT_FALSE(bundled_deps_json(std::string_view(good).substr(0, good.size() - 1)).has_value());
}

}  // namespace
}  // namespace vedette::formats::packages
