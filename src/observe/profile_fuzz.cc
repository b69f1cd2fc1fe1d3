// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "observe/profile.h"

namespace vedette {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profile = observe::read_profile(text, "profile", {});
  // What was taken for a profile can be written, and is what it was.
  if (profile) {
    const std::string yaml = observe::to_yaml(*profile);
    const auto again = observe::read_profile(yaml, "profile", {});
    CHECK(!again || observe::to_yaml(*again) == yaml);
  }
  return 0;
}

}  // namespace vedette
