// SPDX-License-Identifier: Apache-2.0
#include "scan/gitleaks_report.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

#include "base/arena.h"
#include "event/value.h"

namespace vedette::scan {
namespace {

struct TextKey {
  std::string_view name;
  std::string GitleaksFinding::* field;
};
constexpr std::array kTextKeys = {
    TextKey{"RuleID", &GitleaksFinding::rule},
    TextKey{"File", &GitleaksFinding::file},
    TextKey{"Commit", &GitleaksFinding::commit},
    TextKey{"Secret", &GitleaksFinding::secret},
    TextKey{"Fingerprint", &GitleaksFinding::fingerprint},
};

// Walks over JSON text (RFC 8259) and looks no closer than it needs to.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  char peek() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  std::unexpected<Error> bad(std::string_view expected) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected {} at byte {} of a gitleaks JSON report, found {}",
                               expected, at_, at_ < text_.size() ? "something else" : "its end"));
  }

  // The inside of a string, with its escapes.
  Result<std::string_view> string() {
    if (!take('"')) return bad("a string");
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) return bad("the end of a string");
    return text_.substr(begin, at_++ - begin);
  }

  // A number, true, false or null, as it is written.
  std::string_view word() {
    peek();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",]} \t\r\n\"[{:", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  Result<void> skip_value() {
    std::size_t depth = 0;
    do {
      const char next = peek();
      if (next == '"') {
        TRY_VOID(string());
      } else if (next == '{' || next == '[') {
        ++at_;
        if (++depth > kGitleaksDepthMax)
          return failure(ErrorCode::kLimit, fmt::format("more than {} levels at byte {} of a "
                                                        "gitleaks JSON report",
                                                        kGitleaksDepthMax, at_));
      } else if (depth != 0 && (next == '}' || next == ']')) {
        ++at_;
        --depth;
      } else if (depth != 0 && (next == ',' || next == ':')) {
        ++at_;
      } else if (word().empty()) {
        return bad("a value");
      }
    } while (depth != 0);
    return {};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string unescape(std::string_view raw, Arena& arena) {
  const event::Value value{raw.data(),
                           static_cast<std::uint32_t>(raw.size()),
                           event::Kind::kString,
                           event::Encoding::kJson,
                           0,
                           0,
                           0};
  return std::string(event::text_of(value, arena));
}

Result<void> read_member(Reader& reader, GitleaksFinding& finding, Arena& arena) {
  TRY(const std::string_view key, reader.string());
  if (!reader.take(':')) return reader.bad("a colon");
  for (const TextKey& row : kTextKeys) {
    if (row.name != key || reader.peek() != '"') continue;
    TRY(const std::string_view raw, reader.string());
    finding.*row.field = unescape(raw, arena);
    return {};
  }
  if (key != "StartLine") return reader.skip_value();
  const std::string_view digits = reader.word();
  if (digits.empty()) return reader.skip_value();
  std::from_chars(digits.data(), digits.data() + digits.size(), finding.line);
  return {};
}

}  // namespace

Result<std::vector<GitleaksFinding>> read_gitleaks_report(std::string_view text) {
  Reader reader(text);
  Arena arena;
  std::vector<GitleaksFinding> findings;
  if (!reader.take('[')) {
    if (reader.word() == "null") return findings;
    return reader.bad("an array of findings");
  }
  while (!reader.take(']')) {
    if (!findings.empty() && !reader.take(',')) return reader.bad("a comma or the array's end");
    if (!reader.take('{')) return reader.bad("a finding");
    if (findings.size() == kGitleaksFindingsMax)
      return failure(ErrorCode::kLimit, fmt::format("more than {} findings in a gitleaks report",
                                                    kGitleaksFindingsMax));
    GitleaksFinding& finding = findings.emplace_back();
    for (bool first = true; !reader.take('}'); first = false) {
      if (!first && !reader.take(',')) return reader.bad("a comma or the finding's end");
      TRY_VOID(read_member(reader, finding, arena));
    }
    arena.clear();
  }
  return findings;
}

}  // namespace vedette::scan
