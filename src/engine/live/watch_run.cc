// SPDX-License-Identifier: Apache-2.0
#include "engine/live/watch_run.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/file.h"
#include "engine/batch_worker.h"
#include "engine/compiled_rules.h"
#include "engine/live/capture_writer.h"
#include "engine/live/enforcement.h"
#include "engine/observe/batch_observer.h"
#include "engine/ordered_output.h"
#include "engine/run_summary.h"

namespace vedette::engine {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<Interest> interest_for(const WatchOptions& options, const CompiledRules& compiled) {
  Interest interest =
      !options.record.empty() && options.record_everything
          ? whole_interest()
          : interest_of(compiled.rules, compiled.log_sources, options.rules.use_log_sources);
  if (options.observer != nullptr) options.observer->ask(interest);
  interest.blocking_rules =
      static_cast<std::size_t>(std::ranges::count_if(compiled.rules.rules, &rules::Rule::block));
  if (!options.enforce) return interest;
  interest.enforcement = compiled.enforcement;
  if (interest.enforcement != nullptr) return interest;
  return failure(ErrorCode::kInvalid,
                 "expected a rule with action: block for --enforce, found none that is loaded");
}

}  // namespace

Result<event::Summary> watch(const WatchOptions& options, const OpenSource& open,
                             const std::vector<event::Sink*>& sinks,
                             const std::function<void(const Progress&)>& on_progress) {
  const Clock::time_point start = Clock::now();
  TRY(const std::shared_ptr<const CompiledRules> compiled,
      compile_rules(options.rules, {options.lateness_ns, options.state_max}, sinks,
                    options.limits));
  std::optional<CaptureWriter> capture;
  if (!options.record.empty()) {
    TRY(capture, CaptureWriter::create(options.record));
  }
  TRY(const Interest interest, interest_for(options, *compiled));
  TRY(const std::unique_ptr<event::Source> source, open(interest));
  const double load_seconds = seconds_since(start);

  const Clock::time_point run_start = Clock::now();
  OrderedOutput output(compiled->rules, compiled->correlator.get(), sinks, 1);
  if (on_progress) {
    output.on_progress([&](std::uint64_t events, std::uint64_t alerts) {
      on_progress({0, source->bytes_read(), events, alerts});
    });
  }
  WorkerOptions worker_settings = worker_options(sinks);
  worker_settings.profile = options.profile;
  Workers workers;
  workers.push_back(std::make_unique<BatchWorker>(*compiled->program, compiled->correlator.get(),
                                                  options.limits, worker_settings));
  Result<void> recorded;
  // Whoever wants an end tells the source, which then hands on what it still holds: events, and how
  // many were lost.
  while (!output.failed() && recorded) {
    std::unique_ptr<Work> work = output.acquire();
    if (!source->next(work->batch)) {
      output.release(std::move(work));
      break;
    }
    if (capture) recorded = capture->write(work->batch.buffer.view());
    workers.front()->run(work->batch, work->result);
    if (options.observer != nullptr) options.observer->see(work->batch, work->result);
    output.submit(std::move(work));
  }
  const Result<void> written = output.finish();
  if (recorded && capture) recorded = capture->finish();

  event::Summary summary = summarise(compiled, output, workers, *source, options.profile);
  summary.load_seconds = load_seconds;
  summary.seconds = seconds_since(run_start);
  if (!written) return std::unexpected(written.error());
  if (!recorded) return std::unexpected(recorded.error());
  for (event::Sink* sink : sinks) TRY_VOID(sink->finish(summary));
  return summary;
}

}  // namespace vedette::engine
