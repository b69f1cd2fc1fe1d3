// SPDX-License-Identifier: Apache-2.0
#include "detect/correlator.h"

#include <gtest/gtest.h>
#include <random>

#include "detect/correlator_oracle.h"

namespace vedette::detect {
namespace {

using oracle::Fields;
using oracle::Match;
using rules::Comparison;
using rules::Correlation;
using rules::CorrelationType;
using rules::Expression;

// Runs matches through the correlator and keeps its alerts in the oracle's form.
struct Outcome {
  std::vector<oracle::Alert> alerts;
  std::vector<std::string> hosts;
  CorrelatorCounts counts;
};

// From the match at `cut` on a new correlator goes on; `cut` is the first match of its event.
Outcome run(const rules::RuleSet& rules, const std::vector<Match>& matches,
            const CorrelatorOptions& options = {}, std::size_t cut = 0) {
  Outcome result;
  auto held = std::make_unique<Correlator>(rules, options);
  const auto emit = [&](const event::Alert& alert) {
    oracle::Alert kept;
    while (&rules.correlations[kept.correlation].info != alert.rule) ++kept.correlation;
    kept.time = alert.time;
    kept.first_time = alert.first_time;
    kept.input = alert.input;
    kept.record = alert.record;
    kept.value = alert.value;
    kept.event_count = alert.event_count;
    for (const event::AlertField& field : alert.group) kept.group.emplace_back(field.value);
    for (const std::string_view title : alert.rules) kept.rules.emplace_back(title);
    result.alerts.push_back(kept);
    result.hosts.emplace_back(alert.role(event::Role::kHost));
  };
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const Match& match = matches[i];
    if (i == cut && cut != 0) {
      auto next = std::make_unique<Correlator>(rules, options);
      next->take_over(*held, emit);
      held = std::move(next);
    }
    Correlator& correlator = *held;
    values.clear();
    for (const std::string& field : correlator.fields_of(match.rule)) {
      const auto found = match.fields.find(field);
      values.push_back(found == match.fields.end() ? std::string_view()
                                                   : std::string_view(found->second));
    }
    const auto host = match.fields.find("host");
    correlator.add({match.rule, match.has_time, match.time, match.input, match.record, 0,
                    host == match.fields.end() ? std::string_view() : host->second, values},
                   emit);
  }
  held->finish(emit);
  result.counts = held->counts();
  return result;
}

rules::RuleSet base_rules(std::size_t count) {
  rules::RuleSet rules;
  rules.rules.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    rules.rules[i].info.title = std::string("rule ") + static_cast<char>('a' + i);
  }
  return rules;
}

Correlation make(CorrelationType type, std::vector<std::size_t> references, TimeNs timespan,
                 std::vector<rules::Bound> bounds) {
  Correlation correlation;
  correlation.info.title = "correlation";
  correlation.info.correlation = true;
  correlation.type = type;
  for (const std::size_t index : references) correlation.references.push_back({false, index, ""});
  correlation.timespan = timespan;
  correlation.bounds = std::move(bounds);
  return correlation;
}

rules::Bound at_least(double value) { return {Comparison::kGreaterEquals, value}; }

Match match_of(std::size_t rule, TimeNs time, std::uint64_t record, Fields fields = {},
               std::string input = "log") {
  return {rule, true, time, std::move(input), record, std::move(fields)};
}

std::vector<TimeNs> times_of(const Outcome& run) {
  std::vector<TimeNs> times;
  for (const oracle::Alert& alert : run.alerts) times.push_back(alert.time);
  return times;
}

TEST(Correlator, WindowIsOpenAtItsStart) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(2)}));
  EXPECT_TRUE(run(rules, {match_of(0, 0, 1), match_of(0, 10, 2)}).alerts.empty());
  const Outcome found = run(rules, {match_of(0, 1, 1), match_of(0, 10, 2)});
  ASSERT_EQ(found.alerts.size(), 1U);
  EXPECT_EQ(found.alerts[0].time, 10);
  EXPECT_EQ(found.alerts[0].first_time, 1);
  EXPECT_EQ(found.alerts[0].event_count, 2U);
  EXPECT_EQ(found.alerts[0].record, 2U);
}

TEST(Correlator, IsQuietUntilTheReportedEventsHaveLeft) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(2)}));
  std::vector<Match> matches;
  for (int i = 0; i <= 25; ++i) matches.push_back(match_of(0, i, static_cast<unsigned>(i + 1)));
  EXPECT_EQ(times_of(run(rules, matches)), (std::vector<TimeNs>{1, 11, 21}));
}

TEST(Correlator, AbsentGroupFieldIsIncompleteAndAnEmptyOneIsNot) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(1)}));
  rules.correlations[0].group_by = {"host"};
  const Outcome found = run(rules, {match_of(0, 0, 1), match_of(0, 0, 2, {{"host", ""}}),
                                    match_of(0, 0, 3, {{"host", "web"}})});
  EXPECT_EQ(found.counts.incomplete, 1U);
  ASSERT_EQ(found.alerts.size(), 2U);
  EXPECT_EQ(found.alerts[0].group, std::vector<std::string>{""});
  EXPECT_EQ(found.hosts[1], "web");
}

TEST(Correlator, LateMatchesDoNotCountAndLatenessWaitsForThem) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(3)}));
  const std::vector<Match> matches = {match_of(0, 100, 1), match_of(0, 98, 2), match_of(0, 99, 3),
                                      match_of(0, 120, 4)};
  const Outcome strict = run(rules, matches);
  EXPECT_EQ(strict.counts.late, 2U);
  EXPECT_TRUE(strict.alerts.empty());
  const Outcome patient = run(rules, matches, {.lateness = 2});
  EXPECT_EQ(patient.counts.late, 0U);
  ASSERT_EQ(patient.alerts.size(), 1U);
  EXPECT_EQ(patient.alerts[0].time, 100);
  EXPECT_EQ(patient.alerts[0].record, 1U);
  EXPECT_EQ(patient.alerts[0].first_time, 98);
  EXPECT_EQ(run(rules, matches, {.lateness = 1}).counts.late, 1U);
}

TEST(Correlator, NextInputMayStartEarlierAndMayGoOn) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(2)}));
  const Outcome back = run(rules, {match_of(0, 100, 1, {}, "one"), match_of(0, 50, 1, {}, "two"),
                                   match_of(0, 51, 2, {}, "two")});
  EXPECT_EQ(back.counts.restarts, 1U);
  EXPECT_EQ(back.counts.late, 0U);
  EXPECT_EQ(times_of(back), std::vector<TimeNs>{51});
  const Outcome on = run(rules, {match_of(0, 100, 1, {}, "one"), match_of(0, 105, 1, {}, "two")});
  EXPECT_EQ(times_of(on), std::vector<TimeNs>{105});
  // With lateness, inputs that overlap in time are woven into one.
  const Outcome woven = run(rules,
                            {match_of(0, 10, 1, {}, "one"), match_of(0, 100, 2, {}, "one"),
                             match_of(0, 15, 1, {}, "two")},
                            {.lateness = 1000});
  EXPECT_EQ(woven.counts.restarts, 0U);
  EXPECT_EQ(times_of(woven), std::vector<TimeNs>{15});
}

TEST(Correlator, OneEventFromTheFutureDoesNotSilenceTheInput) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(2)}));
  std::vector<Match> matches = {match_of(0, 1'000'000, 1)};
  for (unsigned i = 0; i < 150; ++i) matches.push_back(match_of(0, i * 100, i + 2));
  matches.push_back(match_of(0, 14'905, 200));
  const Outcome found = run(rules, matches);
  EXPECT_EQ(found.counts.late, Correlator::kLateRunMax);
  EXPECT_EQ(times_of(found), std::vector<TimeNs>{14'905});
}

TEST(Correlator, OneEventIsOneStepOfAnOrder) {
  rules::RuleSet rules = base_rules(2);
  rules.correlations.push_back(make(CorrelationType::kTemporalOrdered, {0, 1}, 10, {}));
  EXPECT_TRUE(run(rules, {match_of(0, 0, 1), match_of(1, 0, 1)}).alerts.empty());
  EXPECT_TRUE(run(rules, {match_of(1, 0, 1), match_of(0, 0, 2)}).alerts.empty());
  EXPECT_EQ(run(rules, {match_of(0, 0, 1), match_of(1, 0, 2)}).alerts.size(), 1U);
}

TEST(Correlator, DecidesWhenAllMatchesOfAnEventAreIn) {
  rules::RuleSet rules = base_rules(2);
  rules.correlations.push_back(make(CorrelationType::kTemporal, {0, 1}, 10, {}));
  Expression first;
  first.kind = Expression::Kind::kLeaf;
  first.field = "0";
  Expression second = first;
  second.field = "1";
  rules.correlations[0].condition = Expression::make(
      Expression::Kind::kAnd, {first, Expression::make(Expression::Kind::kNot, {second})});
  EXPECT_TRUE(run(rules, {match_of(0, 0, 1), match_of(1, 0, 1)}).alerts.empty());
  EXPECT_EQ(run(rules, {match_of(0, 0, 1), match_of(1, 0, 2)}).alerts.size(), 1U);

  Correlator live(rules, {});
  int alerts = 0;
  const auto emit = [&](const event::Alert&) { ++alerts; };
  live.add({0, true, 0, "log", 1, 0, "", {}}, emit);
  EXPECT_EQ(alerts, 0);
  live.end_event(emit);
  EXPECT_EQ(alerts, 1);
  live.end_event(emit);
  live.finish(emit);
  EXPECT_EQ(alerts, 1);
}

TEST(Correlator, OuterCorrelationTakesFieldsOfTheCompletingEvent) {
  rules::RuleSet rules = base_rules(2);
  Correlation inner = make(CorrelationType::kEventCount, {0}, 10, {at_least(2)});
  inner.group_by = {"host"};
  inner.silent = true;
  Correlation outer = make(CorrelationType::kTemporalOrdered, {1}, 100, {});
  outer.references.insert(outer.references.begin(), {true, 0, "inner"});
  outer.group_by = {"user"};
  rules.correlations = {inner, outer};
  const Outcome found =
      run(rules, {match_of(0, 0, 1, {{"host", "h"}, {"user", "x"}}),
                  match_of(0, 1, 2, {{"host", "h"}, {"user", "ann"}}),
                  match_of(1, 20, 3, {{"user", "x"}}), match_of(1, 30, 4, {{"user", "ann"}})});
  ASSERT_EQ(found.alerts.size(), 1U);
  EXPECT_EQ(found.alerts[0].correlation, 1U);
  EXPECT_EQ(found.alerts[0].time, 30);
  EXPECT_EQ(found.alerts[0].group, std::vector<std::string>{"ann"});
  EXPECT_EQ(found.alerts[0].rules, (std::vector<std::string>{"correlation", "rule b"}));
}

TEST(Correlator, EvictsTheGroupTouchedLeastRecently) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 1000, {at_least(2)}));
  rules.correlations[0].group_by = {"user"};
  std::vector<Match> matches;
  for (unsigned i = 0; i < 100; ++i) {
    matches.push_back(match_of(0, i, i + 1, {{"user", "u" + std::to_string(i)}}));
  }
  matches.push_back(match_of(0, 200, 200, {{"user", "u99"}}));
  matches.push_back(match_of(0, 201, 201, {{"user", "u0"}}));
  const Outcome all = run(rules, matches);
  EXPECT_EQ(all.counts.evictions, 0U);
  EXPECT_EQ(all.alerts.size(), 2U);
  const Outcome few = run(rules, matches, {.state_max = 100});
  EXPECT_GT(few.counts.evictions, 50U);
  ASSERT_EQ(few.alerts.size(), 1U);
  EXPECT_EQ(few.alerts[0].group, std::vector<std::string>{"u99"});
}

TEST(Correlator, DecidesEarlyRatherThanHoldTooManyWaitingMatches) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kEventCount, {0}, 10, {at_least(2)}));
  std::vector<Match> matches;
  for (unsigned i = 0; i < 1000; ++i) matches.push_back(match_of(0, i * 20, i + 1));
  matches.push_back(match_of(0, 19'985, 2000));
  const Outcome found = run(rules, matches, {.lateness = 1'000'000, .state_max = 200});
  EXPECT_EQ(found.counts.late, 0U);
  EXPECT_EQ(found.counts.evictions, 0U);
  EXPECT_EQ(times_of(found), std::vector<TimeNs>{19'985});
}

TEST(Correlator, SumsDoNotDrift) {
  rules::RuleSet rules = base_rules(1);
  rules.correlations.push_back(make(CorrelationType::kValueSum, {0}, 100, {at_least(1e18)}));
  rules.correlations.push_back(make(CorrelationType::kValueSum, {0}, 4, {at_least(0.6)}));
  for (Correlation& correlation : rules.correlations) correlation.fields = {"n"};
  std::vector<Match> matches;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> any(-1e12, 1e12);
  for (unsigned i = 0; i < 20'000; ++i) {
    matches.push_back(match_of(0, i, i + 1, {{"n", std::to_string(any(random))}}));
  }
  // All that came before has left when these are summed.
  for (unsigned i = 0; i < 3; ++i) {
    matches.push_back(match_of(0, 21'000 + i, 30'000 + i, {{"n", i == 0 ? "0.3" : "0.15"}}));
  }
  const Outcome found = run(rules, matches);
  ASSERT_FALSE(found.alerts.empty());
  EXPECT_EQ(found.alerts.back().time, 21'002);
  EXPECT_DOUBLE_EQ(found.alerts.back().value, 0.6);
}

// ---- against the oracle ----

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_);
  }
  bool chance(std::size_t percent) { return below(100) < percent; }

 private:
  std::mt19937 engine_;
};

Expression random_condition(Random& random, std::size_t references, int depth) {
  if (depth == 0 || random.chance(35)) {
    Expression leaf;
    leaf.kind = Expression::Kind::kLeaf;
    leaf.field = std::to_string(random.below(references));
    return leaf;
  }
  if (random.chance(25)) {
    return Expression::make(Expression::Kind::kNot,
                            {random_condition(random, references, depth - 1)});
  }
  return Expression::make(random.chance(50) ? Expression::Kind::kAnd : Expression::Kind::kOr,
                          {random_condition(random, references, depth - 1),
                           random_condition(random, references, depth - 1)});
}

std::vector<rules::Bound> random_bounds(Random& random, CorrelationType type) {
  std::vector<rules::Bound> bounds;
  const bool counts = type == CorrelationType::kEventCount ||
                      type == CorrelationType::kValueCount || type == CorrelationType::kTemporal ||
                      type == CorrelationType::kTemporalOrdered;
  for (std::size_t i = 1 + random.below(2); i-- > 0;) {
    const double value = counts ? 1 + static_cast<double>(random.below(4))
                                : static_cast<double>(random.below(40)) / 4;
    const auto comparison =
        random.chance(60) ? Comparison::kGreaterEquals : static_cast<Comparison>(random.below(6));
    bounds.push_back({comparison, value});
  }
  return bounds;
}

Correlation random_correlation(Random& random, std::size_t rules, std::size_t earlier) {
  const auto type = static_cast<CorrelationType>(random.below(8));
  Correlation correlation = make(type, {}, static_cast<TimeNs>(1 + random.below(20)), {});
  correlation.info.title = "correlation " + std::to_string(earlier);
  for (std::size_t i = 1 + random.below(4); i-- > 0;) {
    const bool inner = earlier > 0 && random.chance(35);
    correlation.references.push_back({inner, random.below(inner ? earlier : rules), ""});
  }
  for (const char* const name : {"host", "user", "who"}) {
    if (random.chance(30)) correlation.group_by.emplace_back(name);
  }
  for (std::size_t i = 0; i < correlation.references.size(); ++i) {
    if (random.chance(80)) correlation.aliases["who"][i] = random.chance(50) ? "user" : "host";
  }
  const bool temporal =
      type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
  if (temporal && random.chance(40)) {
    correlation.condition = random_condition(random, correlation.references.size(), 3);
  } else if (!temporal || random.chance(50)) {
    correlation.bounds = random_bounds(random, type);
  }
  if (!temporal && type != CorrelationType::kEventCount) {
    correlation.fields = {"n"};
    if (type == CorrelationType::kValueCount && random.chance(40))
      correlation.fields = {"n", "who"};
  }
  correlation.percentile = static_cast<double>(random.below(101));
  correlation.silent = random.chance(20);
  return correlation;
}

std::vector<Match> random_matches(Random& random, std::size_t rules, std::size_t events) {
  std::vector<Match> matches;
  TimeNs now = 1000;
  std::string input = "first";
  const std::size_t jitter = random.below(3) * 4;
  for (std::size_t record = 1; record <= events; ++record) {
    if (random.chance(2)) {
      input = std::string("input ") + static_cast<char>('a' + random.below(5));
      if (random.chance(50)) now -= static_cast<TimeNs>(random.below(100));
    }
    now += static_cast<TimeNs>(random.below(5) * random.below(3));
    Fields fields;
    if (random.chance(92)) fields["user"] = random.chance(50) ? "ann" : "bob";
    if (random.chance(92))
      fields["host"] = std::string(1, static_cast<char>('0' + random.below(3)));
    if (random.chance(92)) {
      fields["n"] =
          random.chance(5) ? "none" : std::to_string(static_cast<double>(random.below(40)) / 4);
    }
    const TimeNs time = now - static_cast<TimeNs>(jitter == 0 ? 0 : random.below(jitter));
    for (std::size_t rule = 0; rule < rules; ++rule) {
      if (!random.chance(rule == 0 ? 70 : 25)) continue;
      matches.push_back(match_of(rule, time, record, fields, input));
      matches.back().has_time = !random.chance(1);
    }
  }
  return matches;
}

TEST(CorrelatorOracle, TakingOverInMidStreamChangesNothing) {
  std::size_t alerts = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    Random random(seed);
    rules::RuleSet rules = base_rules(1 + random.below(4));
    for (std::size_t i = 1 + random.below(4); i-- > 0;) {
      rules.correlations.push_back(
          random_correlation(random, rules.rules.size(), rules.correlations.size()));
      rules.correlations.back().info.id = rules.correlations.back().info.title;
    }
    const std::vector<Match> matches =
        random_matches(random, rules.rules.size(), 10 + random.below(60));
    if (matches.empty()) continue;
    std::size_t cut = random.below(matches.size());
    while (cut > 0 && matches[cut].record == matches[cut - 1].record) --cut;
    const Outcome whole = run(rules, matches);
    const Outcome parts = run(rules, matches, {}, cut);
    ASSERT_TRUE(whole.alerts == parts.alerts) << "seed " << seed << ", cut at " << cut;
    EXPECT_EQ(whole.counts.late, parts.counts.late);
    EXPECT_EQ(whole.counts.incomplete, parts.counts.incomplete);
    alerts += whole.alerts.size();
  }
  EXPECT_GT(alerts, 1000U);
}

TEST(Correlator, TakesOverOnlyWhatMeansTheSame) {
  rules::RuleSet before = base_rules(1);
  before.correlations.push_back(make(CorrelationType::kEventCount, {0}, 100, {at_least(3)}));
  before.correlations.back().info.id = "kept";
  before.correlations.back().group_by = {"user"};
  before.correlations.push_back(before.correlations.back());
  before.correlations.back().info.id = "regrouped";
  rules::RuleSet after = base_rules(1);
  after.correlations = {before.correlations[1], before.correlations[0]};
  after.correlations[0].group_by = {"host"};
  const std::string_view value = "ann";
  std::vector<std::string> fired;
  const auto emit = [&](const event::Alert& alert) { fired.push_back(alert.rule->id); };
  Correlator first(before, {});
  first.add({0, true, 1, "in", 1, 0, "", {&value, 1}}, emit);
  first.add({0, true, 2, "in", 2, 0, "", {&value, 1}}, emit);
  Correlator second(after, {});
  second.take_over(first, emit);
  const std::vector<std::string_view> values(second.fields_of(0).size(), value);
  second.add({0, true, 3, "in", 3, 0, "", values}, emit);
  second.finish(emit);
  EXPECT_EQ(fired, std::vector<std::string>{"kept"});
}

TEST(CorrelatorOracle, AgreesOnRandomRulesAndMatches) {
  std::size_t alerts = 0;
  std::uint64_t late = 0;
  std::uint64_t restarts = 0;
  std::vector<std::size_t> by_type(8);
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Random random(seed);
    rules::RuleSet rules = base_rules(1 + random.below(4));
    for (std::size_t i = 1 + random.below(4); i-- > 0;) {
      rules.correlations.push_back(
          random_correlation(random, rules.rules.size(), rules.correlations.size()));
    }
    const std::vector<Match> matches =
        random_matches(random, rules.rules.size(), 10 + random.below(60));
    const CorrelatorOptions options{.lateness = static_cast<TimeNs>(random.below(3) * 5)};
    oracle::Oracle oracle(rules, options.lateness);
    const std::vector<oracle::Alert> expected = oracle.run(matches);
    const Outcome found = run(rules, matches, options);
    ASSERT_EQ(found.alerts.size(), expected.size()) << "seed " << seed;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(found.alerts[i], expected[i]) << "seed " << seed << ", alert " << i;
      ++by_type[static_cast<std::size_t>(rules.correlations[expected[i].correlation].type)];
    }
    ASSERT_EQ(found.counts.late, oracle.late) << "seed " << seed;
    ASSERT_EQ(found.counts.restarts, oracle.restarts) << "seed " << seed;
    alerts += expected.size();
    late += oracle.late;
    restarts += oracle.restarts;
  }
  // The random cases must exercise what they are for.
  EXPECT_GT(alerts, 4000U);
  EXPECT_GT(late, 500U);
  EXPECT_GT(restarts, 50U);
  for (const std::size_t count : by_type) EXPECT_GT(count, 80U);
}

}  // namespace
}  // namespace vedette::detect
