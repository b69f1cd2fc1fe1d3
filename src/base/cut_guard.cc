// SPDX-License-Identifier: Apache-2.0
#include "base/cut_guard.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

#include "base/result.h"

namespace vedette {
namespace {

// All of it is read by the handler, so nothing here may lock or allocate.
struct Row {
  std::atomic<bool> taken = false;
  std::atomic<char*> begin = nullptr;
  std::atomic<std::size_t> size = 0;  // 0: not guarded
  std::atomic<bool> met = false;
};
static_assert(std::atomic<char*>::is_always_lock_free);
constinit std::array<Row, CutGuard::kFilesMax> rows;
constinit std::size_t page_bytes = 0;

// Behind a file's end there is nothing more of it, so that zeros go up to the end of the range.
bool put_zeros(Row& row, const void* address) {
  const std::size_t size = row.size.load(std::memory_order_acquire);
  char* const begin = row.begin.load(std::memory_order_relaxed);
  const std::uintptr_t offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(begin);
  if (offset >= size) return false;  // also of what lies before it
  const std::size_t from = offset / page_bytes * page_bytes;
  if (::mmap(begin + from, size - from, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
    return false;
  }
  row.met.store(true, std::memory_order_relaxed);
  return true;
}

void on_bus_error(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  for (Row& row : rows) {
    if (put_zeros(row, info->si_addr)) {
      errno = error;
      return;
    }
  }
  // The read is made again, and ends the program.
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGBUS, &usual, nullptr);
}

void install_handler() {
  page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction action{};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  CHECK(::sigaction(SIGBUS, &action, nullptr) == 0);
}

}  // namespace

std::unique_ptr<CutGuard> CutGuard::create(std::string_view mapping) {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row& row = rows[i];
    if (row.taken.exchange(true, std::memory_order_acquire)) continue;
    row.met.store(false, std::memory_order_relaxed);
    row.begin.store(const_cast<char*>(mapping.data()), std::memory_order_relaxed);
    row.size.store((mapping.size() + page_bytes - 1) / page_bytes * page_bytes,
                   std::memory_order_release);
    return std::unique_ptr<CutGuard>(new CutGuard(i));
  }
  return nullptr;
}

CutGuard::~CutGuard() {
  rows[row_].size.store(0, std::memory_order_relaxed);
  rows[row_].taken.store(false, std::memory_order_release);
}

bool CutGuard::was_met() const { return rows[row_].met.load(std::memory_order_relaxed); }

}  // namespace vedette
