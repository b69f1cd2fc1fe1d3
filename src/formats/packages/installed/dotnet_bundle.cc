// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/dotnet_bundle.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/find_bytes.h"
#include "formats/archive/zip_views.h"
#include "formats/packages/system/integers.h"

// dotnet/designs, single-file: the host program has the place of a header, written over a
// placeholder, before a mark of 32 bytes; the header stands behind the files and lists them.
namespace vedette::formats::packages {
namespace {

constexpr std::string_view kMark(
    "\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32"
    "\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae",
    32);
constexpr std::size_t kPlaceBytes = 8;
constexpr std::uint32_t kFilesMax = 100'000;
constexpr std::size_t kListBytesMax = std::size_t{64} << 20;
constexpr std::uint8_t kDepsJson = 3;  // of the kinds of files
// Of versions of the layout: .NET 5 is 2, .NET 6 and later are 6.
constexpr std::uint32_t kVersionMax = 6;
constexpr std::uint32_t kHasPlaces = 2;   // of two files, and flags
constexpr std::uint32_t kHasPacked = 6;   // sizes before files were compressed
constexpr std::size_t kPlacesBytes = 40;  // of these

// Takes numbers and texts off the header.
class Header {
 public:
  Header(std::string_view bytes, std::uint64_t at) : bytes_(bytes), at_(at) {}

  template <typename Integer>
  Integer number() {
    const auto value = little_endian<Integer>(bytes_, at_);
    failed_ = failed_ || !value;
    at_ += sizeof(Integer);
    return value.value_or(0);
  }
  // A length in groups of seven bits, the lowest first, and so many bytes.
  std::string_view text() {
    std::uint64_t size = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const auto byte = number<std::uint8_t>();
      size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::string_view text = bytes_.substr(at_, size);
    at_ += size;
    return text;
  }
  void skip(std::uint64_t bytes) { at_ += bytes; }
  bool failed() const { return failed_; }

 private:
  std::string_view bytes_;  // the caller's
  std::uint64_t at_;
  bool failed_ = false;
};

Result<std::string> unpacked(std::string_view packed, std::uint64_t size) {
  archive::ZipMember member;
  member.packed = packed;
  member.method = 8;  // the same deflate
  return archive::unpack_whole_member(member, std::min<std::uint64_t>(size, kListBytesMax));
}

}  // namespace

Result<std::optional<BundledList>> bundled_deps_json(std::string_view program) {
  const std::size_t mark = find_bytes(program, kMark);
  if (mark == std::string_view::npos || mark < kPlaceBytes) return std::nullopt;
  const std::uint64_t place = *little_endian<std::uint64_t>(program, mark - kPlaceBytes);
  if (place == 0) return std::nullopt;  // a host without files
  Header header(program, place);
  const auto version = header.number<std::uint32_t>();
  header.number<std::uint32_t>();  // the minor one
  const auto count = header.number<std::uint32_t>();
  header.text();  // a name for where files are unpacked to
  if (header.failed() || version == 0 || version > kVersionMax || count > kFilesMax)
    return failure(ErrorCode::kInvalid,
                   "expected the list of files of a .NET bundle, found something else");
  if (version >= kHasPlaces) header.skip(kPlacesBytes);
  for (std::uint32_t i = 0; i < count && !header.failed(); ++i) {
    const auto at = header.number<std::uint64_t>();
    const auto size = header.number<std::uint64_t>();
    const auto packed = version >= kHasPacked ? header.number<std::uint64_t>() : 0;
    const auto kind = header.number<std::uint8_t>();
    const std::string_view name = header.text();
    if (header.failed() || kind != kDepsJson) continue;
    const std::uint64_t stored = packed != 0 ? packed : size;
    if (at > program.size() || stored > program.size() - at || size > kListBytesMax)
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected {} in the .NET bundle, found it outside", name));
    BundledList list{name, {}};
    if (packed == 0) {
      list.text = program.substr(at, size);
    } else {
      TRY(list.text, unpacked(program.substr(at, stored), size));
    }
    return list;
  }
  if (header.failed())
    return failure(ErrorCode::kTruncated, "expected more files in a .NET bundle, found its end");
  return std::nullopt;
}

}  // namespace vedette::formats::packages
