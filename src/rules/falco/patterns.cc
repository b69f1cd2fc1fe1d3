// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/patterns.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>

#include "match/glob.h"
#include "match/regex.h"

namespace vedette::rules::falco {
namespace {

// Of the texts of a set that is written as an expression: their tree nests so deep.
constexpr std::size_t kTextBytesMax = 200;

// The bytes of the UTF-8 character at text[at]; a stray byte is one.
std::size_t character_size(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  return std::min(size, text.size() - at);
}

void append_escaped(std::string_view text, std::string& out) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$-/)";
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

// A glob as a run of literal characters and wildcards.
struct GlobPart {
  enum class Kind : std::uint8_t { kText, kAnyRun, kAnyOne, kSet };
  Kind kind = Kind::kText;
  std::string text;  // kText: the characters; kSet: the inside of an expression's set
};

// The set behind the '[' at pattern[at]; nothing when no ']' closes it, so that '[' is itself.
std::optional<GlobPart> set_at(std::string_view pattern, std::size_t& at) {
  std::size_t end = at + 1;
  GlobPart part{GlobPart::Kind::kSet, {}};
  if (end < pattern.size() && (pattern[end] == '!' || pattern[end] == '^')) {
    part.text = '^';
    ++end;
  }
  for (bool first = true; end < pattern.size() && (first || pattern[end] != ']'); first = false) {
    if (pattern.substr(end).starts_with("[:")) {
      const std::size_t close = pattern.find(":]", end);
      if (close == std::string_view::npos) return std::nullopt;
      part.text += pattern.substr(end, close + 2 - end);
      end = close + 2;
      continue;
    }
    if (pattern[end] == '\\' && end + 1 < pattern.size()) ++end;
    const bool range =
        pattern[end] == '-' && !first && end + 1 < pattern.size() && pattern[end + 1] != ']';
    if (range) {
      part.text += '-';
    } else {
      append_escaped(pattern.substr(end, 1), part.text);
    }
    ++end;
  }
  if (end >= pattern.size()) return std::nullopt;
  at = end;
  return part;
}

std::vector<GlobPart> parts_of(std::string_view pattern) {
  std::vector<GlobPart> parts;
  const auto add_text = [&parts](char c) {
    if (parts.empty() || parts.back().kind != GlobPart::Kind::kText) parts.emplace_back();
    parts.back().text += c;
  };
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '*') {
      const bool again = !parts.empty() && parts.back().kind == GlobPart::Kind::kAnyRun;
      if (!again) parts.push_back({GlobPart::Kind::kAnyRun, {}});
    } else if (c == '?') {
      parts.push_back({GlobPart::Kind::kAnyOne, {}});
    } else if (c == '\\' && at + 1 < pattern.size()) {
      add_text(pattern[++at]);
    } else if (c == '[') {
      if (auto set = set_at(pattern, at)) {
        parts.push_back(std::move(*set));
      } else {
        add_text(c);
      }
    } else {
      add_text(c);
    }
  }
  return parts;
}

// `one`: what a wildcard stands for.
std::string expression_of(const std::vector<GlobPart>& parts, std::string_view one) {
  std::string out;
  for (const GlobPart& part : parts) {
    switch (part.kind) {
      case GlobPart::Kind::kText:
        append_escaped(part.text, out);
        break;
      case GlobPart::Kind::kAnyRun:
        out += fmt::format("{}*", one);
        break;
      case GlobPart::Kind::kAnyOne:
        out += one;
        break;
      case GlobPart::Kind::kSet:
        out += fmt::format("[{}]", part.text);
        break;
    }
  }
  return out;
}

// As the cheapest test that means the same.
Predicate plain_glob(const std::vector<GlobPart>& parts, Case letter_case) {
  const auto is_run = [](const GlobPart& part) { return part.kind == GlobPart::Kind::kAnyRun; };
  if (parts.empty()) return {Test::kEquals, letter_case, {}};
  const bool front = is_run(parts.front());
  const bool back = parts.size() > 1 && is_run(parts.back());
  const std::size_t inner = parts.size() - (front ? 1 : 0) - (back ? 1 : 0);
  const GlobPart& first = parts[front ? 1 - (parts.size() == 1 ? 1 : 0) : 0];
  if (inner == 1 && first.kind == GlobPart::Kind::kText) {
    const Test test = front && back ? Test::kContains
                      : front       ? Test::kEndsWith
                      : back        ? Test::kStartsWith
                                    : Test::kEquals;
    return {test, letter_case, first.text};
  }
  Predicate predicate{Test::kGlob, letter_case, {}};
  for (const GlobPart& part : parts) {
    if (part.kind == GlobPart::Kind::kText) predicate.text += part.text;
    if (part.kind == GlobPart::Kind::kAnyRun) predicate.text += kAnyRun;
    if (part.kind == GlobPart::Kind::kAnyOne) predicate.text += kAnyOne;
  }
  return predicate;
}

Parsed<Predicate> checked(std::string pattern, std::string_view written) {
  const auto regex = match::Regex::compile(pattern);
  if (!regex.has_value()) {
    return refuse(fmt::format("'{}' is no expression: {}", written, regex.error().message),
                  std::string(written));
  }
  return Predicate{Test::kRegex, Case::kRespect, std::move(pattern)};
}

// Texts by their characters.
struct CharacterTree {
  bool ends = false;
  std::map<std::string, std::unique_ptr<CharacterTree>, std::less<>> children;
};

// What completes none of the texts of the tree. Recursion as deep as kTextBytesMax.
std::string complement(const CharacterTree& tree) {
  std::string others;
  std::string out;
  for (const auto& [character, child] : tree.children) {
    append_escaped(character, others);
    std::string escaped;
    append_escaped(character, escaped);
    out += fmt::format("|{}{}", escaped, complement(*child));
  }
  const std::string start = others.empty() ? ".+" : fmt::format("[^{}].*", others);
  return fmt::format("(?:{}{}{})", tree.ends ? "" : "|", start, out);
}

}  // namespace

Parsed<Predicate> glob_predicate(std::string_view pattern, Case letter_case) {
  const std::vector<GlobPart> parts = parts_of(pattern);
  const bool has_set = std::ranges::any_of(
      parts, [](const GlobPart& part) { return part.kind == GlobPart::Kind::kSet; });
  if (!has_set) return plain_glob(parts, letter_case);
  const std::string_view flags = letter_case == Case::kIgnore ? "(?si)" : "(?s)";
  return checked(fmt::format("{}\\A{}\\z", flags, expression_of(parts, ".")), pattern);
}

Parsed<Predicate> regex_predicate(const std::string& pattern) {
  return checked(fmt::format("\\A(?m:{})\\z", pattern), pattern);
}

Parsed<Predicate> path_predicate(const std::vector<std::string>& paths) {
  std::string alternatives;
  for (const std::string& path : paths) {
    std::string components;
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::string_view component = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(component.size() + 1, rest.size()));
      if (component.empty()) continue;
      if (!components.empty()) components += "/+";
      components += expression_of(parts_of(component), "[^/]");
    }
    if (!alternatives.empty()) alternatives += '|';
    // The root leads everywhere.
    alternatives += components.empty() ? ".*" : components + "(?:/.*)?";
  }
  return checked(fmt::format("(?s)\\A/*(?:{})\\z", alternatives), paths.front());
}

Parsed<Predicate> none_of_predicate(const std::vector<std::string>& texts) {
  CharacterTree tree;
  for (const std::string& text : texts) {
    if (text.size() > kTextBytesMax) {
      return refuse(fmt::format("a value of more than {} bytes cannot be compared with all values "
                                "of a field",
                                kTextBytesMax),
                    text);
    }
    CharacterTree* node = &tree;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = character_size(text, at);
      auto& child = node->children[text.substr(at, size)];
      if (child == nullptr) child = std::make_unique<CharacterTree>();
      node = child.get();
      at += size;
    }
    node->ends = true;
  }
  return checked(fmt::format("(?s)\\A{}\\z", complement(tree)), texts.empty() ? "" : texts.front());
}

}  // namespace vedette::rules::falco
