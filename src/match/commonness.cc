// SPDX-License-Identifier: Apache-2.0
#include "match/commonness.h"

#include <algorithm>
#include <cmath>

#include "match/pair_cost_table.h"

namespace vedette::match {
namespace {

constexpr std::size_t kDigit = 26;
constexpr std::size_t kOther = 27;
constexpr double kStepsPerBit = 4;
constexpr double kInCompany = 0.1;

std::size_t class_of(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<std::size_t>(c - 'a');
  return c >= '0' && c <= '9' ? kDigit : kOther;
}

}  // namespace

double text_commonness(std::string_view text) {
  double share = 1;
  std::size_t before = kOther;
  bool is_first = true;
  for (const char c : text) {
    const std::size_t now = class_of(c);
    const bool follows = before != kOther && now != kOther;
    const double steps = kPairCosts[before][now] - '0';
    // Ten digits share the cost of one class.
    const double alone = now == kDigit ? 0.1 : 1.0;
    // Signs come in company ("://", "----"), which the model of single bytes does not know.
    const double least = before == kOther && !is_first ? kInCompany : 0;
    share *= follows ? std::exp2(-steps / kStepsPerBit) * alone
                     : std::max(byte_commonness(c) / 1000.0, least);
    before = now;
    is_first = false;
  }
  return share;
}

}  // namespace vedette::match
