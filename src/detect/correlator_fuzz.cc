// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "detect/correlator.h"
#include "rules/sigma/sigma.h"

// Correlations as text, then a line of `%` and matches of its rules, three bytes each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vedette::detect::Correlator;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find("\n%\n"), text.size());
  const auto rules = vedette::rules::sigma::load_text(text.substr(0, end), "fuzz.yml", {});
  if (!rules.has_value() || rules->rules.empty()) return 0;
  Correlator correlator(*rules, {.lateness = 2 * vedette::kNsPerSecond, .state_max = 200});
  const auto emit = [](const vedette::event::Alert& alert) { CHECK(alert.event_count > 0); };
  constexpr std::array<std::string_view, 6> kValues = {{{}, {"", 0}, "1", "-2.5", "1e300", "ann"}};
  std::vector<std::string_view> values;
  for (std::size_t at = end + 3; at + 3 <= text.size(); at += 3) {
    const std::size_t rule = data[at] % rules->rules.size();
    values.assign(correlator.fields_of(rule).size(), kValues[data[at + 1] % kValues.size()]);
    correlator.add({rule, true, (data[at + 2] - 64) * vedette::kNsPerSecond,
                    data[at] < 128 ? "one" : "two", at / 6, at, "", values},
                   emit);
  }
  correlator.finish(emit);
  return 0;
}
