// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::formats::models {

// The head of a GGUF file, versions 1 to 3 (ggml's docs/gguf.md): settings and where tensors lie.
// Tensors themselves are not read.
struct GgufHead {
  std::uint32_t version = 0;
  bool big_endian = false;
  std::uint64_t tensors = 0;
  // Settings that are texts; lists of texts by each of their texts, up to kTextsMax. In the bytes.
  std::vector<std::pair<std::string_view, std::string_view>> texts;
  // What breaks the format's rules, in words. A loader that trusts it reads or writes out of
  // bounds.
  std::vector<std::string> faults;
};

inline constexpr std::size_t kGgufTextsMax = 10'000;

bool is_gguf(std::string_view bytes);
// `size` is that of the whole file, of which `bytes` may be the begin only.
GgufHead read_gguf(std::string_view bytes, std::uint64_t size);

}  // namespace vedette::formats::models
