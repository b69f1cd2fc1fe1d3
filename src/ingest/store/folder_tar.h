// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "formats/archive/byte_stream.h"
#include "ingest/file_stream.h"

namespace vedette::ingest {

// What marks of an overlay's upper folder become.
enum class OverlayMarks : std::uint8_t {
  kNone,       // nothing: it is a whole file system
  kWhiteouts,  // ".wh." entries, as a layer has them
};

// The deepest folder that is entered.
constexpr std::size_t kFolderTarDepthMax = 256;
// Files of several names of which all but the first become hard links; others become files again.
constexpr std::size_t kFolderTarLinksMax = 250'000;

// All files below a folder as a tar, in the order of their paths: what reads layers of images can
// read it. No link is followed but where `path` itself is one; links and special files are entries
// without bytes or none. File systems of the kernel are left out, unless the folder is in one.
//
// What cannot be read is passed over, or read as zeros where a file is shorter than it was; the
// stream then ends with an Error that tells how much it was and the first of it. Sizes are those of
// when a file was opened. `counts` outlives the stream, which can seek within the file at hand.
Result<std::unique_ptr<formats::archive::ByteStream>> open_folder_tar(const std::string& path,
                                                                      OverlayMarks marks,
                                                                      ReadCounts counts);

}  // namespace vedette::ingest
