// SPDX-License-Identifier: Apache-2.0
#include "formats/git/pack_index.h"

namespace vedette::formats::git {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const HashKind kind : {HashKind::kSha1, HashKind::kSha256}) {
    if (const auto index = PackIndex::parse(bytes, kind)) {
      for (std::uint32_t i = 0; i < index->count(); ++i) {
        const auto found = index->find(index->id(i));
        CHECK(!found || index->id(*found) == index->id(i));
        CHECK(index->find_prefix(index->id(i), 7, 3).size() <= 3);
        (void)index->offset(i);
      }
    }
    if (const auto index = MultiPackIndex::parse(bytes, kind)) {
      for (std::uint32_t i = 0; i < index->count(); ++i) {
        (void)index->id(i);
        (void)index->at(i);
      }
    }
  }
  return 0;
}

}  // namespace vedette::formats::git
