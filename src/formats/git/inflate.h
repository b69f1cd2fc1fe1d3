// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

struct libdeflate_decompressor;

namespace vedette::formats::git {

// zlib data (RFC 1950) whose unpacked size is known before, as it is in a pack; twice as fast as
// zlib's streams. One thread per object.
class Inflater {
 public:
  static Result<Inflater> create();

  // Fills `out` from the zlib data at the begin of `packed`, which may go on behind it. Fails with
  // kInvalid when it does not fill `out` exactly or its checksum is wrong.
  Result<void> inflate(std::string_view packed, std::span<char> out);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  explicit Inflater(libdeflate_decompressor* decompressor) : decompressor_(decompressor) {}

  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

// The first bytes of zlib data, at most as many as `out` has: how many there were. For the header
// of a loose object and the begin of a large blob. Fails with kInvalid when there are none.
Result<std::size_t> inflate_begin(std::string_view packed, std::span<char> out);

// The same as Inflater::inflate() for zlib data that comes by pieces, in half its speed: `more`
// gives those bytes, at least one, that stand behind as many as it is told. Its error ends it.
Result<void> inflate_pieces(const std::function<Result<std::string_view>(std::uint64_t)>& more,
                            std::span<char> out);

}  // namespace vedette::formats::git
