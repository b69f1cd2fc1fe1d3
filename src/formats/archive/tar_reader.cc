// SPDX-License-Identifier: Apache-2.0
#include "formats/archive/tar_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace vedette::formats::archive {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kBufferBytes = TarReader::kPeekMax;
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 60;
constexpr std::uint64_t kSecondsMax = std::uint64_t{1} << 33;

// Octal digits between blanks and NULs, or a binary number of the high bit set (GNU).
std::optional<std::uint64_t> number_of(std::string_view field) {
  if ((static_cast<unsigned char>(field.front()) & 0x80) != 0) {
    std::uint64_t value = static_cast<unsigned char>(field.front()) & 0x7F;
    for (const char c : field.substr(1)) {
      if (value > kSizeMax >> 8) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
  }
  const std::size_t begin = field.find_first_not_of(' ');
  if (begin == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  for (const char c : field.substr(begin)) {
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7' || value > kSizeMax >> 3) return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::string_view text_of(std::string_view field) { return field.substr(0, field.find('\0')); }

}  // namespace

// POSIX.1-1988's header, of 512 bytes.
struct TarReader::Header {
  std::string_view bytes;

  std::string_view name() const { return text_of(bytes.substr(0, 100)); }
  std::string_view link() const { return text_of(bytes.substr(157, 100)); }
  std::optional<std::uint64_t> size() const { return number_of(bytes.substr(124, 12)); }
  std::optional<std::uint64_t> seconds() const { return number_of(bytes.substr(136, 12)); }
  char type() const { return bytes[156]; }
  // Only POSIX's own form has a prefix there: GNU's has times.
  std::string_view prefix() const {
    return bytes.substr(257, 6) == std::string_view("ustar\0", 6) ? text_of(bytes.substr(345, 155))
                                                                  : std::string_view();
  }
  bool is_zero() const { return bytes.find_first_not_of('\0') == std::string_view::npos; }
  // The sum of all bytes, those of the sum itself as blanks. Old ones added signed bytes.
  bool has_right_sum() const {
    const std::optional<std::uint64_t> stored = number_of(bytes.substr(148, 8));
    if (!stored) return false;
    std::uint32_t sum = 8 * ' ';
    std::uint32_t negative = 0;  // bytes that a signed sum takes for 256 less
    for (const std::string_view part : {bytes.substr(0, 148), bytes.substr(156, kBlock - 156)}) {
      for (const char c : part) {  // a simple loop, which is made of vectors
        sum += static_cast<unsigned char>(c);
        negative += static_cast<unsigned char>(c) >> 7;
      }
    }
    return *stored == sum || (sum >= 256 * negative && *stored == sum - 256 * negative);
  }
};

TarReader::TarReader(ByteStream& stored)
    : stored_(stored), block_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

Result<std::size_t> TarReader::read_stored(char* out, std::size_t capacity) {
  if (error_) return std::unexpected(*error_);
  Result<std::size_t> got = stored_.read(out, capacity);
  if (!got) error_ = got.error();
  return got;
}

// ahead_ has `count` bytes or more, at most a block; false where the stream ends before.
Result<bool> TarReader::fill(std::size_t count) {
  if (ahead_.size() >= count) return true;
  if (ahead_.empty() && !error_) ahead_ = stored_.lend(kBufferBytes);
  if (ahead_.size() >= count) return true;
  // In one piece, from two that were lent, or read.
  std::size_t size = ahead_.size();
  if (size > 0) std::memmove(block_.get(), ahead_.data(), size);
  while (size < count) {
    if (!error_) {
      const std::string_view lent = stored_.lend(count - size);
      size += lent.copy(block_.get() + size, lent.size());
      if (!lent.empty()) continue;
    }
    TRY(const std::size_t got, read_stored(block_.get() + size, kBufferBytes - size));
    if (got == 0) break;
    size += got;
  }
  ahead_ = {block_.get(), size};
  return size >= count;
}

Result<void> TarReader::skip(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t here = std::min<std::uint64_t>(count, ahead_.size());
    ahead_.remove_prefix(here);
    position_ += here;
    count -= here;
    if (count == 0) break;
    // Behind the end a file would let itself be put, and nobody see that bytes are missing.
    const std::optional<std::uint64_t> size = stored_.size();
    if (count > kBufferBytes && (!size || position_ + count <= *size) &&
        stored_.seek(position_ + count)) {
      position_ += count;
      ahead_ = {};
      return {};
    }
    TRY(const bool more, fill(1));
    if (!more) {
      return failure(ErrorCode::kTruncated,
                     fmt::format("the tar ends too early, {} bytes before an entry's end", count));
    }
  }
  return {};
}

Result<bool> TarReader::read_header(Header& header) {
  TRY(const bool whole, fill(kBlock));
  // Two blocks of zeros are asked for, but some writers leave them out.
  if (!whole && ahead_.empty()) return false;
  if (!whole) return failure(ErrorCode::kTruncated, "the tar ends within a header");
  header.bytes = ahead_.substr(0, kBlock);
  if (header.is_zero()) return false;
  if (!header.has_right_sum() || !header.size() || *header.size() > kSizeMax) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("the tar is damaged at byte {}: that is no header", position_));
  }
  return true;
}

Result<std::string> TarReader::read_text(std::uint64_t size, std::size_t size_max) {
  if (size > size_max) {
    return failure(
        ErrorCode::kLimit,
        fmt::format("expected at most {} bytes before an entry, found {}", size_max, size));
  }
  std::string text(size, '\0');
  std::size_t at = 0;
  left_ = size;
  padding_ = (kBlock - size % kBlock) % kBlock;
  while (at < size) {
    TRY(const std::size_t got, read(text.data() + at, size - at));
    at += got;
  }
  TRY_VOID(skip(padding_));
  padding_ = 0;
  return text;
}

// "27 path=a/very/long/name\n": its own length first.
Result<void> TarReader::take_pax(std::string_view records) {
  while (!records.empty()) {
    std::size_t length = 0;
    const auto [end, error] =
        std::from_chars(records.data(), records.data() + records.size(), length);
    const auto digits = static_cast<std::size_t>(end - records.data());
    if (error != std::errc() || length > records.size() || length < digits + 3)
      return failure(ErrorCode::kInvalid, "the tar is damaged: a pax record has a wrong length");
    const std::string_view record = records.substr(digits + 1, length - digits - 2);
    records.remove_prefix(length);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (key == "path" || key == "GNU.sparse.name") overrides_.name = value;
    if (key == "linkpath") overrides_.link = value;
    if (key.starts_with("GNU.sparse.")) overrides_.is_sparse = true;
    if (key != "size" && key != "mtime") continue;
    std::uint64_t size = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), size);
    if (key == "mtime") {
      if (parsed.ec == std::errc()) overrides_.seconds = size;
      continue;
    }
    if (parsed.ec != std::errc() || size > kSizeMax)
      return failure(ErrorCode::kInvalid,
                     "the tar is damaged: a pax record has no number for size");
    overrides_.size = size;
  }
  return {};
}

// Whether the header is of what says more about the entry behind it, which is taken then.
Result<bool> TarReader::take_extension(const Header& header) {
  const char type = header.type();
  const std::uint64_t size = *header.size();
  if (type != 'x' && type != 'g' && type != 'L' && type != 'K') return false;
  TRY_VOID(skip(kBlock));
  if (type == 'g') {  // for all that follow; what it says in practice is a comment
    TRY_VOID(skip(size + (kBlock - size % kBlock) % kBlock));
    return true;
  }
  TRY(const std::string text, read_text(size, type == 'x' ? kPaxBytesMax : kNameBytesMax));
  if (type == 'x') TRY_VOID(take_pax(text));
  if (type == 'L') overrides_.name = text_of(text);
  if (type == 'K') overrides_.link = text_of(text);
  return true;
}

void TarReader::make_entry(const Header& header) {
  name_.clear();
  if (overrides_.name) {
    name_ = std::move(*overrides_.name);
  } else {
    name_ = header.prefix();
    if (!name_.empty()) name_ += '/';
    name_ += header.name();
  }
  link_ = overrides_.link ? std::move(*overrides_.link) : std::string(header.link());
  entry_ = {};
  entry_.size = overrides_.size.value_or(*header.size());
  const std::uint64_t seconds = overrides_.seconds.value_or(header.seconds().value_or(0));
  entry_.written = time_of_seconds(static_cast<std::int64_t>(std::min(seconds, kSecondsMax)));
  entry_.is_sparse = overrides_.is_sparse || header.type() == 'S';
  switch (header.type()) {
    case '\0':
    case '0':
    case '7':
    case 'S':
      // V7 had no type for folders.
      entry_.type = name_.ends_with('/') ? TarType::kFolder : TarType::kFile;
      break;
    case '1':
      entry_.type = TarType::kHardLink;
      entry_.size = 0;
      break;
    case '2':
      entry_.type = TarType::kSymbolicLink;
      entry_.size = 0;
      break;
    case '5':
      entry_.type = TarType::kFolder;
      entry_.size = 0;
      break;
    case '3':
    case '4':
    case '6':
    case 'D':
    case 'M':
    case 'N':
    case 'V':
      entry_.type = TarType::kOther;
      break;
    // Of a type that is not known: a file (POSIX, pax, "ustar Interchange Format").
    default:
      entry_.type = TarType::kFile;
      break;
  }
  entry_.name = name_;
  entry_.link = link_;
  overrides_ = {};
}

Result<const TarEntry*> TarReader::next() {
  const TarEntry* const none = nullptr;
  if (ended_) return none;
  ended_ = true;  // unless this goes well
  TRY_VOID(skip(left_ + padding_));
  left_ = padding_ = 0;
  while (true) {
    Header header;
    TRY(const bool is_there, read_header(header));
    if (!is_there) return none;
    TRY(const bool was_extension, take_extension(header));
    if (was_extension) continue;
    make_entry(header);
    bool more_holes = header.type() == 'S' && header.bytes[482] != '\0';
    TRY_VOID(skip(kBlock));
    while (more_holes) {  // GNU's list of holes goes on in blocks of its own
      TRY(const bool whole, fill(kBlock));
      if (!whole) return failure(ErrorCode::kTruncated, "the tar ends within a header");
      more_holes = ahead_[504] != '\0';
      TRY_VOID(skip(kBlock));
    }
    left_ = entry_.size;
    padding_ = (kBlock - left_ % kBlock) % kBlock;
    ended_ = false;
    const TarEntry* const entry = &entry_;
    return entry;
  }
}

Result<std::size_t> TarReader::read(char* out, std::size_t capacity) {
  capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
  if (capacity == 0) return 0;
  // The beginning of a file is often all that is wanted of it.
  if (ahead_.empty() && capacity < kBufferBytes / 4) TRY_VOID(fill(1));
  std::size_t count = std::min(capacity, ahead_.size());
  if (count > 0) {
    std::memcpy(out, ahead_.data(), count);
    ahead_.remove_prefix(count);
  } else {
    TRY(count, read_stored(out, capacity));
    if (count == 0) {
      error_ = Error{ErrorCode::kTruncated,
                     fmt::format("the tar ends too early, {} bytes before an entry's end", left_)};
      return std::unexpected(*error_);
    }
  }
  position_ += count;
  left_ -= count;
  if (sum_ != nullptr) sum_->add({out, count});
  return count;
}

Result<std::string_view> TarReader::peek(std::size_t size) {
  size = static_cast<std::size_t>(std::min<std::uint64_t>({size, left_, kPeekMax}));
  TRY_VOID(fill(size));
  return ahead_.substr(0, size);
}

Result<std::optional<std::string_view>> TarReader::take() {
  const std::uint64_t size = left_;
  std::optional<std::string_view> bytes;
  if (size <= kPeekMax) {
    TRY(const bool is_whole, fill(static_cast<std::size_t>(size)));
    if (!is_whole) return bytes;
    bytes = ahead_.substr(0, static_cast<std::size_t>(size));
    ahead_.remove_prefix(bytes->size());
    position_ += size;
  } else {
    bytes = stored_.kept(position_, size);
    if (!bytes) return bytes;
    TRY_VOID(skip(size));
  }
  left_ = 0;
  if (sum_ != nullptr) sum_->add(*bytes);
  return bytes;
}

Result<void> TarReader::drain() {
  ended_ = true;
  ahead_ = {};
  while (true) {
    if (!error_ && !stored_.lend(kBufferBytes).empty()) continue;
    TRY(const std::size_t got, read_stored(block_.get(), kBufferBytes));
    if (got == 0) return {};
  }
}

}  // namespace vedette::formats::archive
