// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/result.h"
#include "scan/git/diff_reader.h"

namespace vedette::scan::git {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  DiffReader reader({reinterpret_cast<const char*>(data), size});
  DiffFile file;
  while (reader.next(file)) {
    CHECK(!file.path.empty() && !file.lines.empty());
    std::uint32_t before = 0;
    for (const auto& lines : file.lines) {
      CHECK(lines.first > before && lines.last >= lines.first);
      before = lines.last;
    }
    CHECK(std::ranges::count(file.bytes, '\n') >= before);
  }
  return 0;
}

}  // namespace vedette::scan::git
