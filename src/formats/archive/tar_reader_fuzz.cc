// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/result.h"
#include "formats/archive/tar_reader.h"
#include "formats/archive/test_pieces.h"

namespace formats = vedette::formats;

// What is seen of the archive.
static std::string seen_of(formats::archive::ByteStream& stream, bool takes, std::size_t size) {
  formats::archive::TarReader reader(stream);
  std::string seen;
  char bytes[4096];
  while (true) {
    const auto entry = reader.next();
    if (!entry || *entry == nullptr) return seen;
    std::uint64_t made = 0;
    const auto taken = takes ? reader.take() : vedette::Result<std::optional<std::string_view>>();
    if (taken && *taken) made = (*taken)->size();
    while (true) {
      const auto got = reader.read(bytes, sizeof(bytes));
      if (!got || *got == 0) break;
      made += *got;
    }
    CHECK(made <= size);
    seen += fmt::format("{} {} {}\n", (*entry)->name, (*entry)->link, made);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view tar(reinterpret_cast<const char*>(data), size);
  formats::archive::ViewStream stream(tar);
  formats::archive::PiecesStream read(tar, 4000, false);
  formats::archive::PiecesStream lent(tar, 1000, true);
  const std::string seen = seen_of(stream, true, size);
  CHECK(seen == seen_of(read, false, size));
  CHECK(seen == seen_of(lent, true, size));
  return 0;
}
