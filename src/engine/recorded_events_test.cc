// SPDX-License-Identifier: Apache-2.0
// All public rules over a slice of the recorded events: what detect() finds, with all its short
// cuts, and what the naive evaluator finds must be the same, rule by rule.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/file.h"
#include "detect/naive_evaluator.h"
#include "engine/detect_run.h"
#include "engine/event_reader.h"

namespace vedette::engine {
namespace {

using EventKey = std::pair<std::string, std::uint64_t>;  // input, record

class Collector : public event::Sink {
 public:
  Result<void> write(const event::Alert& alert) override {
    found[{std::string(alert.input), alert.record}].insert(alert.rule->id);
    return {};
  }
  Result<void> finish(const event::Summary&) override { return {}; }
  bool wants_details() const override { return false; }

  std::map<EventKey, std::set<std::string>> found;
};

TEST(RecordedEvents, DetectAgreesWithTheNaiveEvaluator) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the naive side takes minutes under the sanitizers";
#endif
  const char* data = std::getenv("VEDETTE_DATA");
  const std::string root = data != nullptr ? data : VEDETTE_SOURCE_DIR "/../shared/data";
  const std::string archive = root + "/events/otrf-atomic.tar.zst";
  if (!std::filesystem::exists(archive)) GTEST_SKIP() << "no recorded events: set VEDETTE_DATA";

  DetectOptions options;
  options.rules.content = VEDETTE_SOURCE_DIR "/content";
  for (const auto& entry : std::filesystem::directory_iterator(root + "/sigma")) {
    if (entry.path().filename().string().starts_with("rules"))
      options.rules.rules.push_back(entry.path().string());
  }
  options.inputs = {archive};
  const std::atomic<bool> stop = false;
  Collector collector;
  ASSERT_TRUE(detect(options, {&collector}, stop, nullptr).has_value());
  ASSERT_GT(collector.found.size(), 5000U);

  const rules::RuleSet set = load_rules(options.rules, options.limits).value();
  std::vector<Diagnostic> warnings;
  const rules::LogSources sources =
      rules::load_log_sources(options.rules.content + "/logsources", warnings).value();
  // One event in thousands, and more of those that match something.
  constexpr std::uint64_t kEvery = 20000;
  constexpr std::uint64_t kEveryMatching = 200;
  std::uint64_t seen = 0;
  std::uint64_t matching = 0;
  std::uint64_t compared = 0;
  std::string difference;
  const auto visit = [&](const ReadEvent& event) {
    const auto found = collector.found.find({std::string(event.input), event.record});
    const bool matches = found != collector.found.end();
    const bool picked = ++seen % kEvery == 0 || (matches && ++matching % kEveryMatching == 0);
    if (!picked) return true;
    ++compared;
    for (const rules::Rule& rule : set.rules) {
      const bool expected = detect::matches(rule, sources, event.fields, true);
      const bool actual = matches && found->second.contains(rule.info.id);
      if (expected == actual) continue;
      difference = std::string(event.input) + " record " + std::to_string(event.record) + " rule " +
                   rule.info.id + (expected ? ": only" : ": not") + " the naive evaluator";
      return false;
    }
    return true;
  };
  ASSERT_TRUE(read_events(options, sources, visit).has_value());
  EXPECT_EQ(difference, "");
  EXPECT_GT(compared, 60U);
}

}  // namespace
}  // namespace vedette::engine
