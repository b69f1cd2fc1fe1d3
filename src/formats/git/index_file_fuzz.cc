// SPDX-License-Identifier: Apache-2.0
#include "formats/git/index_file.h"

namespace vedette::formats::git {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const HashKind kind : {HashKind::kSha1, HashKind::kSha256}) {
    const auto index = parse_index_file(bytes, kind);
    if (!index) continue;
    std::size_t path_bytes = 0;
    for (const auto& entry : index->entries) {
      CHECK(entry.stage <= 3 && entry.path.find('\0') == std::string_view::npos);
      path_bytes += entry.path.size();
    }
    CHECK(path_bytes <= kIndexPathBytesMax);
  }
  return 0;
}

}  // namespace vedette::formats::git
