// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// RFC 8878 through libzstd, frames one after another. A window above 128 MiB is refused.
Result<std::unique_ptr<ByteStream>> open_zstd(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion);

}  // namespace vedette::formats::archive
