// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::formats::packages {

// What one package's header in rpm's database says of it.
struct RpmHeader {
  std::string_view name;
  std::string_view version;
  std::string_view release;
  std::optional<std::uint32_t> epoch;
  std::string_view architecture;
  std::string_view license;
  std::string_view source_rpm;       // "bash-5.1.8-6.el9.src.rpm"
  std::vector<std::uint64_t> files;  // as Package::files
};

// Reads a header as databases hold it (without the magic of a package file): counts of entries and
// bytes of data, the entries, the data, all big-endian. Views are of `blob`. `files_max`: more are
// left out. ErrorCode::kInvalid where counts or places point outside.
Result<RpmHeader> read_rpm_header(std::string_view blob, std::size_t files_max);

}  // namespace vedette::formats::packages
