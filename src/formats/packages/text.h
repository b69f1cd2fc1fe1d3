// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Pieces of the texts that package managers write.
namespace vedette::formats::packages {

inline constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text, std::string_view blanks = kBlanks);
// Without quotes of either kind around it.
std::string_view unquoted(std::string_view text);
// What stands before the first `mark`; all when there is none. `rest`: what stands behind it.
struct Halves {
  std::string_view before;
  std::string_view behind;
  bool found = false;
};
Halves cut_first(std::string_view text, std::string_view mark);
Halves cut_last(std::string_view text, std::string_view mark);
std::vector<std::string_view> words_of(std::string_view text, std::string_view blanks = kBlanks);

// Takes line after line off a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line);                // without its end ("\n" or "\r\n")
  std::uint32_t number() const { return number_; }  // of the last one, from 1

 private:
  std::string_view rest_;  // the caller's
  std::uint32_t number_ = 0;
};

// The last part of a path.
std::string_view file_name(std::string_view path);
// The path without its last part; empty when there is only one.
std::string_view folder_of(std::string_view path);
// Whether `path` has `name` as one of its folders.
bool is_below(std::string_view path, std::string_view name);

// Addresses without what would let one in: a name or password before the host ("***@"; "git@"
// stays) and the values of queries, but for those that name a state of a repository.
std::string without_credentials(std::string_view text);

// PEP 503: lower case, runs of "-_." as one "-".
std::string pypi_name(std::string_view name);
std::string lower(std::string_view text);

}  // namespace vedette::formats::packages
