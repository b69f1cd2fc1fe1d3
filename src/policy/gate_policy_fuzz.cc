// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "policy/gate_policy.h"
#include "policy/waiver.h"

// Any bytes as a policy and as waivers: no crash, and a waiver's own line is read as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vedette::policy::read_policy(text, "vedette.yaml");
  for (const auto& waiver : vedette::policy::read_waivers(text, "waivers.yaml").waivers) {
    const auto again = vedette::policy::read_waivers(waiver.line() + "\n", "again");
    if (again.waivers.size() != 1 || again.waivers[0].line() != waiver.line()) __builtin_trap();
  }
  return 0;
}
