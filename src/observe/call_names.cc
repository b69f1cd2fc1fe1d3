// SPDX-License-Identifier: Apache-2.0
#include "observe/call_names.h"

#include <cstdlib>
#include <memory>
#include <seccomp.h>

namespace vedette::observe {
namespace {

constexpr std::size_t kBytesOfMachine = 64;

}  // namespace

std::set<std::string> call_names(std::string_view bits, Machine machine) {
  const bool native = machine == Machine::kAmd64;
  const std::size_t from = native ? 0 : kBytesOfMachine;
  std::set<std::string> names;
  if (bits.size() < from + kBytesOfMachine) return names;
  for (std::size_t number = 0; number < 8 * kBytesOfMachine; ++number) {
    // Words are little-endian, so bit n of byte m is number 8 m + n.
    const auto byte = static_cast<unsigned char>(bits[from + number / 8]);
    if ((byte >> (number % 8) & 1) == 0) continue;
    const std::unique_ptr<char, decltype(&std::free)> name(
        seccomp_syscall_resolve_num_arch(native ? SCMP_ARCH_X86_64 : SCMP_ARCH_X86,
                                         static_cast<int>(number)),
        &std::free);
    if (name != nullptr) names.emplace(name.get());
  }
  return names;
}

}  // namespace vedette::observe
