// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// Through liblzma. A stream whose window needs more than 128 MiB is refused; `xz -9` needs 65.
Result<std::unique_ptr<ByteStream>> open_xz(std::unique_ptr<ByteStream> stored,
                                            Expansion& expansion);

}  // namespace vedette::formats::archive
