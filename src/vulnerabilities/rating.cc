// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/rating.h"

#include <algorithm>
#include <array>

#include "formats/advisories/cvss.h"

namespace vedette::vulnerabilities {
namespace {

using event::Level;

struct WordRow {
  std::string_view word;  // in lower case
  Level level;
};
// GitHub's, Red Hat's, SUSE's, Debian's and Ubuntu's.
constexpr std::array kWords = {
    WordRow{"negligible", Level::kLow},  WordRow{"unimportant", Level::kLow},
    WordRow{"low", Level::kLow},         WordRow{"medium", Level::kMedium},
    WordRow{"moderate", Level::kMedium}, WordRow{"important", Level::kHigh},
    WordRow{"high", Level::kHigh},       WordRow{"critical", Level::kCritical},
};

Level level_of(double score) {
  if (score <= 0) return Level::kInformational;
  if (score < 4) return Level::kLow;
  if (score < 7) return Level::kMedium;
  return score < 9 ? Level::kHigh : Level::kCritical;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

}  // namespace

Rating rate(const std::vector<Severity>& severity) {
  Rating rating;
  SeverityType newest = SeverityType::kCvss2;
  for (const Severity& one : severity) {
    if (one.type == SeverityType::kOther) continue;
    const Result<double> score = formats::advisories::cvss_score(one.text);
    if (!score) continue;
    const bool is_newer = rating.score < 0 || one.type > newest;
    if (!is_newer && (one.type < newest || *score <= rating.score)) continue;
    newest = one.type;
    rating = {level_of(*score), *score, one.text, "", true};
  }
  if (rating.is_known) return rating;
  for (const Severity& one : severity) {
    const auto* const row = std::ranges::find(kWords, lower(one.text), &WordRow::word);
    if (row == kWords.end() || (rating.is_known && row->level <= rating.level)) continue;
    rating = {row->level, -1, "", one.text, true};
  }
  return rating;
}

}  // namespace vedette::vulnerabilities
