// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "ingest/store/tar_split.h"

namespace ingest = vedette::ingest;
namespace archive = vedette::formats::archive;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto folder = ingest::StoreFolder::open(".");
  if (!folder) return 0;
  const std::shared_ptr<const ingest::StoreFolder> contents(&*folder, [](const auto*) {});
  const vedette::Limits limits;
  archive::Expansion expansion(limits);
  std::atomic<std::uint64_t> total = 0;
  std::string lines(reinterpret_cast<const char*>(data), size);
  const auto stream = ingest::open_tar_split_lines(
      std::make_unique<archive::MemoryStream>(std::move(lines)), contents, {&total, &expansion});
  std::array<char, 4096> out{};
  for (int i = 0; i < 1000; ++i) {
    const auto got = stream->read(out.data(), out.size());
    if (!got || *got == 0) break;
  }
  return 0;
}
