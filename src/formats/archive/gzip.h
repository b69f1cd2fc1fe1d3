// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// RFC 1952 through zlib, checksums verified, members one after another. (libarchive's filter does
// neither verify them nor give what it unpacked of a broken block.)
Result<std::unique_ptr<ByteStream>> open_gzip(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion);

// RFC 1950, whole: a section of a program. ErrorCode::kLimit beyond `bytes_max`.
Result<std::string> unpack_zlib(std::string_view packed, std::size_t bytes_max);
// The same of RFC 1951: a member of a zip. Twice as fast where it is `stated_size` bytes.
Result<std::string> unpack_deflate(std::string_view packed, std::size_t bytes_max,
                                   std::uint64_t stated_size);

// RFC 1951, up to `bytes_max` bytes: what comes before the damage, where there is one.
std::string inflate_prefix(std::string_view packed, std::size_t bytes_max);
// The same of RFC 1952, without a look at the checksums of header and data. Python's gzip leaves
// out the header's.
std::string ungzip_prefix(std::string_view packed, std::size_t bytes_max);

}  // namespace vedette::formats::archive
