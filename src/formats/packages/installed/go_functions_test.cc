// SPDX-License-Identifier: Apache-2.0
// Tables of each layout, made by hand as the linkers write them.
#include "formats/packages/installed/go_functions.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace vedette::formats::packages {
namespace {

const std::vector<std::string> kNames = {"runtime.main",
                                         "main.main",
                                         "net/http.(*Transport).RoundTrip",
                                         "net/http.Get.func1",
                                         "gopkg.in/yaml%2ev2.Unmarshal",
                                         "example.org/old/list.(*List[go.shape.string]).Push-fm",
                                         "example.org/sort.By[example.org/x/y.Z]"};

void put(std::string& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string header(std::uint8_t mark, std::size_t pointer) {
  std::string bytes;
  put(bytes, 0xFFFFFF00U | mark, 4);
  return bytes + std::string(2, '\0') + '\1' + static_cast<char>(pointer);
}

// Go 1.16 and later: `words` before the offset of names.
std::string table(std::uint8_t mark, std::size_t words, std::size_t pointer) {
  std::string names;
  for (const std::string& name : kNames) names += name + '\0';
  std::string bytes = header(mark, pointer);
  const std::size_t begin = 8 + 8 * pointer;
  put(bytes, kNames.size(), pointer);
  for (std::size_t i = 1; i < words; ++i) put(bytes, 1, pointer);
  put(bytes, begin, pointer);
  while (bytes.size() < begin) put(bytes, begin + names.size(), pointer);
  return bytes + names + "what follows\0is.NoName";
}

// Go 1.2: pairs of addresses and records, which point to the names.
std::string old_table(std::size_t pointer) {
  std::string bytes = header(0xFB, pointer);
  put(bytes, kNames.size(), pointer);
  const std::size_t records = 8 + pointer * (2 + 2 * kNames.size());
  const std::size_t record_size = pointer + 4;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    put(bytes, 0x1000 * i, pointer);
    put(bytes, records + record_size * i, pointer);
  }
  put(bytes, 0x9000, pointer);
  std::size_t at = records + record_size * kNames.size();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    put(bytes, 0x1000 * i, pointer);
    put(bytes, at, 4);
    at += kNames[i].size() + 1;
  }
  for (const std::string& name : kNames) bytes += name + '\0';
  return bytes;
}

bool has(const GoFunctions& functions, std::string_view package, std::string_view symbol) {
  return std::ranges::binary_search(functions.keys, go_symbol_key(package, symbol));
}

void expect_all(const GoFunctions& functions) {
  EXPECT_TRUE(has(functions, "net/http", "Transport.RoundTrip"));
  EXPECT_TRUE(has(functions, "net/http", "Get"));
  EXPECT_TRUE(has(functions, "net/http", ""));
  EXPECT_FALSE(has(functions, "net/http", "Post"));
  EXPECT_FALSE(has(functions, "net", ""));
  EXPECT_TRUE(has(functions, "gopkg.in/yaml.v2", "Unmarshal"));
  EXPECT_TRUE(has(functions, "example.org/sort", "By"));
  EXPECT_TRUE(has(functions, "example.org/old/list", "List.Push"));
  EXPECT_TRUE(has(functions, "example.org/new/list", "List.Push"));
  EXPECT_FALSE(has(functions, "example.org/newest", ""));
  EXPECT_TRUE(has(functions, "example.org/cmd/shop", "main"));
  EXPECT_FALSE(has(functions, "is", "NoName"));
}

const GoPaths kAlso = {{"main", "example.org/cmd/shop"}, {"example.org/old", "example.org/new"}};

TEST(GoFunctionsTest, EachLayoutTellsItsFunctions) {
  for (const std::size_t pointer : {std::size_t{4}, std::size_t{8}}) {
    for (const std::string& bytes :
         {table(0xF1, 3, pointer), table(0xF0, 3, pointer), table(0xFA, 2, pointer)}) {
      const GoFunctions functions = go_functions("MZ and so on" + bytes, kAlso);
      EXPECT_TRUE(functions.is_complete);
      expect_all(functions);
    }
    const GoFunctions functions = go_functions(old_table(pointer), kAlso);
    // What was built into others is not told.
    EXPECT_FALSE(functions.is_complete);
    expect_all(functions);
  }
}

TEST(GoFunctionsTest, ChangedNamesAreNotAll) {
  std::string bytes = table(0xF1, 3, 8);
  bytes.replace(bytes.find("runtime"), 7, "aGVsbG8");
  EXPECT_FALSE(go_functions(bytes, {}).is_complete);
}

TEST(GoFunctionsTest, AnyByteMayLie) {
  for (const std::string& good : {table(0xF1, 3, 8), old_table(4)}) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char lie : {'\0', '\x7F', '\xFF'}) {
        std::string bytes = good;
        bytes[at] = lie;
        EXPECT_TRUE(std::ranges::is_sorted(go_functions(bytes, {}).keys));
        EXPECT_TRUE(std::ranges::is_sorted(go_functions(bytes.substr(0, at), {}).keys));
      }
    }
  }
  EXPECT_TRUE(go_functions("", {}).keys.empty());
}

}  // namespace
}  // namespace vedette::formats::packages
