// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// Through libarchive. Of a broken stream up to one block before the damage is lost.
Result<std::unique_ptr<ByteStream>> open_bzip2(std::unique_ptr<ByteStream> stored,
                                               Expansion& expansion);

// Frames of LZ4, and of LZMA before xz; not found by detect_packing().
Result<std::unique_ptr<ByteStream>> open_lz4(std::unique_ptr<ByteStream> stored,
                                             Expansion& expansion);
Result<std::unique_ptr<ByteStream>> open_lzma(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion);

// `packing` is kZip or kSevenZip.
Result<std::unique_ptr<ArchiveReader>> open_libarchive(Packing packing,
                                                       std::unique_ptr<ByteStream> stored,
                                                       Expansion& expansion);

}  // namespace vedette::formats::archive
