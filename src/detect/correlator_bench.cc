// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <benchmark/benchmark.h>
#include <string>

#include "detect/correlator.h"

// Time of Correlator::add() for one match, by type of correlation, with a window that is always
// full: of 100 groups with 1,000 matches each, or of one group with 100,000 distinct values.
namespace vedette::detect {
namespace {

using rules::Correlation;
using rules::CorrelationType;

rules::RuleSet rules_of(CorrelationType type, std::size_t references) {
  rules::RuleSet rules;
  rules.rules.resize(references);
  Correlation correlation;
  correlation.type = type;
  for (std::size_t i = 0; i < references; ++i) correlation.references.push_back({false, i, ""});
  correlation.group_by = {"user"};
  const bool counts_values = type != CorrelationType::kEventCount && references == 1;
  if (counts_values) correlation.fields = {"value"};
  correlation.timespan = 100'000;
  correlation.bounds = {{rules::Comparison::kGreater, 1e18}};
  rules.correlations.push_back(correlation);
  return rules;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back(std::to_string(100'000 + i * 7919 % count));
  return texts;
}

void add_matches(benchmark::State& state, CorrelationType type, std::size_t references,
                 std::size_t groups, std::size_t distinct, TimeNs lateness) {
  const rules::RuleSet rules = rules_of(type, references);
  Correlator correlator(rules, {.lateness = lateness});
  const std::vector<std::string> users = numbered(groups);
  const std::vector<std::string> values = numbered(distinct);
  const auto emit = [](const event::Alert&) {};
  TimeNs now = 0;
  const auto add_one = [&] {
    const auto i = static_cast<std::size_t>(++now);
    const std::array<std::string_view, 2> fields = {users[i % groups],
                                                    values[i / groups % distinct]};
    const std::size_t rule = i / groups % references;
    correlator.add({rule, true, now, "log", i, i, "host",
                    std::span(fields).first(correlator.fields_of(rule).size())},
                   emit);
  };
  for (int i = 0; i < 200'000; ++i) add_one();
  for (auto _ : state) add_one();
  state.SetItemsProcessed(state.iterations());
}

using Type = CorrelationType;
BENCHMARK_CAPTURE(add_matches, event_count, Type::kEventCount, 1, 100, 1, 0);
BENCHMARK_CAPTURE(add_matches, event_count_lateness, Type::kEventCount, 1, 100, 1, 10'000);
BENCHMARK_CAPTURE(add_matches, value_count, Type::kValueCount, 1, 100, 500, 0);
BENCHMARK_CAPTURE(add_matches, value_count_100000_distinct, Type::kValueCount, 1, 1, 100'000, 0);
BENCHMARK_CAPTURE(add_matches, value_sum, Type::kValueSum, 1, 100, 500, 0);
BENCHMARK_CAPTURE(add_matches, value_avg, Type::kValueAverage, 1, 100, 500, 0);
BENCHMARK_CAPTURE(add_matches, value_median, Type::kValueMedian, 1, 100, 500, 0);
BENCHMARK_CAPTURE(add_matches, value_percentile_100000, Type::kValuePercentile, 1, 1, 100'000, 0);
BENCHMARK_CAPTURE(add_matches, temporal_3, Type::kTemporal, 3, 100, 1, 0);
BENCHMARK_CAPTURE(add_matches, temporal_ordered_3, Type::kTemporalOrdered, 3, 100, 1, 0);
BENCHMARK_CAPTURE(add_matches, temporal_ordered_10, Type::kTemporalOrdered, 10, 100, 1, 0);

}  // namespace
}  // namespace vedette::detect

BENCHMARK_MAIN();
