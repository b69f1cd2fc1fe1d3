// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {

// Files of a tar. One with holes is the bytes that are stored of it, with what says where they go
// where that stands among them: a few bytes may claim millions of holes.
std::unique_ptr<ArchiveReader> open_tar(std::unique_ptr<ByteStream> stored, Expansion& expansion);

// A member's name as it may be shown: bytes that a terminal would act on are written as \xHH.
std::string shown_name(std::string_view name);

}  // namespace vedette::formats::archive
