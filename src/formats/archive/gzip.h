// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// RFC 1952 through zlib, checksums verified, members one after another. (libarchive's filter does
// neither verify them nor give what it unpacked of a broken block.)
Result<std::unique_ptr<ByteStream>> open_gzip(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion);

}  // namespace vedette::formats::archive
