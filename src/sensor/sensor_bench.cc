// SPDX-License-Identifier: Apache-2.0
// What watching costs those who are watched, and how many events a second are handed on. Needs
// root. Pairs of runs, without and with the sensor, in alternating order; the median of their
// ratios is what counts on a machine that others use too.
//   sensor_bench [pairs]
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "sensor/kernel_source.h"

namespace vedette::sensor {
constexpr int kPairs = 5;

namespace {

constexpr int kOpens = 1'000'000;
constexpr int kNothings = 5'000'000;
constexpr int kProcesses = 1000;

void open_and_close() {
  for (int i = 0; i < kOpens; ++i) {
    close(static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY)));
  }
}

void do_nothing() {
  for (int i = 0; i < kNothings; ++i) syscall(SYS_getppid);
}

void make_processes() {
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = vfork();
    if (child == 0) {
      execl("/bin/true", "true", nullptr);
      _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
  }
}

// Processor time of `work` and what it starts, in a child: the sensor's own process is not watched.
double measure(void (*work)()) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  rusage used = {};
  wait4(child, &status, 0, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Watched {
  double seconds = 0;
  KernelStatistics statistics;
};

// The same while a source runs with `wishes` and its records are read and thrown away.
Watched measure_watched(void (*work)(), const KernelWishes& wishes) {
  std::atomic<bool> stop = false;
  KernelSourceOptions options;
  options.wishes = wishes;
  options.state_at_start = false;
  options.stop = &stop;
  auto source = KernelSource::create(options);
  if (!source) {
    fmt::print(stderr, "sensor_bench: {}\n", source.error().message);
    std::exit(2);
  }
  std::thread reader([&] {
    event::Batch batch;
    while ((*source)->next(batch)) {
    }
  });
  Watched watched;
  watched.seconds = measure(work);
  stop = true;
  reader.join();
  watched.statistics = (*source)->statistics();
  return watched;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Case {
  const char* name;
  void (*work)();
  KernelWishes wishes;
};

void compare(const Case& row, int pairs) {
  std::vector<double> ratios;
  std::vector<double> plain;
  std::uint64_t records = 0;
  std::uint64_t lost = 0;
  double watched_seconds = 0;
  for (int pair = 0; pair < pairs; ++pair) {
    double without = pair % 2 == 0 ? measure(row.work) : 0;
    const Watched with = measure_watched(row.work, row.wishes);
    if (without == 0) without = measure(row.work);
    ratios.push_back(with.seconds / without);
    plain.push_back(without);
    watched_seconds += with.seconds;
    for (std::size_t kind = 0; kind < VEDETTE_KINDS; ++kind) {
      records += with.statistics.delivered[kind];
      lost += with.statistics.reserve_failed[kind];
    }
  }
  fmt::print("{:<44} {:6.3f} s  x{:.3f} [{:.3f} {:.3f}]  {:>9.0f} records/s, {} lost\n", row.name,
             median(plain), median(ratios), *std::min_element(ratios.begin(), ratios.end()),
             *std::max_element(ratios.begin(), ratios.end()),
             static_cast<double>(records) / watched_seconds, lost);
  std::fflush(stdout);
}

KernelWishes opens_only() {
  KernelWishes wishes;
  wishes.calls = {{SYS_openat, true, false, false}};
  return wishes;
}

KernelWishes opens_below_etc_ssh() {
  KernelWishes wishes = opens_only();
  wishes.path_prefixes = {"/etc/ssh/"};
  return wishes;
}

KernelWishes nothing_wanted() { return {}; }

}  // namespace

int run(int pairs) {
  const std::vector<Case> cases = {
      {"5e6 getppid, nothing wanted", do_nothing, nothing_wanted()},
      {"5e6 getppid, everything wanted", do_nothing, KernelWishes::everything()},
      {"1e6 open/close, nothing wanted", open_and_close, nothing_wanted()},
      {"1e6 open/close, opens of no wanted path", open_and_close, opens_below_etc_ssh()},
      {"1e6 open/close, opens", open_and_close, opens_only()},
      {"1e6 open/close, everything wanted", open_and_close, KernelWishes::everything()},
      {"1000 vfork/exec/exit, everything wanted", make_processes, KernelWishes::everything()},
  };
  for (const Case& row : cases) compare(row, pairs);
  return 0;
}

}  // namespace vedette::sensor

int main(int count, char** arguments) {
  return vedette::sensor::run(count > 1 ? std::atoi(arguments[1]) : vedette::sensor::kPairs);
}
