// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "formats/models/jinja.h"
#include "scan/models/document_judge.h"
#include "scan/models/exchange/exchange_report.h"

namespace vedette::scan::models {
namespace {

using formats::models::JinjaToken;
using Kind = JinjaToken::Kind;

constexpr std::size_t kShownMax = 100;

// Attributes by which anything leads to everything. A chat template has no use for any name like
// "__x__".
bool is_hidden(std::string_view text) {
  const std::size_t begin = text.find("__");
  if (begin == std::string_view::npos) return false;
  const std::size_t end = text.find("__", begin + 3);
  if (end == std::string_view::npos) return false;
  return std::ranges::all_of(text.substr(begin, end - begin), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Those of them that lead somewhere, also where they are no more than an argument.
bool is_leading(std::string_view text) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"__class__", "__mro__", "__base__", "__bases__", "__subclasses__", "__globals__",
       "__builtins__", "__init__", "__import__", "__dict__", "__getattribute__", "__getitem__",
       "__code__", "__closure__", "__loader__", "__self__", "__func__", "__reduce__"});
  return std::ranges::any_of(
      kNames, [text](std::string_view one) { return text.find(one) != std::string_view::npos; });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_sign(const JinjaToken& token, char sign) {
  return token.kind == Kind::kSign && token.text[0] == sign;
}

// As an argument, or what attributes are put into.
bool is_given(const std::vector<JinjaToken>& tag, std::size_t i) {
  const bool behind = i > 0 && (is_sign(tag[i - 1], ',') || is_sign(tag[i - 1], '='));
  const bool before = i + 1 < tag.size() && (is_sign(tag[i + 1], '.') || is_sign(tag[i + 1], '|'));
  return behind || before;
}

// The part of a tag that leaves the sandbox; "" for none.
std::string hostile_part(const std::vector<JinjaToken>& tag) {
  for (std::size_t i = 0; i < tag.size(); ++i) {
    const JinjaToken& token = tag[i];
    const bool subscript = i > 0 && is_sign(tag[i - 1], '[');
    const bool argument = i > 0 && is_sign(tag[i - 1], '(');
    // A variable may be called so: only attributes lead on, and the names that do.
    const bool of_value = i > 0 && (is_sign(tag[i - 1], '.') || is_sign(tag[i - 1], '|'));
    if (token.kind == Kind::kName && (of_value ? is_hidden(token.text) : is_leading(token.text)))
      return token.text;
    if (token.kind == Kind::kText && subscript && is_hidden(token.text)) return token.text;
    if (token.kind == Kind::kText && (argument || is_given(tag, i)) && is_leading(token.text))
      return token.text;
    // A name is put together of its characters.
    if (token.kind == Kind::kText && token.text.find("%c") != std::string::npos &&
        (token.text.find("%c") != token.text.rfind("%c") ||
         (i + 1 < tag.size() && is_sign(tag[i + 1], '*'))))
      return token.text;
    // x['_' * 2 + …]: signs of such a name are multiplied.
    if (token.kind == Kind::kText && !token.text.empty() &&
        token.text.find_first_not_of('_') == std::string::npos && i + 1 < tag.size() &&
        is_sign(tag[i + 1], '*'))
      return "'" + token.text + "' *";
    // More than memory holds.
    if (token.kind == Kind::kNumber && token.text.size() > 8 && i > 0 && is_sign(tag[i - 1], '*'))
      return "* " + token.text;
    if (token.kind != Kind::kName) continue;
    const bool attribute = i > 0 && is_sign(tag[i - 1], '.');
    const bool filter = i > 0 && is_sign(tag[i - 1], '|');
    const bool followed = i + 1 < tag.size() && is_sign(tag[i + 1], '.');
    if (filter && token.text == "attr") return "|attr";
    if (filter && token.text == "map" && i + 2 < tag.size() && tag[i + 2].text == "attr")
      return "|map('attr')";
    if (i == 0 && is_one_of(token.text, {"include", "import", "from", "extends"}) &&
        tag.size() > 1 && tag[1].kind == Kind::kText && leads_outside(tag[1].text))
      return token.text + " '" + tag[1].text + "'";
    if (token.text == "_TemplateReference__context") return token.text;
    if (attribute && is_one_of(token.text, {"popen", "system", "mro", "f_globals", "gi_frame",
                                            "func_globals", "tb_frame", "cr_frame", "f_builtins"}))
      return "." + token.text;
    // Objects of Jinja's and of web frameworks that lead out.
    if (!attribute && followed &&
        is_one_of(token.text, {"lipsum", "cycler", "joiner", "get_flashed_messages", "url_for"}))
      return token.text;
    if (!attribute && token.text == "lipsum") return token.text;
    // More than memory holds.
    if (token.text == "range" && i + 2 < tag.size() && is_sign(tag[i + 1], '(') &&
        tag[i + 2].kind == Kind::kNumber && tag[i + 2].text.size() > 8)
      return "range(" + tag[i + 2].text + ")";
  }
  return {};
}

}  // namespace

bool is_walk(std::string_view part) {
  return part.find("__") != std::string_view::npos ||
         is_one_of(part, {"lipsum", "cycler", "joiner", ".popen", ".mro", ".f_globals", ".gi_frame",
                          ".func_globals", ".tb_frame", ".cr_frame", ".f_builtins"});
}

std::string hostile_template(std::string_view text) {
  if (text.find("{{") == std::string_view::npos && text.find("{%") == std::string_view::npos)
    return {};
  constexpr std::size_t kJoinedMax = std::size_t{64} << 10;
  std::string joined;  // pieces that variables put together
  std::string weaker;  // the first of those that may be another language's
  for (std::vector<JinjaToken>& tag : formats::models::jinja_tags(text)) {
    std::string part = hostile_part(tag);
    if (is_walk(part)) return part;
    formats::models::fold_constants(tag);
    if (part.empty()) part = hostile_part(tag);
    if (is_walk(part)) return part;
    if (weaker.empty()) weaker = std::move(part);
    for (std::size_t i = 0; i < tag.size() && joined.size() < kJoinedMax; ++i) {
      const bool is_keyword = tag[i].kind == Kind::kName && i + 1 < tag.size() &&
                              is_sign(tag[i + 1], '=') && i > 0 && !is_sign(tag[i - 1], '=');
      const bool is_piece = tag[i].kind == Kind::kText || is_keyword;
      if (is_piece && tag[i].text.find("__") != std::string::npos) joined += tag[i].text;
    }
  }
  return is_leading(joined) ? joined.substr(0, kShownMax) : weaker;
}

}  // namespace vedette::scan::models
