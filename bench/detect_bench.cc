// SPDX-License-Identifier: Apache-2.0
// How near detection comes to the speed at which JSON can be parsed at all: a bare simdjson DOM
// pass over the same bytes, in the same process, in turn with whole detect() runs that read the
// files, match all rules and write the alerts.
//
//   detect_bench CONTENT EVENTS RULES...     prints one line per figure: name <TAB> value
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <simdjson.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/detect_run.h"
#include "output/alert/formats.h"
#include "output/writer.h"

namespace vedette {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

struct Bare {
  double seconds = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

// Loading is outside of the clock: the pass is what parsing alone costs.
Result<Bare> bare_pass(const std::vector<std::string>& files) {
  Bare bare;
  simdjson::dom::parser parser;
  for (const std::string& file : files) {
    TRY(const std::string text, read_file(file, kFileBytesMax));
    const simdjson::padded_string padded(text);
    const auto start = std::chrono::steady_clock::now();
    simdjson::dom::document_stream stream;
    if (parser.parse_many(padded, std::size_t{1} << 20).get(stream) != simdjson::SUCCESS) continue;
    for (auto document : stream) {
      simdjson::dom::element element;
      if (document.get(element) == simdjson::SUCCESS) ++bare.events;
    }
    bare.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    bare.bytes += text.size();
  }
  return bare;
}

Result<event::Summary> detect_pass(const std::string& content, const std::string& events,
                                   const std::vector<std::string>& rules, unsigned threads) {
  engine::DetectOptions options;
  options.rules.rules = rules;
  options.rules.content = content;
  options.inputs = {events};
  options.threads = threads;
  TRY(output::Writer writer, output::Writer::to_file("/dev/shm/vedette-bench.tsv"));
  TRY(const auto sink, output::make_sink("tsv", output::SinkOptions{.writer = writer}));
  const std::atomic<bool> stop = false;
  return engine::detect(options, {sink.get()}, stop, nullptr);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<void> run(const std::string& content, const std::string& events,
                 const std::vector<std::string>& rules) {
  TRY(const std::vector<std::string> files, list_files(events, {}));
  std::vector<double> bare_seconds;
  std::vector<double> one_seconds;
  std::vector<double> load_seconds;
  std::vector<double> two_seconds;
  std::vector<double> ratios;
  std::vector<double> scaling;
  std::uint64_t alerts = 0;
  std::uint64_t count = 0;
  for (int round = 0; round < kRounds; ++round) {
    TRY(const Bare bare, bare_pass(files));
    TRY(const event::Summary one, detect_pass(content, events, rules, 1));
    TRY(const event::Summary two, detect_pass(content, events, rules, 2));
    bare_seconds.push_back(bare.seconds);
    one_seconds.push_back(one.seconds);
    two_seconds.push_back(two.seconds);
    load_seconds.push_back(one.load_seconds);
    ratios.push_back(bare.seconds / one.seconds);
    scaling.push_back(one.seconds / two.seconds);
    alerts = one.alerts;
    count = one.events;
    if (two.alerts != one.alerts || bare.events != one.events) {
      return failure(ErrorCode::kInvalid, "the passes disagree on events or alerts");
    }
  }
  const auto rate = [&](const std::vector<double>& seconds) {
    return static_cast<std::uint64_t>(static_cast<double>(count) / median(seconds));
  };
  fmt::print("events\t{}\nalerts\t{}\n", count, alerts);
  fmt::print("bare DOM pass, events/s\t{}\n", rate(bare_seconds));
  fmt::print("detect, 1 thread, events/s\t{}\n", rate(one_seconds));
  fmt::print("detect, 2 threads, events/s\t{}\n", rate(two_seconds));
  fmt::print("detect to bare, 1 thread\t{:.2f}\n", median(ratios));
  fmt::print("2 threads to 1\t{:.2f}\n", median(scaling));
  fmt::print("load and compile, s\t{:.2f}\n", median(load_seconds));
  return {};
}

}  // namespace
}  // namespace vedette

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: detect_bench CONTENT EVENTS RULES...\n");
    return 2;
  }
  const auto result =
      vedette::run(argv[1], argv[2], std::vector<std::string>(argv + 3, argv + argc));
  if (!result) fmt::print(stderr, "detect_bench: {}\n", result.error().message);
  return result ? 0 : 1;
}
