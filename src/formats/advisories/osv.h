// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "formats/advisories/advisory.h"

namespace vedette::formats::advisories {

// Reads records of OSV's schema, 1.0 to 1.7, one after the other: unknown members are passed over,
// what is of a wrong type counts as missing. One thread.
class OsvReader {
 public:
  OsvReader();
  OsvReader(OsvReader&&) noexcept;
  OsvReader& operator=(OsvReader&&) noexcept;
  ~OsvReader();

  // ErrorCode::kInvalid for what is no record (no JSON object, no id), ErrorCode::kLimit for more
  // than Limits::record_bytes_max.
  Result<Advisory> read(std::string_view json, const Limits& limits);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::formats::advisories
