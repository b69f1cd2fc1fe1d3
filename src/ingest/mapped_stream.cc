// SPDX-License-Identifier: Apache-2.0
#include "ingest/mapped_stream.h"

#include <algorithm>
#include <fmt/format.h>

namespace vedette::ingest {

Result<std::unique_ptr<MappedStream>> MappedStream::open(const std::string& path,
                                                         ReadCounts counts) {
  TRY(MappedFile file, MappedFile::open(path, MappedFile::kCopiedMax, MappedFile::Cuts::kSurvived));
  return std::unique_ptr<MappedStream>(new MappedStream(path, std::move(file), counts));
}

std::string_view MappedStream::lend(std::size_t size_max) {
  if (file_.was_cut()) return {};
  const std::string_view lent = file_.bytes().substr(at_, size_max);
  if (held_ >= kHeldMax) {
    file_.release();
    held_ = 0;
  }
  held_ += lent.size();
  at_ += lent.size();
  counts_.total->fetch_add(lent.size(), std::memory_order_relaxed);
  counts_.expansion->add_stored(lent.size());
  return lent;
}

Result<std::size_t> MappedStream::read(char* out, std::size_t capacity) {
  const std::string_view lent = lend(capacity);
  lent.copy(out, lent.size());
  if (file_.was_cut()) {
    return failure(ErrorCode::kTruncated, fmt::format("{} was cut while it was read, from {} bytes",
                                                      path_, file_.bytes().size()));
  }
  return lent.size();
}

bool MappedStream::seek(std::uint64_t position) {
  at_ = static_cast<std::size_t>(std::min<std::uint64_t>(position, file_.bytes().size()));
  return true;
}

}  // namespace vedette::ingest
