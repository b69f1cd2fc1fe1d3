// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "formats/packages/system/integers.h"
#include "formats/packages/system/rpm_database.h"

// rpm's lib/backend/ndb/rpmpkg.c is what specifies it. All numbers are little-endian.
namespace vedette::formats::packages {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kSlotBytes = 16;
constexpr std::uint64_t kSlotsBegin = 32;  // the file's header takes the place of two slots
constexpr std::uint64_t kBlockBytes = 16;
constexpr std::uint64_t kBlobHeaderBytes = 16;

}  // namespace

bool is_ndb(std::string_view bytes) { return bytes.starts_with("RpmP"); }

Result<void> read_ndb(std::string_view bytes, const RpmBlobSink& sink) {
  const auto pages = little_endian<std::uint32_t>(bytes, 12);
  if (!is_ndb(bytes) || !pages)
    return failure(ErrorCode::kInvalid, "expected a database of rpm, found other bytes");
  const std::uint64_t end = std::min<std::uint64_t>(*pages * kPageBytes, bytes.size());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> blobs;  // number of the package, block
  for (std::uint64_t at = kSlotsBegin; at + kSlotBytes <= end; at += kSlotBytes) {
    if (bytes.substr(at, 4) != "Slot")
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected a slot at byte {}, found none", at));
    const std::uint32_t number = *little_endian<std::uint32_t>(bytes, at + 4);
    if (number != 0) blobs.emplace_back(number, *little_endian<std::uint32_t>(bytes, at + 8));
  }
  std::sort(blobs.begin(), blobs.end());
  std::uint64_t lost = 0;
  // Two packages do not share bytes, so all of them together are no longer than the file.
  std::uint64_t left = bytes.size();
  for (const auto& [number, block] : blobs) {
    const std::uint64_t at = block * kBlockBytes;
    const auto size = little_endian<std::uint32_t>(bytes, at + 12);
    const bool good = size && bytes.substr(at, 4) == "BlbS" &&
                      little_endian<std::uint32_t>(bytes, at + 4) == number && *size <= left &&
                      bytes.size() - at - kBlobHeaderBytes >= *size;
    if (!good) {
      ++lost;
      continue;
    }
    left -= *size;
    sink(bytes.substr(at + kBlobHeaderBytes, *size));
  }
  if (lost != 0) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected {} packages where slots point to, {} are not there",
                               blobs.size(), lost));
  }
  if (end < *pages * kPageBytes)
    return failure(ErrorCode::kTruncated, "the table of slots ends too early");
  return {};
}

}  // namespace vedette::formats::packages
