// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "formats/git/delta.h"
#include "formats/git/inflate.h"
#include "formats/git/pack_entry.h"

namespace vedette::formats::git {

// The input is a pack, whose entries may begin anywhere, and a delta of its own first half.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    const auto entry = parse_pack_entry(bytes.substr(offset), offset, HashKind::kSha1);
    if (entry) CHECK(entry->data <= size && entry->base_offset <= offset);
  }
  Buffer made;
  const std::string_view base = bytes.substr(0, size / 2);
  if (apply_delta(base, bytes.substr(size / 2), 1 << 20, made)) {
    CHECK(*delta_result_size(bytes.substr(size / 2)) == made.size() && made.size() <= 1 << 20);
  }
  std::array<char, 512> out;
  if (const auto begin = inflate_begin(bytes, out)) CHECK(*begin <= out.size());
  (void)Inflater::create()->inflate(bytes, out);
  return 0;
}

}  // namespace vedette::formats::git
