// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Paths of which some parts differ from run to run, as patterns: "*" stands for any bytes of one
// component, "**" for any number of components.
namespace vedette::observe {

// `path` with "*" for what looks made up for one run: numbers of two digits and more (in a
// word: three), hexadecimal
// text of eight and more with a digit in it (hashes, UUIDs), and what follows "tmp". A component
// that is a number, of whatever length, is "*" as a whole.
std::string generalise_path(std::string_view path);

// Whether the whole path fits. O(path * pattern), for each "**" once; no allocation.
bool path_matches(std::string_view pattern, std::string_view path);

// Patterns of the paths that were added, few however many those are: beyond kNamesMax names in a
// folder they become "*" with what their ends have in common, beyond kFoldersMax folders those with
// the same parent become "PARENT/**".
class PathPatterns {
 public:
  static constexpr std::size_t kNamesMax = 8;
  static constexpr std::size_t kFoldersMax = 128;

  void add(std::string_view path);
  std::vector<std::string> patterns() const;  // sorted

 private:
  void fold_names(std::set<std::string, std::less<>>& names);
  void fold_folders();
  bool is_below_whole(std::string_view folder) const;

  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> names_;  // by folder
};

}  // namespace vedette::observe
