// SPDX-License-Identifier: Apache-2.0
#include "formats/findings/others_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "base/digest.h"
#include "formats/packages/text.h"

namespace vedette::formats::findings {
namespace {

constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kTextBytesMax = 4096;

struct Word {
  std::string_view word;
  event::Level level;
};
constexpr std::array<Word, 10> kWords = {{
    {"critical", event::Level::kCritical},
    {"high", event::Level::kHigh},
    {"important", event::Level::kHigh},
    {"medium", event::Level::kMedium},
    {"moderate", event::Level::kMedium},
    {"low", event::Level::kLow},
    {"negligible", event::Level::kLow},
    {"info", event::Level::kInformational},
    {"informational", event::Level::kInformational},
    {"none", event::Level::kInformational},
}};

}  // namespace

event::Level level_of_score(double score) {
  if (score >= 9) return event::Level::kCritical;
  if (score >= 7) return event::Level::kHigh;
  if (score >= 4) return event::Level::kMedium;
  return score > 0 ? event::Level::kLow : event::Level::kInformational;
}

std::optional<event::Level> level_of_word(std::string_view word) {
  const auto* const row = std::ranges::find(kWords, packages::lower(word), &Word::word);
  if (row == kWords.end()) return std::nullopt;
  return row->level;
}

std::optional<double> score_of(const packages::Node& node) {
  double value = -1;
  const auto [end, error] =
      std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  if (error != std::errc() || end != node.text.data() + node.text.size()) return std::nullopt;
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::string vulnerability_identity(std::string_view purl_type, std::string_view distribution,
                                   std::string_view package, std::string_view id) {
  return to_hexadecimal(
      sha256(fmt::format("vulnerability\n{}\n{}\n{}\n{}", purl_type, distribution, package, id)),
      kIdentityDigits);
}

std::string bounded(std::string_view text) {
  if (text.size() <= kTextBytesMax) return std::string(text);
  std::size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::unexpected<Error> unexpected_shape(const std::string& name, const packages::Node& node,
                                        std::string_view expected) {
  return failure(ErrorCode::kInvalid, fmt::format("{}:{}: expected {}, found something else", name,
                                                  node.line, expected));
}

std::pair<event::FindingRule*, bool> RuleBook::at(std::string_view pack, std::string_view id) {
  const auto [found, added] = known_.try_emplace(fmt::format("{}\n{}", pack, id), nullptr);
  if (added) {
    found->second = &report_.rules.emplace_back();
    found->second->id = id;
    found->second->pack = pack;
  }
  return {found->second, added};
}

}  // namespace vedette::formats::findings
