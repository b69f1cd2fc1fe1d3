// SPDX-License-Identifier: Apache-2.0
#include "engine/detect_run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/batch_worker.h"
#include "engine/compiled_rules.h"
#include "engine/ordered_output.h"
#include "engine/run_summary.h"
#include "ingest/file_source.h"

namespace vedette::engine {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Batches whose meaning depends on those before them go through one worker, in the order in which
// they were taken; threads wait for their turn.
class OrderedLane {
 public:
  explicit OrderedLane(BatchWorker& worker) : worker_(worker) {}

  static bool wants(const event::Batch& batch) {
    return batch.input->format == event::RecordFormat::kKernel;
  }
  // Called in the order of the batches.
  std::uint64_t ticket() { return tickets_++; }
  void run(std::uint64_t ticket, const event::Batch& batch, BatchResult& result) {
    std::unique_lock lock(mutex_);
    turned_.wait(lock, [this, ticket] { return turn_ == ticket; });
    worker_.run(batch, result);
    ++turn_;
    turned_.notify_all();
  }

 private:
  std::atomic<std::uint64_t> tickets_ = 0;
  std::mutex mutex_;
  std::condition_variable turned_;
  std::uint64_t turn_ = 0;  // guarded by mutex_, like worker_
  BatchWorker& worker_;
};

// One thread's work: take a batch, decode and match it, hand the result on, until there is none.
class Pipeline {
 public:
  Pipeline(event::Source& source, OrderedOutput& output, OrderedLane& lane,
           const std::atomic<bool>& stop)
      : source_(source), output_(output), lane_(lane), stop_(stop) {}

  void run(BatchWorker& worker) {
    while (true) {
      std::unique_ptr<Work> work = output_.acquire();
      std::optional<std::uint64_t> ticket;
      if (!take(work->batch, ticket)) {
        output_.release(std::move(work));
        return;
      }
      if (ticket) {
        lane_.run(*ticket, work->batch, work->result);
      } else {
        worker.run(work->batch, work->result);
      }
      output_.submit(std::move(work));
    }
  }

 private:
  bool take(event::Batch& batch, std::optional<std::uint64_t>& ticket) {
    const std::lock_guard lock(mutex_);
    if (stop_.load(std::memory_order_relaxed) || output_.failed() || !source_.next(batch)) {
      return false;
    }
    if (OrderedLane::wants(batch)) ticket = lane_.ticket();
    return true;
  }

  std::mutex mutex_;
  event::Source& source_;  // guarded by mutex_
  OrderedOutput& output_;
  OrderedLane& lane_;
  const std::atomic<bool>& stop_;
};

// One for each thread, and behind them the lane's.
Workers make_workers(const CompiledRules& compiled, const DetectOptions& options,
                     const std::vector<event::Sink*>& sinks, unsigned threads) {
  WorkerOptions worker = worker_options(sinks);
  worker.profile = options.profile;
  worker.recover = options.recover;
  Workers workers;
  for (unsigned i = 0; i <= threads; ++i) {
    workers.push_back(std::make_unique<BatchWorker>(*compiled.program, compiled.correlator.get(),
                                                    options.limits, worker));
  }
  return workers;
}

void run_threads(const Workers& workers, Pipeline& pipeline) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i + 1 < workers.size(); ++i) {
    others.emplace_back([&pipeline, &worker = *workers[i]] { pipeline.run(worker); });
  }
  pipeline.run(*workers.front());
  for (std::thread& other : others) other.join();
}

}  // namespace

Result<event::Summary> detect(const DetectOptions& options, const std::vector<event::Sink*>& sinks,
                              const std::atomic<bool>& stop,
                              const std::function<void(const Progress&)>& on_progress) {
  const Clock::time_point start = Clock::now();
  TRY(const std::shared_ptr<const CompiledRules> compiled,
      compile_rules(options.rules, {options.lateness_ns, options.state_max}, options.limits));
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
  const Workers workers = make_workers(*compiled, options, sinks, threads);
  OrderedLane lane(*workers.back());
  Pipeline pipeline(*source, output, lane, stop);
  run_threads(workers, pipeline);
  const Result<void> written = output.finish();

  event::Summary summary = summarise(compiled, output, workers, *source, options.profile);
  summary.load_seconds = load_seconds;
  summary.seconds = seconds_since(run_start);
  summary.interrupted = stop.load();
  if (!written) return std::unexpected(written.error());
  for (event::Sink* sink : sinks) TRY_VOID(sink->finish(summary));
  return summary;
}

}  // namespace vedette::engine
