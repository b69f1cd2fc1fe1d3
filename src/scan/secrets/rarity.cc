// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/rarity.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "match/pair_cost_table.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kDigitClass = 26;
constexpr std::size_t kOtherClass = 27;
constexpr double kStepsPerBit = 4;

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t byte = 0; byte < classes.size(); ++byte) {
    const bool lower = byte >= 'a' && byte <= 'z';
    const bool upper = byte >= 'A' && byte <= 'Z';
    const bool digit = byte >= '0' && byte <= '9';
    classes[byte] = static_cast<std::uint8_t>(lower   ? byte - 'a'
                                              : upper ? byte - 'A'
                                              : digit ? kDigitClass
                                                      : kOtherClass);
  }
  return classes;
}();

// c * log2(c), which spares the logarithm of each count.
const std::array<double, kRarityBytes + 1>& count_logs() {
  static const std::array<double, kRarityBytes + 1> kLogs = [] {
    std::array<double, kRarityBytes + 1> values{};
    for (std::size_t count = 1; count < values.size(); ++count) {
      values[count] = static_cast<double>(count) * std::log2(static_cast<double>(count));
    }
    return values;
  }();
  return kLogs;
}

}  // namespace

double rarity_bits(std::string_view text) {
  text = text.substr(0, kRarityBytes);
  if (text.empty()) return 0;
  std::size_t before = kOtherClass;
  int steps = 0;
  for (const char c : text) {
    const std::size_t now = kClasses[static_cast<unsigned char>(c)];
    steps += match::kPairCosts[before][now] - '0';
    before = now;
  }
  return steps / kStepsPerBit / static_cast<double>(text.size());
}

double entropy_bits(std::string_view text) {
  text = text.substr(0, kRarityBytes);
  if (text.empty()) return 0;
  std::array<std::uint8_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  const std::array<double, kRarityBytes + 1>& logs = count_logs();
  double sum = 0;
  for (const char c : text) {  // each different byte once
    std::uint8_t& count = counts[static_cast<unsigned char>(c)];
    sum += logs[count];
    count = 0;
  }
  return (logs[text.size()] - sum) / static_cast<double>(text.size());
}

}  // namespace vedette::scan::secrets
