// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_parser.h"

namespace vedette::formats::git {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const HashKind kind : {HashKind::kSha1, HashKind::kSha256}) {
    Commit commit;
    if (parse_commit(bytes, kind, commit)) CHECK(commit.parents.size() <= size / 40);
    (void)parse_tag(bytes, kind);
    TreeReader tree(bytes, kind);
    TreeEntry entry;
    std::size_t read = 0;
    while (tree.next(entry)) {
      CHECK(!entry.name.empty() && entry.id + bytes_of(kind) <= bytes.data() + size);
      read += entry.bytes.size();
    }
    CHECK(tree.damaged() || read == size);
  }
  return 0;
}

}  // namespace vedette::formats::git
