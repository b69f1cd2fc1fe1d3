// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "formats/packages/system/integers.h"
#include "formats/packages/system/rpm_database.h"

// Berkeley DB's dbinc/db_page.h is what specifies it. A hash is a row of pages; each holds keys and
// values in turn, a long value is a chain of overflow pages. The table from keys to pages is of no
// use here: all pages are gone through.
namespace vedette::formats::packages {
namespace {

constexpr std::uint32_t kHashMagic = 0x061561;
constexpr std::uint64_t kPageHeaderBytes = 26;
constexpr std::uint32_t kPageBytesMin = 512;
constexpr std::uint32_t kPageBytesMax = 65'536;
constexpr std::uint64_t kBlobBytesMax = std::uint64_t{256} << 20;
// The value of key 0 is the number of the next package; no header is as short.
constexpr std::size_t kHeaderBytesMin = 9;

enum PageType : unsigned char { kHashUnsorted = 2, kOverflow = 7, kHashMeta = 8, kHash = 13 };
enum ItemType : unsigned char { kKeyData = 1, kOffPage = 3 };

class BerkeleyHash {
 public:
  static Result<BerkeleyHash> create(std::string_view bytes) {
    BerkeleyHash hash;
    hash.bytes_ = bytes;
    hash.is_big_ = big_endian<std::uint32_t>(bytes, 12) == kHashMagic;
    const auto page = hash.number<std::uint32_t>(20);
    const auto encryption = little_endian<std::uint8_t>(bytes, 24);
    const bool good = page && *page >= kPageBytesMin && *page <= kPageBytesMax &&
                      (*page & (*page - 1)) == 0 && bytes.size() >= *page;
    if (!good || !encryption)
      return failure(ErrorCode::kInvalid, "expected a hash of Berkeley DB, found other bytes");
    if (*encryption != 0)
      return failure(ErrorCode::kUnsupported, "the database is encrypted; it cannot be read");
    hash.page_bytes_ = *page;
    hash.last_page_ = hash.number<std::uint32_t>(32).value_or(0);
    hash.left_ = bytes.size();
    return hash;
  }

  Result<void> read(const RpmBlobSink& sink) {
    const std::uint64_t pages = bytes_.size() / page_bytes_;
    for (std::uint64_t page = 1; page < pages; ++page) {
      const auto type = static_cast<unsigned char>(bytes_[page * page_bytes_ + 25]);
      if (type == kHash || type == kHashUnsorted) read_page(page, sink);
    }
    if (lost_ != 0) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("{} values of the database lead nowhere", lost_));
    }
    if (last_page_ >= pages) {
      return failure(ErrorCode::kTruncated,
                     fmt::format("expected {} pages in the database, found {}",
                                 last_page_ + std::uint64_t{1}, pages));
    }
    return {};
  }

 private:
  template <typename Integer>
  std::optional<Integer> number(std::uint64_t at) const {
    return is_big_ ? big_endian<Integer>(bytes_, at) : little_endian<Integer>(bytes_, at);
  }

  // Where items begin stands behind the page's header; they were put from its end backwards.
  void read_page(std::uint64_t page, const RpmBlobSink& sink) {
    const std::uint64_t begin = page * page_bytes_;
    const std::uint64_t count = std::min<std::uint64_t>(
        number<std::uint16_t>(begin + 20).value_or(0), (page_bytes_ - kPageHeaderBytes) / 2);
    for (std::uint64_t i = 1; i < count; i += 2) {
      const std::uint64_t index = begin + kPageHeaderBytes + i * 2;
      const std::uint64_t at = number<std::uint16_t>(index).value_or(0);
      const std::uint64_t end = number<std::uint16_t>(index - 2).value_or(0);
      if (at < kPageHeaderBytes || at >= end || end > page_bytes_) {
        ++lost_;
        continue;
      }
      read_item(bytes_.substr(begin + at, end - at), begin + at, sink);
    }
  }

  void read_item(std::string_view item, std::uint64_t at, const RpmBlobSink& sink) {
    const auto type = static_cast<unsigned char>(item.front());
    if (type == kKeyData) {
      if (item.size() - 1 >= kHeaderBytesMin) sink(item.substr(1));
      return;
    }
    if (type != kOffPage || item.size() < 12) {
      ++lost_;
      return;
    }
    if (read_chain(*number<std::uint32_t>(at + 4), *number<std::uint32_t>(at + 8))) {
      sink(blob_);
    } else {
      ++lost_;
    }
  }

  // Two values do not share pages, so that all chains together are no longer than the file: one
  // that is a ring ends too.
  bool read_chain(std::uint64_t page, std::uint64_t size) {
    blob_.clear();
    if (size > kBlobBytesMax || size > bytes_.size()) return false;
    while (page != 0 && blob_.size() < size) {
      const std::uint64_t begin = page * page_bytes_;
      if (begin > bytes_.size() || bytes_.size() - begin < page_bytes_) return false;
      if (static_cast<unsigned char>(bytes_[begin + 25]) != kOverflow) return false;
      const std::uint64_t count = number<std::uint16_t>(begin + 22).value_or(0);
      if (count == 0 || count > page_bytes_ - kPageHeaderBytes || count > left_) return false;
      left_ -= count;
      blob_ += bytes_.substr(begin + kPageHeaderBytes, count);
      page = number<std::uint32_t>(begin + 16).value_or(0);
    }
    return blob_.size() == size;
  }

  std::string_view bytes_;  // the caller's, which outlives this
  bool is_big_ = false;
  std::uint64_t page_bytes_ = 0;
  std::uint32_t last_page_ = 0;
  std::uint64_t left_ = 0;  // bytes that chains may still take
  std::uint64_t lost_ = 0;
  std::string blob_;
};

}  // namespace

bool is_berkeley_hash(std::string_view bytes) {
  return big_endian<std::uint32_t>(bytes, 12) == kHashMagic ||
         little_endian<std::uint32_t>(bytes, 12) == kHashMagic;
}

Result<void> read_berkeley_hash(std::string_view bytes, const RpmBlobSink& sink) {
  TRY(BerkeleyHash hash, BerkeleyHash::create(bytes));
  return hash.read(sink);
}

}  // namespace vedette::formats::packages
