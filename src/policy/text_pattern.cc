// SPDX-License-Identifier: Apache-2.0
#include "policy/text_pattern.h"

#include <algorithm>
#include <vector>

namespace vedette::policy {
namespace {

// Which prefixes of a text the pattern so far can stand for: bit i for the first i bytes.
class Prefixes {
 public:
  explicit Prefixes(std::string_view text) : text_(text), reached_(text.size() + 1) {
    reached_[0] = true;
  }

  bool whole() const { return reached_.back(); }

  // One byte that is `wanted`, or any but '/' for '?'.
  void take(char wanted, bool any) {
    for (std::size_t i = text_.size(); i > 0; --i) {
      const char found = text_[i - 1];
      reached_[i] = reached_[i - 1] && (any ? found != '/' : found == wanted);
    }
    reached_[0] = false;
  }

  void take_run(bool over_slashes) {
    for (std::size_t i = 1; i < reached_.size(); ++i)
      reached_[i] = reached_[i] || (reached_[i - 1] && (over_slashes || text_[i - 1] != '/'));
  }

  // Nothing, or whole folders.
  void take_folders() {
    bool before = reached_[0];
    for (std::size_t i = 1; i < reached_.size(); ++i) {
      const bool here = reached_[i];
      if (before && text_[i - 1] == '/') reached_[i] = true;
      before = before || here;
    }
  }

 private:
  std::string_view text_;  // the caller's, for the length of one match
  std::vector<bool> reached_;
};

bool matches(std::string_view pattern, std::string_view text, bool slashes_part) {
  Prefixes prefixes(text);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '?') {
      prefixes.take('?', true);
    } else if (pattern[i] != '*') {
      prefixes.take(pattern[i], false);
    } else if (slashes_part && pattern.substr(i).starts_with("**/")) {
      prefixes.take_folders();
      i += 2;
    } else {
      const bool run = pattern.substr(i).starts_with("**");
      prefixes.take_run(run || !slashes_part);
      i += run ? 1 : 0;
    }
  }
  return prefixes.whole();
}

}  // namespace

bool name_matches(std::string_view pattern, std::string_view name) {
  return matches(pattern, name, false);
}

bool path_matches(std::string_view pattern, std::string_view path) {
  if (pattern.find('/') == std::string_view::npos)
    return matches(pattern, path.substr(path.rfind('/') + 1), true);
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (!pattern.ends_with('/')) return matches(pattern, path, true);
  return matches(std::string(pattern) + "**", path, true);
}

bool matches_everything(std::string_view pattern) {
  return !pattern.empty() &&
         std::ranges::all_of(pattern, [](char c) { return c == '*' || c == '/'; });
}

}  // namespace vedette::policy
