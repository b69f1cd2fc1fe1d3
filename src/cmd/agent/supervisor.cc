// SPDX-License-Identifier: Apache-2.0
#include "cmd/agent/supervisor.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "cmd/agent/commands.h"

namespace vedette::cmd {
namespace {

using std::chrono::steady_clock;

// Handlers reach nothing but these.
std::atomic<pid_t> child_process = 0;  // NOLINT: a signal handler has no other way
std::atomic<bool> ending = false;      // NOLINT: as above

void pass_on(int signal) {
  if (signal != SIGHUP) ending.store(true);
  const pid_t process = child_process.load();
  if (process > 0) ::kill(process, signal);
}

void set_handlers(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

// The child's status as of waitpid().
int run_once(const std::function<int()>& work) {
  const pid_t process = ::fork();
  if (process == 0) {
    set_handlers(SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::_exit(work());
  }
  child_process.store(process);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  child_process.store(0);
  return status;
}

}  // namespace

int supervise(const std::function<int()>& work) {
  constexpr std::chrono::seconds kPauseMax(60);
  constexpr std::chrono::seconds kCalm(60);
  std::chrono::seconds pause(1);
  set_handlers(pass_on);
  while (true) {
    const auto start = steady_clock::now();
    const int status = run_once(work);
    const bool stuck = WIFEXITED(status) && WEXITSTATUS(status) == kExitStuck;
    if (WIFEXITED(status) && !stuck) return WEXITSTATUS(status);
    if (ending.load()) return stuck ? kExitStuck : 128 + WTERMSIG(status);
    if (steady_clock::now() - start > kCalm) pause = std::chrono::seconds(1);
    fmt::print(stderr, "vedette-agent: {}; starting anew in {} s\n",
               stuck ? std::string("a stage was stuck")
                     : fmt::format("ended by signal {}", WTERMSIG(status)),
               pause.count());
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kPauseMax);
    if (ending.load()) return kExitPartial;
  }
}

}  // namespace vedette::cmd
