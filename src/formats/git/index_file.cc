// SPDX-License-Identifier: Apache-2.0
#include "formats/git/index_file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "formats/git/big_endian.h"

namespace vedette::formats::git {
namespace {

constexpr std::size_t kHeadBytes = 12;
constexpr std::size_t kStatBytes = 40;  // before the id; the mode is the seventh number
constexpr std::size_t kModeAt = 24;
constexpr std::uint16_t kExtended = 0x4000;
constexpr std::uint16_t kIntentToAdd = 0x2000;
constexpr std::uint16_t kNameSize = 0x0fff;
constexpr std::size_t kFolderDepthMax = 4096;

std::unexpected<Error> cut_off() { return failure(ErrorCode::kTruncated, "the index is cut off"); }

class Parser {
 public:
  Parser(std::string_view bytes, HashKind kind) : bytes_(bytes), hash_bytes_(bytes_of(kind)) {}

  Result<IndexFile> parse() {
    if (bytes_.size() < kHeadBytes + hash_bytes_) return cut_off();
    if (!bytes_.starts_with("DIRC"))
      return failure(ErrorCode::kInvalid, "expected an index, found something else");
    version_ = big_endian_32(bytes_.data() + 4);
    if (version_ < 2 || version_ > 4) {
      return failure(ErrorCode::kUnsupported,
                     fmt::format("expected an index of version 2 to 4, found {}", version_));
    }
    const std::uint32_t count = big_endian_32(bytes_.data() + 8);
    end_ = bytes_.size() - hash_bytes_;
    at_ = kHeadBytes;
    if (count > (end_ - at_) / (kStatBytes + hash_bytes_ + 2)) return cut_off();
    index_.entries.reserve(count);
    // Never inside of the string itself: views of it must survive its moving.
    index_.paths.reserve(64);
    spans_.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) TRY_VOID(read_entry());
    for (std::uint32_t i = 0; i < count; ++i) {
      index_.entries[i].path =
          std::string_view(index_.paths).substr(spans_[i].first, spans_[i].second);
    }
    TRY_VOID(read_extensions());
    return std::move(index_);
  }

 private:
  Result<void> read_entry() {
    const std::size_t begin = at_;
    if (end_ - at_ < kStatBytes + hash_bytes_ + 2) return cut_off();
    IndexFile::Entry entry;
    entry.mode = big_endian_32(bytes_.data() + at_ + kModeAt);
    entry.id = ObjectId::from(bytes_.data() + at_ + kStatBytes, hash_bytes_);
    at_ += kStatBytes + hash_bytes_;
    const std::uint16_t flags = big_endian_16(bytes_.data() + at_);
    at_ += 2;
    entry.stage = static_cast<std::uint8_t>(flags >> 12 & 3U);
    if ((flags & kExtended) != 0) {
      if (version_ < 3 || end_ - at_ < 2) return cut_off();
      entry.intent_to_add = (big_endian_16(bytes_.data() + at_) & kIntentToAdd) != 0;
      at_ += 2;
    }
    TRY_VOID(version_ == 4 ? read_shared_path() : read_path(flags & kNameSize, begin));
    index_.entries.push_back(entry);
    return {};
  }

  // Up to its zero; a name as long as the field can say may be longer.
  Result<void> read_path(std::size_t size, std::size_t begin) {
    const std::string_view rest = bytes_.substr(at_, end_ - at_);
    const std::size_t zero = rest.find('\0');
    if (zero == std::string_view::npos) return cut_off();
    if (size != kNameSize && size != zero)
      return failure(ErrorCode::kInvalid, "the index is damaged: a path has another size");
    size = zero;
    add_path(rest.substr(0, size), 0);
    at_ += size + 1;
    // Padded with zeros to a multiple of eight.
    at_ = std::min(end_, begin + ((at_ - begin + 7) & ~std::size_t{7}));
    return {};
  }

  // Version 4: how much of the path before is dropped, then what is added.
  Result<void> read_shared_path() {
    std::size_t dropped = 0;
    for (unsigned i = 0;; ++i) {
      if (at_ == end_ || i == 5) return cut_off();
      const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
      dropped = dropped << 7 | (byte & 0x7fU);
      if ((byte & 0x80U) == 0) break;
      ++dropped;
    }
    const std::size_t before = spans_.empty() ? 0 : spans_.back().second;
    const std::string_view rest = bytes_.substr(at_, end_ - at_);
    const std::size_t size = rest.find('\0');
    if (size == std::string_view::npos) return cut_off();
    if (dropped > before || index_.paths.size() + before + size > kIndexPathBytesMax)
      return failure(ErrorCode::kInvalid, "the index is damaged: a path cannot be made");
    add_path(rest.substr(0, size), before - dropped);
    at_ += size + 1;
    return {};
  }

  // `kept`: bytes of the path before that stand before `text`.
  void add_path(std::string_view text, std::size_t kept) {
    const std::size_t begin = index_.paths.size();
    if (kept != 0) index_.paths.append(index_.paths.substr(spans_.back().first, kept));
    index_.paths.append(text);
    spans_.emplace_back(begin, index_.paths.size() - begin);
  }

  Result<void> read_extensions() {
    while (end_ - at_ >= 8) {
      const std::string_view name = bytes_.substr(at_, 4);
      const std::size_t size = big_endian_32(bytes_.data() + at_ + 4);
      at_ += 8;
      if (size > end_ - at_) return cut_off();
      const std::string_view content = bytes_.substr(at_, size);
      at_ += size;
      if (name == "link") {
        return failure(ErrorCode::kUnsupported,
                       "the index is split; `git update-index --no-split-index` joins it");
      }
      // A damaged one is as none: it only spares work.
      if (name == "TREE" && !read_folders(content)) index_.folders.clear();
    }
    std::ranges::sort(index_.folders, {}, &IndexFile::Folder::path);
    return {};
  }

  // "name\0count subfolders\n" and the id unless the count is negative; subfolders follow.
  bool read_folders(std::string_view rest) {
    struct Open {
      std::size_t path_size;
      std::uint64_t left;
    };
    std::vector<Open> open;
    std::string path;
    while (!rest.empty()) {
      const std::size_t zero = rest.find('\0');
      if (zero == std::string_view::npos) return false;
      const std::string_view name = rest.substr(0, zero);
      rest.remove_prefix(zero + 1);
      std::int64_t count = 0;
      std::uint64_t subfolders = 0;
      const char* const end = rest.data() + rest.size();
      auto number = std::from_chars(rest.data(), end, count);
      if (number.ec != std::errc() || number.ptr == end || *number.ptr != ' ') return false;
      number = std::from_chars(number.ptr + 1, end, subfolders);
      if (number.ec != std::errc() || number.ptr == end || *number.ptr != '\n') return false;
      rest.remove_prefix(static_cast<std::size_t>(number.ptr + 1 - rest.data()));
      if (!open.empty()) {
        --open.back().left;
        if (!path.empty()) path += '/';
      }
      path += name;
      folder_bytes_ += path.size();
      if (folder_bytes_ > kIndexPathBytesMax) return false;
      if (count >= 0) {
        if (rest.size() < hash_bytes_) return false;
        index_.folders.push_back({path, ObjectId::from(rest.data(), hash_bytes_)});
        rest.remove_prefix(hash_bytes_);
      }
      if (open.size() == kFolderDepthMax) return false;
      open.push_back({path.size(), subfolders});
      while (!open.empty() && open.back().left == 0) open.pop_back();
      path.resize(open.empty() ? 0 : open.back().path_size);
    }
    return true;
  }

  std::string_view bytes_;
  std::size_t hash_bytes_;
  std::uint32_t version_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // before the checksum
  std::size_t folder_bytes_ = 0;
  IndexFile index_;
  std::vector<std::pair<std::size_t, std::size_t>> spans_;  // of paths: begin, size
};

}  // namespace

Result<IndexFile> parse_index_file(std::string_view bytes, HashKind kind) {
  return Parser(bytes, kind).parse();
}

}  // namespace vedette::formats::git
