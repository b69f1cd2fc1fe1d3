// SPDX-License-Identifier: Apache-2.0
#include "formats/images/bolt_file.h"

#include <algorithm>

namespace vedette::formats::images {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kElementBytes = 16;  // of branches and leaves alike
constexpr std::uint32_t kMagic = 0xED0CDAED;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint16_t kBranch = 1;
constexpr std::uint16_t kLeaf = 2;
constexpr std::uint32_t kIsBucket = 1;
constexpr std::uint64_t kPageBytesMin = 512;
constexpr std::uint64_t kPageBytesMax = 1 << 20;
constexpr std::size_t kEntriesMax = 1'000'000;

// Little endian, as every machine that runs containers writes it; 0 beyond the end.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

std::unexpected<Error> damaged() {
  return failure(ErrorCode::kInvalid, "expected a whole database of bbolt, found a damaged one");
}

}  // namespace

std::optional<std::string_view> BoltFile::page(std::uint64_t number_of) const {
  if (number_of > bytes_.size() / page_bytes_) return std::nullopt;
  const std::uint64_t begin = number_of * page_bytes_;
  if (begin + kHeaderBytes > bytes_.size()) return std::nullopt;
  const std::uint64_t overflow = number(bytes_, static_cast<std::size_t>(begin) + 12, 4);
  if (overflow > bytes_.size() / page_bytes_) return std::nullopt;
  return bytes_.substr(static_cast<std::size_t>(begin),
                       static_cast<std::size_t>((overflow + 1) * page_bytes_));
}

bool BoltFile::read_meta(std::uint64_t at, std::uint64_t& newest) {
  constexpr std::size_t kMetaBytes = 56;  // before its sum
  if (at + kHeaderBytes + kMetaBytes + 8 > bytes_.size()) return false;
  const std::string_view meta = bytes_.substr(static_cast<std::size_t>(at) + kHeaderBytes);
  const std::uint64_t page_bytes = number(meta, 8, 4);
  if (number(meta, 0, 4) != kMagic || number(meta, 4, 4) != kVersion ||
      page_bytes < kPageBytesMin || page_bytes > kPageBytesMax ||
      number(meta, kMetaBytes, 8) != fnv1a(meta.substr(0, kMetaBytes)))
    return false;
  const std::uint64_t transaction = number(meta, 48, 8);
  if (root_ != 0 && transaction < newest) return true;
  newest = transaction;
  page_bytes_ = page_bytes;
  root_ = number(meta, 16, 8);
  return true;
}

Result<BoltFile> BoltFile::open(std::string_view bytes) {
  BoltFile file(bytes);
  std::uint64_t newest = 0;
  const bool first = file.read_meta(0, newest);
  // Where the second page is, the first says; else it is guessed.
  bool second = false;
  for (std::uint64_t at = first ? file.page_bytes_ : kPageBytesMin; !second && at <= kPageBytesMax;
       at *= 2) {
    second = file.read_meta(at, newest);
    if (first) break;
  }
  if (!first && !second)
    return failure(ErrorCode::kInvalid, "expected a database of bbolt, found something else");
  return file;
}

Result<std::vector<BoltFile::Entry>> BoltFile::entries_of(const Bucket& bucket) const {
  std::vector<Entry> out;
  std::vector<std::string_view> waiting;
  std::uint64_t visits = 0;
  if (bucket.root == 0) {
    waiting.push_back(bucket.inline_page);
  } else if (const auto root = page(bucket.root)) {
    waiting.push_back(*root);
  } else {
    return damaged();
  }
  while (!waiting.empty()) {
    const std::string_view content = waiting.back();
    waiting.pop_back();
    if (++visits > bytes_.size() / page_bytes_ + 2) return damaged();
    const auto flags = static_cast<std::uint16_t>(number(content, 8, 2));
    const std::uint64_t count = number(content, 10, 2);
    const bool leaf = (flags & kLeaf) != 0;
    if ((!leaf && (flags & kBranch) == 0) || kHeaderBytes + count * kElementBytes > content.size())
      return damaged();
    for (std::uint64_t i = 0; i < count; ++i) {
      // Children are taken from the back, so that keys come in their order.
      const std::uint64_t index = leaf ? i : count - 1 - i;
      const std::size_t at = kHeaderBytes + static_cast<std::size_t>(index) * kElementBytes;
      if (!leaf) {
        const auto child = page(number(content, at + 8, 8));
        if (!child) return damaged();
        waiting.push_back(*child);
        continue;
      }
      const std::uint64_t key = at + number(content, at + 4, 4);
      const std::uint64_t key_size = number(content, at + 8, 4);
      const std::uint64_t value_size = number(content, at + 12, 4);
      if (key + key_size + value_size > content.size() || out.size() == kEntriesMax)
        return damaged();
      out.push_back(
          {content.substr(static_cast<std::size_t>(key), static_cast<std::size_t>(key_size)),
           content.substr(static_cast<std::size_t>(key + key_size),
                          static_cast<std::size_t>(value_size)),
           (number(content, at, 4) & kIsBucket) != 0});
    }
  }
  return out;
}

Result<std::vector<BoltFile::Entry>> BoltFile::entries(
    std::initializer_list<std::string_view> path) const {
  Bucket bucket{root_, {}};
  for (const std::string_view name : path) {
    TRY(const std::vector<Entry> all, entries_of(bucket));
    const auto found = std::ranges::find(all, name, &Entry::key);
    if (found == all.end() || !found->is_bucket) return std::vector<Entry>();
    if (found->value.size() < kHeaderBytes) return damaged();
    bucket.root = number(found->value, 0, 8);
    bucket.inline_page = found->value.substr(kHeaderBytes);
  }
  return entries_of(bucket);
}

}  // namespace vedette::formats::images
