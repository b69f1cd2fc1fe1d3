// SPDX-License-Identifier: Apache-2.0
#include "engine/detect_run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "detect/correlator.h"
#include "engine/batch_worker.h"
#include "engine/ordered_output.h"
#include "engine/refusal_groups.h"
#include "ingest/file_source.h"
#include "rules/logsource.h"
#include "rules/program.h"

namespace vedette::engine {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What is loaded and compiled before the first byte of input is read.
struct Compiled {
  rules::RuleSet rules;
  rules::LogSources log_sources;
  std::unique_ptr<detect::Correlator> correlator;
  std::unique_ptr<const rules::Program> program;
};

Result<std::shared_ptr<const Compiled>> load_and_compile(const DetectOptions& options,
                                                         const std::vector<event::Sink*>& sinks) {
  auto compiled = std::make_shared<Compiled>();
  TRY(compiled->rules, load_rules(options.rules, options.limits));
  std::vector<Diagnostic> warnings;
  TRY(compiled->log_sources,
      rules::load_log_sources(options.rules.content + "/logsources", warnings));
  rules::CompileOptions compile;
  compile.use_log_sources = options.rules.use_log_sources;
  compile.output_fields = std::ranges::any_of(sinks, &event::Sink::wants_output_fields);
  if (!compiled->rules.correlations.empty()) {
    compiled->correlator = std::make_unique<detect::Correlator>(
        compiled->rules, detect::CorrelatorOptions{options.lateness_ns, options.state_max});
    for (std::size_t rule = 0; rule < compiled->rules.rules.size(); ++rule) {
      const auto fields = compiled->correlator->fields_of(rule);
      compile.extra_fields.emplace_back(fields.begin(), fields.end());
    }
  }
  compiled->program = rules::Program::compile(compiled->rules, compiled->log_sources, compile);
  return compiled;
}

WorkerOptions worker_options(const DetectOptions& options, const std::vector<event::Sink*>& sinks) {
  WorkerOptions worker;
  worker.details = false;
  for (const event::Sink* sink : sinks) {
    worker.details = worker.details || sink->wants_details();
    worker.whole_event = worker.whole_event || sink->wants_event();
    worker.output_fields = worker.output_fields || sink->wants_output_fields();
  }
  worker.profile = options.profile;
  worker.recover = options.recover;
  return worker;
}

// One thread's work: take a batch, decode and match it, hand the result on, until there is none.
class Pipeline {
 public:
  Pipeline(event::Source& source, OrderedOutput& output, const std::atomic<bool>& stop)
      : source_(source), output_(output), stop_(stop) {}

  void run(BatchWorker& worker) {
    while (true) {
      std::unique_ptr<Work> work = output_.acquire();
      if (!take(work->batch)) {
        output_.release(std::move(work));
        return;
      }
      worker.run(work->batch, work->result);
      output_.submit(std::move(work));
    }
  }

 private:
  bool take(event::Batch& batch) {
    const std::lock_guard lock(mutex_);
    return !stop_.load(std::memory_order_relaxed) && !output_.failed() && source_.next(batch);
  }

  std::mutex mutex_;
  event::Source& source_;  // guarded by mutex_
  OrderedOutput& output_;
  const std::atomic<bool>& stop_;
};

std::vector<std::unique_ptr<BatchWorker>> run_threads(const Compiled& compiled,
                                                      const DetectOptions& options,
                                                      const std::vector<event::Sink*>& sinks,
                                                      Pipeline& pipeline, unsigned threads) {
  std::vector<std::unique_ptr<BatchWorker>> workers;
  for (unsigned i = 0; i < threads; ++i) {
    workers.push_back(std::make_unique<BatchWorker>(*compiled.program, compiled.correlator.get(),
                                                    options.limits,
                                                    worker_options(options, sinks)));
  }
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    others.emplace_back([&pipeline, &worker = *workers[i]] { pipeline.run(worker); });
  }
  pipeline.run(*workers.front());
  for (std::thread& other : others) other.join();
  return workers;
}

void add_rule_hits(const Compiled& compiled, const OrderedOutput& output,
                   const std::vector<std::unique_ptr<BatchWorker>>& workers, bool profile,
                   event::Summary& summary) {
  for (std::size_t i = 0; i < compiled.rules.rules.size(); ++i) {
    event::RuleHits hits{&compiled.rules.rules[i].info, output.rule_hits()[i], 0, 0};
    for (const auto& worker : workers) {
      if (worker->costs().empty()) continue;
      hits.evaluations += worker->costs()[i].evaluations;
      hits.nanoseconds += worker->costs()[i].nanoseconds;
    }
    if (hits.hits != 0 || profile) summary.rules.push_back(hits);
  }
  for (std::size_t i = 0; i < compiled.rules.correlations.size(); ++i) {
    const std::uint64_t hits = output.correlation_hits()[i];
    if (hits != 0 || profile)
      summary.rules.push_back({&compiled.rules.correlations[i].info, hits, 0, 0});
  }
  std::stable_sort(
      summary.rules.begin(), summary.rules.end(),
      [](const event::RuleHits& a, const event::RuleHits& b) { return a.hits > b.hits; });
}

// What decoding counted, and what reading itself found wrong, by input.
void add_reports(const event::Source& source, const OrderedOutput& output,
                 event::Summary& summary) {
  for (const event::InputReport& read : source.reports()) {
    event::InputReport report = read;
    const std::size_t index = summary.inputs.size();
    if (index < output.reports().size() && !output.reports()[index].name.empty()) {
      const event::InputReport& decoded = output.reports()[index];
      report.events = decoded.events;
      report.skipped += decoded.skipped;
      report.unknown_source = decoded.unknown_source;
      if (report.bytes == 0) report.bytes = decoded.bytes;
      report.problems.insert(report.problems.end(), decoded.problems.begin(),
                             decoded.problems.end());
      if (report.problems.size() > event::InputReport::kProblemsKept) {
        report.problems.resize(event::InputReport::kProblemsKept);
      }
    }
    summary.skipped += read.skipped;
    summary.inputs.push_back(std::move(report));
  }
}

}  // namespace

Result<event::Summary> detect(const DetectOptions& options, const std::vector<event::Sink*>& sinks,
                              const std::atomic<bool>& stop,
                              const std::function<void(const Progress&)>& on_progress) {
  const Clock::time_point start = Clock::now();
  TRY(const std::shared_ptr<const Compiled> compiled, load_and_compile(options, sinks));
  TRY(const std::unique_ptr<event::Source> source,
      ingest::FileSource::create(options.inputs, options.format, options.limits));
  const double load_seconds = seconds_since(start);

  const unsigned threads =
      std::max(1U, options.threads != 0 ? options.threads : std::thread::hardware_concurrency());
  const Clock::time_point run_start = Clock::now();
  OrderedOutput output(compiled->rules, compiled->correlator.get(), sinks,
                       threads * std::size_t{3});
  if (on_progress) {
    output.on_progress([&](std::uint64_t events, std::uint64_t alerts) {
      on_progress({source->bytes_total(), source->bytes_read(), events, alerts});
    });
  }
  Pipeline pipeline(*source, output, stop);
  const auto workers = run_threads(*compiled, options, sinks, pipeline, threads);
  const Result<void> written = output.finish();

  event::Summary summary = output.counts();
  summary.rules_loaded = compiled->rules.rules.size() + compiled->rules.correlations.size();
  summary.rules_refused = compiled->rules.refused.size();
  summary.refusals = group_refusals(compiled->rules.refused);
  summary.rule_set = compiled;
  summary.load_seconds = load_seconds;
  summary.seconds = seconds_since(run_start);
  summary.interrupted = stop.load();
  if (compiled->correlator != nullptr) {
    summary.correlation_evictions = compiled->correlator->counts().evictions;
    summary.correlation_late = compiled->correlator->counts().late;
  }
  add_rule_hits(*compiled, output, workers, options.profile, summary);
  add_reports(*source, output, summary);
  if (!written) return std::unexpected(written.error());
  for (event::Sink* sink : sinks) TRY_VOID(sink->finish(summary));
  return summary;
}

}  // namespace vedette::engine
