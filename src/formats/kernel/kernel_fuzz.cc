// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <string_view>

#include "formats/kernel/decoder.h"
#include "formats/logs/decoder_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vedette::formats::kernel::KernelDecoder;
  using vedette::formats::logs::Records;
  constexpr auto kPaths = std::to_array<std::string_view>(
      {"evt.type", "evt.args", "evt.arg.flags", "proc.name", "proc.cmdline", "proc.aname",
       "proc.aname[2]", "proc.env[PATH]", "fd.name", "fd.ip", "fs.path.name", "user.name",
       "container.image.repository", "container.mount.dest[/etc]", "container.label.a",
       "dns.question", "dns.answer", "thread.cap_permitted", "proc.loginshellid"});
  vedette::formats::logs::fuzz_decoder<KernelDecoder, Records::kMayBeState>(data, size, kPaths);
  return 0;
}
