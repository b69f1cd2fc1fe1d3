// SPDX-License-Identifier: Apache-2.0
#include "observe/path_pattern.h"

#include <algorithm>
#include <iterator>

namespace vedette::observe {
namespace {

constexpr std::size_t kDigitsMin = 2;
constexpr std::size_t kDigitsInWordMin = 3;  // "x86_64" and "job17" are words
constexpr std::size_t kHexadecimalMin = 8;
constexpr std::size_t kTemporaryMin = 9;  // "tmp" and what mkstemp(3) puts behind it
constexpr std::size_t kUuidBytes = 36;
constexpr std::string_view kDeep = "**";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

template <typename Belongs>
std::size_t run_length(std::string_view text, Belongs belongs) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

// A UUID's 36 bytes at the front.
bool begins_with_uuid(std::string_view text) {
  if (text.size() < kUuidBytes) return false;
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hexadecimal(text[i])) return false;
  }
  return true;
}

// How many bytes at the front of `rest` differ from run to run. `in_word`: a letter, digit or
// underscore stands before it; `inside`: a letter or digit, so that words made of a to f stay.
std::size_t varying(std::string_view rest, bool in_word, bool inside) {
  const std::size_t digits = run_length(rest, is_digit);
  if (!inside) {
    if (begins_with_uuid(rest)) return kUuidBytes;
    const std::size_t size = run_length(rest, is_hexadecimal);
    const bool has_digit = std::ranges::any_of(rest.substr(0, size), is_digit);
    const bool ends = size == rest.size() || !is_word(rest[size]);
    if (size >= kHexadecimalMin && has_digit && ends) return size;
  }
  return digits >= (in_word ? kDigitsInWordMin : kDigitsMin) ? digits : 0;
}

void append_component(std::string_view component, std::string& out) {
  if (!component.empty() && run_length(component, is_digit) == component.size()) {
    out += '*';
    return;
  }
  if (component.size() >= kTemporaryMin && component.starts_with("tmp") &&
      run_length(component.substr(component[3] == '.' ? 4 : 3), is_word) >= kTemporaryMin - 3) {
    out += "tmp*";
    return;
  }
  const std::size_t start = out.size();
  for (std::size_t i = 0; i < component.size();) {
    const bool in_word = i > 0 && is_word(component[i - 1]);
    const bool inside = in_word && component[i - 1] != '_';
    const std::size_t size = varying(component.substr(i), in_word, inside);
    if (size == 0) {
      out += component[i++];
      continue;
    }
    i += size;
    // "*-*-*", a date or a UUID, says no more than "*".
    const std::size_t before = out.size() - start;
    const bool joins = before >= 2 && out[out.size() - 2] == '*' &&
                       std::string_view("-_.:").find(out.back()) != std::string_view::npos;
    if (joins) {
      out.pop_back();
    } else {
      out += '*';
    }
  }
}

std::string_view parent_of(std::string_view folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
}

// What all names end with, from a dot on: ".log"; empty when they differ.
std::string common_extension(const std::set<std::string, std::less<>>& names) {
  std::string extension;
  for (const std::string& name : names) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return {};
    if (extension.empty()) extension = name.substr(dot);
    if (extension != name.substr(dot) || extension.find('*') != std::string::npos) return {};
  }
  return extension;
}

}  // namespace

std::string generalise_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    append_component(path.substr(0, end), out);
    if (end < path.size()) out += '/';
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

bool path_matches(std::string_view pattern, std::string_view path) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to resume when what follows the last "*" or "**" does not fit: it takes one byte more.
  std::size_t star = kNone;
  std::size_t star_at = 0;
  std::size_t deep = kNone;
  std::size_t deep_at = 0;
  while (true) {
    if (pattern.substr(p).starts_with(kDeep)) {
      p += kDeep.size();
      deep = p;
      deep_at = t;
      star = kNone;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = t;
    } else if (p == pattern.size() && t == path.size()) {
      return true;
    } else if (p < pattern.size() && t < path.size() && pattern[p] == path[t]) {
      ++p;
      ++t;
    } else if (star != kNone && star_at < path.size() && path[star_at] != '/') {
      p = star;
      t = ++star_at;
    } else if (deep != kNone && deep_at < path.size()) {
      p = deep;
      t = ++deep_at;
      star = kNone;
    } else {
      return false;
    }
  }
}

bool PathPatterns::is_below_whole(std::string_view folder) const {
  for (std::string_view above = folder;; above = parent_of(above)) {
    const auto found = names_.find(above);
    if (found != names_.end() && found->second.contains(kDeep)) return true;
    if (above.empty()) return false;
  }
}

void PathPatterns::add(std::string_view path) {
  const std::string pattern = generalise_path(path);
  const std::size_t slash = pattern.rfind('/');
  if (slash == std::string::npos) return;
  const std::string_view folder = std::string_view(pattern).substr(0, slash);
  const std::string_view name = std::string_view(pattern).substr(slash + 1);
  if (is_below_whole(folder)) return;
  auto& names = names_[std::string(folder)];
  if (std::ranges::any_of(names, [&](const auto& held) { return path_matches(held, name); })) {
    return;
  }
  names.emplace(name);
  if (names.size() > kNamesMax) fold_names(names);
  if (names_.size() > kFoldersMax) fold_folders();
}

void PathPatterns::fold_names(std::set<std::string, std::less<>>& names) {
  const std::string folded = "*" + common_extension(names);
  names = {folded};
}

// The parent with the most folders; of several the deepest, of those the last.
void PathPatterns::fold_folders() {
  std::map<std::string_view, std::size_t> children;
  for (const auto& [folder, names] : names_) {
    if (!folder.empty()) ++children[parent_of(folder)];
  }
  const auto depth = [](std::string_view folder) { return std::ranges::count(folder, '/'); };
  std::string most;
  std::size_t count = 0;
  for (const auto& [parent, number] : children) {
    if (number > count || (number == count && depth(parent) >= depth(most))) {
      most = parent;
      count = number;
    }
  }
  const std::string below = most + "/";
  std::erase_if(names_, [&](const auto& entry) { return entry.first.starts_with(below); });
  names_[most] = {std::string(kDeep)};
}

std::vector<std::string> PathPatterns::patterns() const {
  std::vector<std::string> patterns;
  for (const auto& [folder, names] : names_) {
    for (const std::string& name : names) {
      patterns.emplace_back(folder).append("/").append(name);
    }
  }
  std::ranges::sort(patterns);
  return patterns;
}

}  // namespace vedette::observe
