// SPDX-License-Identifier: Apache-2.0
// What watching costs those who are watched, and how many records a second are handed on. Needs
// root. Work is done in short rounds, without and with the sensor in turn, and the tenth of the
// rounds that were disturbed least is compared: other work on the machine lengthens rounds, but not
// all.
//   sensor_bench [pairs]
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "sensor/kernel_source.h"

namespace vedette::sensor {
constexpr int kPairs = 5;

namespace {

constexpr std::size_t kRoundsMax = 4096;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void open_and_close() {
  close(static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY)));
}

void do_nothing() { syscall(SYS_getppid); }

void make_process() {
  const pid_t child = vfork();
  if (child == 0) {
    execl("/bin/true", "true", nullptr);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

// Something done `steps` times a round.
struct Work {
  void (*step)();
  int steps;
  std::size_t rounds;
};

// Seconds that a step takes, in a child: the sensor's own process is not watched.
double measure(const Work& work) {
  auto* rounds =
      static_cast<double*>(mmap(nullptr, kRoundsMax * sizeof(double), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t child = fork();
  if (child == 0) {
    for (std::size_t round = 0; round < work.rounds; ++round) {
      const double start = now();
      for (int i = 0; i < work.steps; ++i) work.step();
      rounds[round] = now() - start;
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::sort(rounds, rounds + work.rounds);
  const double least = rounds[work.rounds / 10] / work.steps;
  munmap(rounds, kRoundsMax * sizeof(double));
  return least;
}

struct Watched {
  double step = 0;
  double seconds = 0;  // of all, by the clock
  KernelStatistics statistics;
};

// The same while a source runs with `wishes` and its records are read and thrown away.
Watched measure_watched(const Work& work, const KernelWishes& wishes) {
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
  const double start = now();
  watched.step = measure(work);
  watched.seconds = now() - start;
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
  Work work;
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
    ratios.push_back(with.step / without);
    plain.push_back(without);
    watched_seconds += with.seconds;
    for (std::size_t kind = 0; kind < VEDETTE_KINDS; ++kind) {
      records += with.statistics.delivered[kind];
      lost += with.statistics.reserve_failed[kind];
    }
  }
  fmt::print("{:<42} {:>9.0f} ns  x{:.3f} [{:.3f} {:.3f}]  {:>8.0f} records/s, {} lost\n", row.name,
             median(plain) * 1e9, median(ratios), *std::min_element(ratios.begin(), ratios.end()),
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
  wishes.reads = {.all = false, .path_prefixes = {"/etc/ssh/"}};
  return wishes;
}

KernelWishes nothing_wanted() { return {}; }

}  // namespace

int run(int pairs) {
  const Work nothing = {do_nothing, 2000, 1000};
  const Work opens = {open_and_close, 500, 600};
  const Work processes = {make_process, 1, 500};
  const std::vector<Case> cases = {
      {"getppid, nothing wanted", nothing, nothing_wanted()},
      {"getppid, everything wanted", nothing, KernelWishes::everything()},
      {"open and close, nothing wanted", opens, nothing_wanted()},
      {"open and close, opens of no wanted path", opens, opens_below_etc_ssh()},
      {"open and close, opens wanted", opens, opens_only()},
      {"open and close, everything wanted", opens, KernelWishes::everything()},
      {"vfork, exec, exit, everything wanted", processes, KernelWishes::everything()},
  };
  for (const Case& row : cases) compare(row, pairs);
  return 0;
}

}  // namespace vedette::sensor

int main(int count, char** arguments) {
  return vedette::sensor::run(count > 1 ? std::atoi(arguments[1]) : vedette::sensor::kPairs);
}
