// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/license.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/hash.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kReferenceBytesMax = 60;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

bool folds_before(std::string_view a, std::string_view b) {
  return std::ranges::lexicographical_compare(a, b,
                                              [](char x, char y) { return lower(x) < lower(y); });
}

// As the list writes it; empty: it is none of it.
std::string_view listed(std::string_view name, std::span<const std::string_view> ids) {
  const auto found = std::ranges::lower_bound(ids, name, folds_before);
  return found != ids.end() && !folds_before(name, *found) ? *found : std::string_view();
}

// What people write instead, without what simple_name() takes off. Whatever is less certain than
// these (GPL without a version, BSD without its number of clauses) stays unknown.
struct Alias {
  std::string_view name;
  std::string_view id;
};
constexpr std::array<Alias, 41> kAliases = {{
    {"agplv3", "AGPL-3.0-only"},
    {"agplv3+", "AGPL-3.0-or-later"},
    {"apache", "Apache-2.0"},
    {"apache 2", "Apache-2.0"},
    {"apache 2.0", "Apache-2.0"},
    {"apache software", "Apache-2.0"},
    {"apache software 2.0", "Apache-2.0"},
    {"apache-2", "Apache-2.0"},
    {"apache2", "Apache-2.0"},
    {"apache2.0", "Apache-2.0"},
    {"asl 2.0", "Apache-2.0"},
    {"boost software", "BSL-1.0"},
    {"bsd 2-clause", "BSD-2-Clause"},
    {"bsd 3-clause", "BSD-3-Clause"},
    {"bsd-2", "BSD-2-Clause"},
    {"bsd-3", "BSD-3-Clause"},
    {"cc0", "CC0-1.0"},
    {"eclipse public 2.0", "EPL-2.0"},
    {"expat", "MIT"},
    {"gpl-2", "GPL-2.0-only"},
    {"gpl-2+", "GPL-2.0-or-later"},
    {"gpl-3", "GPL-3.0-only"},
    {"gpl-3+", "GPL-3.0-or-later"},
    {"gplv2", "GPL-2.0-only"},
    {"gplv2+", "GPL-2.0-or-later"},
    {"gplv3", "GPL-3.0-only"},
    {"gplv3+", "GPL-3.0-or-later"},
    {"isc (iscl)", "ISC"},
    {"lgpl-2.1", "LGPL-2.1-only"},
    {"lgpl-2.1+", "LGPL-2.1-or-later"},
    {"lgpl-3", "LGPL-3.0-only"},
    {"lgplv2+", "LGPL-2.0-or-later"},
    {"lgplv2.1", "LGPL-2.1-only"},
    {"lgplv3", "LGPL-3.0-only"},
    {"lgplv3+", "LGPL-3.0-or-later"},
    {"mit/x11", "MIT"},
    {"mozilla public 2.0", "MPL-2.0"},
    {"mplv2.0", "MPL-2.0"},
    {"python software foundation", "PSF-2.0"},
    {"the unlicense", "Unlicense"},
    {"zpl 2.1", "ZPL-2.1"},
}};

// "The Apache License, Version 2.0" is "apache 2.0".
std::string simple_name(std::string_view written) {
  std::string name = lower(written);
  const auto drop = [&name](std::string_view word, std::string_view instead) {
    for (std::size_t at = 0; (at = name.find(word, at)) != std::string::npos;) {
      name.replace(at, word.size(), instead);
      at += instead.size();
    }
  };
  drop(",", "");
  drop(" version ", " ");
  drop(" v.", " ");
  drop(" v2", " 2");
  drop(" license", "");
  drop(" licence", "");
  drop("license ", "");
  if (name.starts_with("the ") && name != "the unlicense") name.erase(0, 4);
  while (name.ends_with(' ')) name.pop_back();
  return name;
}

std::string_view alias_of(std::string_view written) {
  const std::string name = simple_name(written);
  const auto* const found =
      std::ranges::lower_bound(kAliases, std::string_view(name), {}, &Alias::name);
  if (found != kAliases.end() && found->name == name) return found->id;
  return listed(name, license_ids());
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// The grammar of annex D: OR binds weakest, WITH strongest. No recursion: operators wait on a
// stack.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Nothing where the text is no expression of listed names.
  std::optional<std::string> parse() {
    if (!read_group()) return std::nullopt;
    skip_spaces();
    if (at_ != text_.size() || groups_.size() != 1) return std::nullopt;
    return std::move(groups_.back().text);
  }

 private:
  struct Group {
    std::string text;
    bool wants_name = true;
  };

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }

  std::string_view word() {
    skip_spaces();
    const std::size_t begin = at_;
    if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == ')')) ++at_;
    if (at_ > begin) return text_.substr(begin, 1);
    at_ = std::min(text_.find_first_of(" \t\n()", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  // "GPL-2.0+" and listed names with a + of their own.
  static std::string name_of(std::string_view word) {
    if (const std::string_view id = listed(word, license_ids()); !id.empty())
      return std::string(id);
    if (word.ends_with('+')) {
      const std::string_view id = listed(word.substr(0, word.size() - 1), license_ids());
      if (!id.empty()) return std::string(id) + '+';
    }
    if (word.starts_with("LicenseRef-") || word.starts_with("DocumentRef-"))
      return std::string(word);
    return {};
  }

  bool read_group() {
    groups_.emplace_back();
    while (at_ < text_.size()) {
      const std::string_view next = word();
      if (next.empty()) break;
      if (!take(next)) return false;
    }
    return !groups_.back().wants_name;
  }

  bool take(std::string_view next) {
    Group& group = groups_.back();
    if (next == "(") {
      if (!group.wants_name || groups_.size() == kDepthMax) return false;
      groups_.emplace_back();
      return true;
    }
    if (next == ")") {
      if (group.wants_name || groups_.size() == 1) return false;
      const std::string inner = std::move(group.text);
      groups_.pop_back();
      groups_.back().text += '(' + inner + ')';
      groups_.back().wants_name = false;
      return true;
    }
    if (group.wants_name) {
      const std::string name = name_of(next);
      group.text += name;
      group.wants_name = false;
      return !name.empty();
    }
    const std::string keyword = lower(next);
    if (keyword == "with") {
      const std::string_view exception = listed(word(), license_exception_ids());
      group.text += " WITH " + std::string(exception);
      return !exception.empty();
    }
    if (keyword != "and" && keyword != "or") return false;
    group.text += keyword == "and" ? " AND " : " OR ";
    group.wants_name = true;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Group> groups_;
};

// "MIT/Apache-2.0", as crates wrote it once, where each part is a name.
std::optional<std::string> either_of(std::string_view text) {
  std::string joined;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = trimmed(text.substr(begin, end - begin));
    std::string_view id = listed(part, license_ids());
    if (id.empty()) id = alias_of(part);
    if (id.empty()) return std::nullopt;
    joined += (joined.empty() ? "" : " OR ") + std::string(id);
    begin = end + 1;
  }
  return joined;
}

// Letters, digits, '.' and '-' are allowed; what was left out tells by the hash.
std::string reference_id(std::string_view written) {
  std::string id = "LicenseRef-";
  for (const char c : written.substr(0, kReferenceBytesMax)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (is_plain) id += c;
    if (!is_plain && !id.ends_with('-')) id += '-';
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  id += id.ends_with('-') ? "" : "-";
  for (std::uint64_t hash = hash_bytes(written), i = 0; i < 8; ++i, hash >>= 4)
    id += kDigits[hash & 15];
  return id;
}

}  // namespace

LicenseExpression license_expression(std::string_view written) {
  LicenseExpression expression;
  written = trimmed(written);
  if (written.empty()) return expression;
  if (written.size() <= kLicenseBytesMax) {
    if (std::optional<std::string> parsed = Parser(written).parse()) {
      expression.text = std::move(*parsed);
      return expression;
    }
    if (const std::string_view id = alias_of(written); !id.empty()) {
      expression.text = id;
      return expression;
    }
    if (written.find('/') != std::string_view::npos) {
      if (std::optional<std::string> parsed = either_of(written)) {
        expression.text = std::move(*parsed);
        return expression;
      }
    }
  }
  written = written.substr(0, kLicenseBytesMax);
  expression.is_known = false;
  expression.text = reference_id(written);
  expression.references.push_back({expression.text, std::string(written)});
  return expression;
}

LicenseExpression license_expression(std::span<const std::string> written) {
  LicenseExpression all;
  std::vector<std::string> seen;
  for (const std::string& one : written) {
    LicenseExpression expression = license_expression(one);
    if (expression.text.empty() || std::ranges::find(seen, expression.text) != seen.end()) continue;
    seen.push_back(expression.text);
    all.is_known = all.is_known && expression.is_known;
    std::ranges::move(expression.references, std::back_inserter(all.references));
  }
  for (const std::string& text : seen) {
    const bool is_choice = seen.size() > 1 && text.find(" OR ") != std::string::npos;
    all.text += all.text.empty() ? "" : " AND ";
    all.text += is_choice ? '(' + text + ')' : text;
  }
  return all;
}

}  // namespace vedette::formats::packages
