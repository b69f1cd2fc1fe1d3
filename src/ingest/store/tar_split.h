// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "formats/archive/byte_stream.h"
#include "ingest/file_stream.h"
#include "ingest/store/store_folder.h"

namespace vedette::ingest {

// The tar of a layer, byte by byte as it once was: what lies between the files' contents is kept in
// `split` (vbatts/tar-split: gzipped lines of JSON, segments and files in turn), the contents are
// files below `contents`. In the place of a file that is not there or is too short come zeros, so
// that what lies behind it can be read; the stream then ends with an Error.
Result<std::unique_ptr<formats::archive::ByteStream>> open_tar_split(
    std::unique_ptr<formats::archive::ByteStream> split,
    std::shared_ptr<const StoreFolder> contents, ReadCounts counts);
// The same of lines that are not packed.
std::unique_ptr<formats::archive::ByteStream> open_tar_split_lines(
    std::unique_ptr<formats::archive::ByteStream> lines,
    std::shared_ptr<const StoreFolder> contents, ReadCounts counts);

}  // namespace vedette::ingest
