// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace vedette::cmd {
namespace {

// A signal handler has no parameters to reach its owner by; this is the one variable outside of
// functions. Lock-free atomics may be written from handlers.
std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int) { stop_asked.store(true, std::memory_order_relaxed); }

std::string readable_duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

Terminal look_at_terminal() {
  Terminal terminal;
  terminal.output = isatty(STDOUT_FILENO) == 1;
  terminal.errors = isatty(STDERR_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool forbidden = (no_colour != nullptr && *no_colour != '\0') ||
                         (kind != nullptr && std::strcmp(kind, "dumb") == 0);
  terminal.colour = terminal.output && !forbidden;
  winsize size{};
  if (terminal.output && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) terminal.width = size.ws_col;
  return terminal;
}

const std::atomic<bool>& install_stop_signal() {
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  // The second signal finds the default action: whoever is in a hurry gets out.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop_asked;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string readable_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string progress_text(std::uint64_t done, std::uint64_t total, std::uint64_t events,
                          std::uint64_t alerts, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(events) / seconds : 0;
  const std::string counts =
      fmt::format("{} events, {}/s, {} alerts", grouped(events),
                  grouped(static_cast<std::uint64_t>(rate)), grouped(alerts));
  if (total == 0) return fmt::format("{}  {}", readable_bytes(done), counts);
  constexpr std::size_t kBarWidth = 20;
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  std::string bar(filled, '#');
  bar.resize(kBarWidth, '.');
  // An estimate from the first moments would only jump about.
  const bool known = part > 0.01 && seconds > 0.5;
  const std::string left =
      known ? ", " + readable_duration(seconds * (1 - part) / part) + " left" : "";
  return fmt::format("[{}] {:3.0f} %  {}{}", bar, part * 100, counts, left);
}

ProgressLine::ProgressLine(bool shown) : shown_(shown), start_(std::chrono::steady_clock::now()) {}

void ProgressLine::update(std::uint64_t done, std::uint64_t total, std::uint64_t events,
                          std::uint64_t alerts) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r\x1b[K{}", progress_text(done, total, events, alerts, seconds));
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace vedette::cmd
