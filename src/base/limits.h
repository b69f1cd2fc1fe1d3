// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Bounds that every parser of outside bytes is given. Reaching one is an Error or a Diagnostic with
// ErrorCode::kLimit, never silence.
namespace vedette {

struct Limits {
  std::size_t record_bytes_max = std::size_t{16} << 20;  // one event, decoded form included
  std::size_t depth_max = 64;                            // nesting of objects, elements, templates
  std::size_t values_max = 65536;                        // values in one event
  std::size_t file_bytes_max = std::size_t{16} << 20;    // a rule, pipeline or variable file
  std::size_t packing_layers_max = 8;                    // a.tar.gz/b.gz has three
  std::uint64_t members_max = 1'000'000;                 // of one archive
  std::size_t archive_memory_max = std::size_t{32}
                                   << 20;  // an archive that needs seeking, inside of another
  std::uint64_t unpacked_bytes_max = std::uint64_t{32} << 30;  // of one stored file, all layers
  std::uint64_t expansion_ratio_max = 1000;                    // unpacked bytes per packed byte
  std::uint64_t expansion_bytes_min = std::uint64_t{64}
                                      << 20;  // below this the ratio is not judged
};

}  // namespace vedette
