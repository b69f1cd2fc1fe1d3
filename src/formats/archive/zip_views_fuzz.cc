// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "formats/archive/zip_views.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace archive = vedette::formats::archive;
  const archive::ZipViews views = archive::read_zip({reinterpret_cast<const char*>(data), size});
  std::size_t count = 0;
  for (const archive::ZipMember& member : views.members) {
    if (++count > 100) break;
    archive::unpack_member(member, 1 << 16);
    archive::ZipMember unstated = member;
    unstated.stated_size = 0;
    const auto made = archive::unpack_whole_member(member, 1 << 16);
    const auto other = archive::unpack_whole_member(unstated, 1 << 16);
    CHECK(made.has_value() == other.has_value());
    if (made) CHECK(*made == *other);
  }
  return 0;
}
