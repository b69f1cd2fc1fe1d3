// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a mirror offers: a database as a whole, and as the difference to earlier ones.
namespace vedette::vulnerabilities {

inline constexpr std::uint64_t kDatabaseBytesMax = std::uint64_t{16} << 30;

struct ReleaseFile {
  std::string name;  // beside the manifest; letters, digits, '.', '_' and '-'
  std::uint64_t size = 0;
  std::string digest;  // SHA-256
  std::string from;    // the digest of the database that it changes; empty: it is whole
};

// The manifest, which is signed: text with a line for each thing.
//
//   vedette-database 1
//   date 2026-08-21T10:00:00Z
//   database DIGEST SIZE
//   full NAME SIZE DIGEST
//   delta FROM NAME SIZE DIGEST
struct Release {
  std::string date;    // of the newest advisory in it
  std::string digest;  // of the unpacked database
  std::uint64_t size = 0;
  std::vector<ReleaseFile> files;
};
std::string to_text(const Release& release);
Result<Release> read_release(std::string_view text);

// zstd frames; with `from` they refer to its bytes (as zstd's --patch-from does).
Result<std::string> pack(std::string_view database, std::string_view from);
// ErrorCode::kInvalid for what is damaged or does not give exactly `size` bytes.
Result<std::string> unpack(std::string_view packed, std::string_view from, std::uint64_t size);

}  // namespace vedette::vulnerabilities
