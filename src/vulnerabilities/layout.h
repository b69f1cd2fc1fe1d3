// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.h"

// The database's file, all numbers little-endian:
//
//   header    magic (8 bytes), version (u32), count of sections (u32), size of the file (u64),
//             checksum of header and table of sections, itself taken as 0 (u64)
//   table     for each section: offset (u64), size (u64), checksum (u64)
//   sections  in the order of Section
//
// Rows are of one size, so that they can be searched where they lie; what they point to are records
// as blobs with a checksum each, so that a reader need not look at more than it asks for.
namespace vedette::vulnerabilities {

inline constexpr std::string_view kMagic = "VEDETVDB";
inline constexpr std::uint32_t kLayoutVersion = 1;
inline constexpr std::size_t kHeaderBytes = 32;
inline constexpr std::size_t kSectionBytes = 24;

enum class Section : std::uint8_t {
  kSummary,         // one blob: DatabaseSummary
  kPackageRows,     // sorted by key: key's offset (u32) and size (u32), blob row
  kPackageKeys,     // ecosystem, a zero byte, name
  kAffected,        // for each package its AffectedRecords, one behind the other
  kAdvisoryRows,    // sorted by id: blob row
  kAdvisories,      // AdvisoryRecords
  kVulnerableRows,  // sorted by id: blob row
  kVulnerable,      // Vulnerabilities
  kNameRows,  // sorted by name: its offset (u32) and size (u32), index of a vulnerability (u32)
  kNames,     // ids of advisories and all names of vulnerabilities
};
inline constexpr std::size_t kSections = 10;

// A blob row: offset (u64), size (u32), the lower half of its checksum (u32).
inline constexpr std::size_t kBlobRowBytes = 16;
inline constexpr std::size_t kPackageRowBytes = 8 + kBlobRowBytes;
inline constexpr std::size_t kNameRowBytes = 12;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

template <typename Number>
Number load(std::string_view bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}
template <typename Number>
void append(Number value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::uint32_t blob_checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(hash_bytes(bytes));
}

}  // namespace vedette::vulnerabilities
