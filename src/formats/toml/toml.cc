// SPDX-License-Identifier: Apache-2.0
#include "formats/toml/toml.h"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

// Header only and without exceptions: the packaged library is built with them.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#define TOML_ENABLE_WINDOWS_COMPAT 0
// The library's parser and destructors recurse; this and kKeyPartsMax bound how deep.
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

namespace vedette::formats::toml {
namespace {

namespace library = ::toml;

// The library bounds the nesting of values, but not the parts of a dotted key, each of which is a
// table in a table. Goes over a text as far as it is TOML, telling strings and comments from keys.
class KeyPartsScanner {
 public:
  explicit KeyPartsScanner(std::string_view text) : text_(text) {}

  // The line of the first key with too many parts; 0 when there is none.
  std::uint32_t find_too_long() {
    std::size_t dots = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '.' && ++dots >= kKeyPartsMax) return line_;
      if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') dots = 0;
      if (c == '\n') ++line_;
      ++at_;
    }
    return 0;
  }

 private:
  void skip_string(char quote) {
    const std::string triple(3, quote);
    const bool multi_line = text_.substr(at_, 3) == triple;
    at_ += multi_line ? 3 : 1;
    while (at_ < text_.size()) {
      if (multi_line ? text_.substr(at_, 3) == triple : text_[at_] == quote) {
        at_ += multi_line ? 3 : 1;
        // Up to two more quotes belong to the string.
        while (multi_line && at_ < text_.size() && text_[at_] == quote) ++at_;
        return;
      }
      if (text_[at_] == '\n') {
        if (!multi_line) return;
        ++line_;
      }
      at_ += quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n'
                 ? 2
                 : 1;
    }
  }

  std::string_view text_;  // the caller's
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

template <typename Time>
std::string text_of(const Time& time) {
  std::ostringstream out;
  out << time;
  return out.str();
}

// Values yet to be copied, so that no nesting of the input nests calls.
struct Pending {
  const library::node* from;
  Node* to;
  std::size_t depth;
};

void copy_scalar(const library::node& from, Node& to) {
  if (const auto* text = from.as_string()) {
    to.kind = NodeKind::kString;
    to.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.kind = NodeKind::kInteger;
    to.integer = integer->get();
    to.number = static_cast<double>(integer->get());
  } else if (const auto* number = from.as_floating_point()) {
    to.kind = NodeKind::kFloat;
    to.number = number->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = NodeKind::kBoolean;
    to.boolean = boolean->get();
  } else {
    to.kind = NodeKind::kTime;
    if (const auto* date = from.as_date()) to.text = text_of(date->get());
    if (const auto* time = from.as_time()) to.text = text_of(time->get());
    if (const auto* date_time = from.as_date_time()) to.text = text_of(date_time->get());
  }
}

void copy_array(const library::array& from, Node& to, std::size_t depth,
                std::vector<Pending>& pending) {
  to.kind = NodeKind::kArray;
  to.elements.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    pending.push_back({&from[i], &to.elements[i], depth + 1});
  }
}

// The library sorts keys; their places give the written order back.
void copy_table(const library::table& from, Node& to, std::size_t depth,
                std::vector<Pending>& pending) {
  to.kind = NodeKind::kTable;
  std::vector<std::pair<const library::key*, const library::node*>> entries;
  for (const auto& [key, value] : from) entries.emplace_back(&key, &value);
  std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
    return a.first->source().begin < b.first->source().begin;
  });
  to.members.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [key, value] = entries[i];
    Member& member = to.members[i];
    member.key = key->str();
    member.line = key->source().begin.line;
    member.column = key->source().begin.column;
    pending.push_back({value, &member.value, depth + 1});
  }
}

Result<void> copy(const library::table& top, Node& root, const Limits& limits) {
  std::vector<Pending> pending = {{&top, &root, 0}};
  std::size_t values = 0;
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    next.to->line = next.from->source().begin.line;
    next.to->column = next.from->source().begin.column;
    if (next.depth > limits.depth_max) {
      return failure(ErrorCode::kLimit, fmt::format("line {}: nested deeper than {}", next.to->line,
                                                    limits.depth_max));
    }
    if (const auto* array = next.from->as_array()) {
      copy_array(*array, *next.to, next.depth, pending);
    } else if (const auto* table = next.from->as_table()) {
      copy_table(*table, *next.to, next.depth, pending);
    } else {
      copy_scalar(*next.from, *next.to);
    }
    if (++values + pending.size() > limits.values_max) {
      return failure(ErrorCode::kLimit, fmt::format("more than {} values", limits.values_max));
    }
  }
  return {};
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Result<Document> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.file_bytes_max) {
    return failure(ErrorCode::kLimit, fmt::format("TOML of {} bytes, more than {}", text.size(),
                                                  limits.file_bytes_max));
  }
  if (const std::uint32_t line = KeyPartsScanner(text).find_too_long(); line != 0) {
    return failure(ErrorCode::kLimit,
                   fmt::format("line {}: a key of more than {} parts", line, kKeyPartsMax));
  }
  Document document;
  const library::parse_result parsed = library::parse(text);
  if (!parsed) {
    const library::parse_error& error = parsed.error();
    document.errors.push_back(
        {error.source().begin.line, error.source().begin.column, std::string(error.description())});
    return document;
  }
  TRY_VOID(copy(parsed.table(), document.root, limits));
  return document;
}

}  // namespace vedette::formats::toml
