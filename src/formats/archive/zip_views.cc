// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/zip_views.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "formats/archive/archive.h"
#include "formats/archive/gzip.h"
#include "formats/archive/libarchive.h"
#include "formats/archive/xz.h"
#include "formats/archive/zstd.h"

namespace vedette::formats::archive {
namespace {

using std::string_view_literals::operator""sv;

// APPNOTE.TXT 4.3: sizes of the fixed parts.
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocatorSize = 20;
constexpr std::size_t kTailSize = std::size_t{1} << 20;
// 4.4.5
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint64_t kIn64 = 0xFFFFFFFF;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(std::uint64_t at, std::size_t size) const {
    std::uint64_t value = 0;
    if (at > bytes_.size() || size > bytes_.size() - at) return 0;
    for (std::size_t i = size; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(at) + i]);
    return value;
  }
  std::string_view text(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size()) return {};
    return bytes_.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }
  bool is_at(std::uint64_t at, std::string_view signature) const {
    return text(at, signature.size()) == signature;
  }
  std::size_t size() const { return bytes_.size(); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// The value of a Zip64 field, where the plain one says that it is there (4.5.3).
std::uint64_t wide(std::string_view extra, std::uint64_t plain, std::size_t& skipped) {
  if (plain != kIn64) return plain;
  const Reader fields(extra);
  for (std::uint64_t at = 0; at + 4 <= extra.size();) {
    const std::uint64_t size = fields.number(at + 2, 2);
    if (fields.number(at, 2) == 1) {
      const std::uint64_t value = fields.number(at + 4 + skipped, 8);
      skipped += 8;
      return value;
    }
    at += 4 + size;
  }
  return plain;
}

struct Header {
  std::string_view name;
  std::uint64_t data = 0;
  std::uint64_t packed_size = 0;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
};

std::optional<Header> local_header(const Reader& reader, std::uint64_t at) {
  if (!reader.is_at(at, "PK\x03\x04"sv)) return std::nullopt;
  Header header;
  header.flags = static_cast<std::uint16_t>(reader.number(at + 6, 2));
  header.method = static_cast<std::uint16_t>(reader.number(at + 8, 2));
  const std::uint64_t name_size = reader.number(at + 26, 2);
  const std::uint64_t extra_size = reader.number(at + 28, 2);
  header.name = reader.text(at + kLocalSize, name_size);
  const std::string_view extra = reader.text(at + kLocalSize + name_size, extra_size);
  std::size_t skipped = reader.number(at + 22, 4) == kIn64 ? 8 : 0;
  header.packed_size = wide(extra, reader.number(at + 18, 4), skipped);
  header.data = at + kLocalSize + name_size + extra_size;
  if (header.data > reader.size()) return std::nullopt;
  return header;
}

class Views {
 public:
  explicit Views(std::string_view bytes) : reader_(bytes) {}

  ZipViews read() {
    read_directory();
    read_headers();
    for (auto& [at, member] : by_place_) views_.members.push_back(member);
    return std::move(views_);
  }

 private:
  void read_directory() {
    // Readers look so far back only, as the comment behind has a size of 16 bits.
    const std::string_view bytes = reader_.bytes();
    const std::size_t tail = bytes.size() - std::min(bytes.size(), kTailSize);
    const std::size_t found = bytes.substr(tail).rfind("PK\x05\x06"sv);
    if (found == std::string_view::npos || tail + found + kEndSize > bytes.size()) return;
    const std::size_t end = tail + found;
    std::uint64_t size = reader_.number(end + 12, 4);
    std::uint64_t at = reader_.number(end + 16, 4);
    std::uint64_t end_of_directory = end;
    // The locator stands right before, and the record mostly before that.
    constexpr std::size_t kBefore = kLocatorSize + kEnd64Size;
    if ((at == kIn64 || size == kIn64) && end >= kBefore &&
        reader_.is_at(end - kLocatorSize, "PK\x06\x07"sv)) {
      std::uint64_t end64 = end - kBefore;
      if (!reader_.is_at(end64, "PK\x06\x06"sv)) end64 = reader_.number(end - kLocatorSize + 8, 8);
      if (reader_.is_at(end64, "PK\x06\x06"sv)) {
        size = reader_.number(end64 + 40, 8);
        at = reader_.number(end64 + 48, 8);
        end_of_directory = end64;
      }
    }
    // What was put in front of the archive moves all offsets.
    const std::uint64_t real = end_of_directory >= size ? end_of_directory - size : at;
    const std::uint64_t shift = real >= at && reader_.is_at(real, "PK\x01\x02"sv) ? real - at : 0;
    at += shift;
    while (reader_.is_at(at, "PK\x01\x02"sv) && at + kCentralSize <= reader_.size()) {
      views_.has_directory = true;
      if (by_place_.size() >= ZipViews::kMembersMax) {
        views_.is_cut = true;
        return;
      }
      at += add_entry(at, shift);
    }
  }

  // Returns the size of the directory's entry.
  std::uint64_t add_entry(std::uint64_t at, std::uint64_t shift) {
    ZipMember member;
    const std::uint64_t name_size = reader_.number(at + 28, 2);
    const std::uint64_t extra_size = reader_.number(at + 30, 2);
    const std::string_view extra = reader_.text(at + kCentralSize + name_size, extra_size);
    member.name = reader_.text(at + kCentralSize, name_size);
    member.method = static_cast<std::uint16_t>(reader_.number(at + 10, 2));
    member.is_encrypted = (reader_.number(at + 8, 2) & 1) != 0;
    member.in_directory = true;
    constexpr std::uint64_t kUnix = 3;
    constexpr std::uint64_t kTypeMask = 0170000;
    constexpr std::uint64_t kLink = 0120000;
    member.is_link = reader_.number(at + 5, 1) == kUnix &&
                     (reader_.number(at + 38, 4) >> 16U & kTypeMask) == kLink;
    const std::uint64_t unpacked = reader_.number(at + 24, 4);
    if (unpacked != kIn64) member.stated_size = unpacked;
    std::size_t skipped = unpacked == kIn64 ? 8 : 0;
    const std::uint64_t packed = wide(extra, reader_.number(at + 20, 4), skipped);
    const std::uint64_t place = wide(extra, reader_.number(at + 42, 4), skipped) + shift;
    if (const auto header = local_header(reader_, place)) {
      member.has_header = true;
      member.is_encrypted = member.is_encrypted && (header->flags & 1) != 0;
      if (header->name != member.name) member.other_name = header->name;
      member.packed = reader_.text(header->data, packed);
      if (header->method != member.method) member.other_method = header->method;
      // Zero where the sizes stand behind the content.
      if (header->packed_size != 0 && header->packed_size != packed)
        member.other_packed = reader_.text(header->data, header->packed_size);
    } else {
      // Readers that trust the directory only.
      member.packed = reader_.text(place + kLocalSize + name_size, packed);
    }
    by_place_.emplace(place, member);
    return kCentralSize + name_size + extra_size + reader_.number(at + 32, 2);
  }

  // Headers that the directory does not tell of. Where members lie back to back, nothing is
  // searched.
  void read_headers() {
    const std::string_view bytes = reader_.bytes();
    std::size_t at = bytes.find("PK\x03\x04"sv);
    while (at != std::string_view::npos && by_place_.size() < ZipViews::kMembersMax) {
      const auto known = by_place_.find(at);
      std::uint64_t next = at + 4;
      if (known != by_place_.end()) {
        if (known->second.has_header && !known->second.packed.empty())
          next = static_cast<std::uint64_t>(known->second.packed.data() - bytes.data()) +
                 known->second.packed.size();
      } else if (const auto header = local_header(reader_, at); header && header->name.size() > 0) {
        ZipMember member;
        member.name = header->name;
        member.method = header->method;
        member.is_encrypted = (header->flags & 1) != 0;
        member.has_header = true;
        const std::uint64_t size =
            header->packed_size != 0 ? header->packed_size : reader_.size() - header->data;
        member.packed = reader_.text(header->data, size);
        by_place_.emplace(at, member);
        next = header->data + header->packed_size;
      }
      at = next < bytes.size() ? bytes.find("PK\x03\x04"sv, static_cast<std::size_t>(next))
                               : std::string_view::npos;
    }
  }

  Reader reader_;
  ZipViews views_;
  std::map<std::uint64_t, ZipMember> by_place_;
};

// Methods that few writers use (4.4.5).
std::string unpack_stream(const ZipMember& member, std::size_t bytes_max) {
  constexpr std::uint16_t kBzip2 = 12;
  constexpr std::uint16_t kLzma = 14;
  constexpr std::uint16_t kZstd = 93;
  constexpr std::uint16_t kXz = 95;
  const Limits limits;
  Expansion expansion(limits);
  expansion.add_stored(member.packed.size());
  std::string packed(member.packed);
  // Version and size of the properties stand before them (5.8.8); LZMA of its own wants the
  // unpacked size behind them, all ones where it is unknown.
  if (member.method == kLzma && packed.size() > 9)
    packed = packed.substr(4, 5) + std::string(8, '\xFF') + packed.substr(9);
  auto stored = std::make_unique<MemoryStream>(std::move(packed));
  Result<std::unique_ptr<ByteStream>> stream = failure(
      ErrorCode::kUnsupported, "the member is packed by a method that is not unpacked here");
  if (member.method == kBzip2) stream = open_bzip2(std::move(stored), expansion);
  if (member.method == kLzma) stream = open_lzma(std::move(stored), expansion);
  if (member.method == kZstd) stream = open_zstd(std::move(stored), expansion);
  if (member.method == kXz) stream = open_xz(std::move(stored), expansion);
  std::string out;
  while (stream && out.size() < bytes_max) {
    const std::size_t at = out.size();
    out.resize(std::min(at + (std::size_t{64} << 10), bytes_max));
    const Result<std::size_t> got = (*stream)->read(out.data() + at, out.size() - at);
    out.resize(at + (got ? *got : 0));
    if (!got || *got == 0) break;
  }
  return out;
}

}  // namespace

ZipViews read_zip(std::string_view bytes) { return Views(bytes).read(); }

std::string unpack_member(const ZipMember& member, std::size_t bytes_max) {
  if (member.method == kDeflated) return inflate_prefix(member.packed, bytes_max);
  if (member.method == kStored) return std::string(member.packed.substr(0, bytes_max));
  return unpack_stream(member, bytes_max);
}

bool is_packed_nothing(const ZipMember& member) {
  using std::string_view_literals::operator""sv;
  constexpr std::uint16_t kBzip2 = 12;
  constexpr std::uint16_t kLzma = 14;
  if (member.is_encrypted) return false;
  if (member.method == kDeflated) return member.packed == "\x03\0"sv;
  // The mark of an end without blocks.
  if (member.method == kBzip2)
    return member.packed.size() == 14 && member.packed.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv;
  // The range coder's first bytes and the mark of the end.
  return member.method == kLzma && member.packed.ends_with("\x83\xFF\xFB\xFF\xFF\xC0\0\0\0"sv) &&
         member.packed.size() <= 20;
}

Result<std::string> unpack_whole_member(const ZipMember& member, std::size_t bytes_max) {
  if (member.is_encrypted) return failure(ErrorCode::kUnsupported, "the member is encrypted");
  if (member.method == kDeflated)
    return unpack_deflate(member.packed, bytes_max, member.stated_size);
  if (member.method != kStored) {
    return failure(ErrorCode::kUnsupported,
                   "the member is packed by a method that is not unpacked here");
  }
  if (member.packed.size() > bytes_max)
    return failure(ErrorCode::kLimit, fmt::format("unpacks to more than {} bytes", bytes_max));
  return std::string(member.packed);
}

}  // namespace vedette::formats::archive
