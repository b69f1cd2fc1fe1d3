// SPDX-License-Identifier: Apache-2.0
// Fills a history with runs of a programme of ten repositories, one after the other as pipelines
// would, and tells what adding the last ones and measuring all of them takes:
//   history_bench FILE [RUNS] [FINDINGS]
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <vector>

#include "engine/history/measure.h"
#include "store/programme_store.h"

namespace {

using std::chrono::duration;
using std::chrono::steady_clock;
using vedette::TimeNs;

constexpr TimeNs kHour = TimeNs{3600} * vedette::kNsPerSecond;
constexpr TimeNs kStart = TimeNs{20'000} * 24 * kHour;
constexpr int kRepositories = 10;

// Each run has findings that the one before of the repository had, but for one that is gone and one
// that is new.
vedette::event::RunRecord record(int number, int findings) {
  vedette::event::RunRecord one;
  one.run.id = fmt::format("{:032x}", number);
  one.run.facts = {fmt::format("example/repository-{}", number % kRepositories),
                   fmt::format("{:040x}", number),
                   "main",
                   number % 100 == 0 ? "v1" : "",
                   "",
                   kStart + number * kHour / kRepositories};
  one.run.verdict = static_cast<vedette::event::Verdict>(number % 4);
  one.run.scanners = {{"models", true, kHour / 3600},
                      {"packages", true, kHour / 1200},
                      {"secrets", number % 7 != 0, kHour / 1800}};
  const int first = number / kRepositories;
  for (int i = 0; i < findings; ++i) {
    const int finding = (first + i) * kRepositories + number % kRepositories;
    one.findings.push_back({fmt::format("{:032x}", finding),
                            finding % 2 == 0 ? "secret" : "vulnerability", "some-rule",
                            "A title of a finding", "lodash 4.17.19",
                            fmt::format("services/web/source/{}.py", finding)});
    one.run.sightings.push_back({static_cast<std::uint32_t>(i), finding % 2 == 0 ? 2U : 1U,
                                 static_cast<vedette::event::Level>(finding % 5),
                                 vedette::event::Verdict::kTrack,
                                 vedette::event::Exception::kNone});
  }
  return one;
}

double seconds_since(steady_clock::time_point start) {
  return duration<double>(steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int runs = argc > 2 ? std::atoi(argv[2]) : 10'000;
  const int findings = argc > 3 ? std::atoi(argv[3]) : 50;
  auto store = vedette::store::ProgrammeStore::open_or_make(argv[1]);
  CHECK(store);
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto one = record(i, findings);
    const auto start = steady_clock::now();
    CHECK(store->add(one));
    times.push_back(seconds_since(start));
  }
  std::sort(times.begin(), times.end());
  const auto start = steady_clock::now();
  auto reading = store->read();
  CHECK(reading);
  vedette::engine::Measure measure(
      {.now = kStart + runs * kHour, .since = INT64_MIN, .repository = "", .branches = {}},
      reading->findings(), reading->dismissals());
  CHECK(reading->each_run("", INT64_MAX, [&](const auto& run) -> vedette::Result<void> {
    measure.add(run);
    return {};
  }));
  const auto report = measure.finish();
  fmt::print("{} runs of {} findings: add {:.2f} ms (median), {:.2f} ms (99 %); measure {:.3f} s\n",
             report.verdicts.judged(), findings, times[times.size() / 2] * 1000,
             times[times.size() * 99 / 100] * 1000, seconds_since(start));
  return 0;
}
