// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "formats/archive/archive.h"
#include "formats/archive/gzip.h"
#include "formats/archive/libarchive.h"
#include "formats/archive/xz.h"
#include "formats/archive/zstd.h"

namespace vedette::formats::archive {
namespace {

using std::string_view_literals::operator""sv;

bool is_gzip(std::string_view head) { return head.starts_with("\x1F\x8B\x08"sv); }

// A frame, or a skippable frame (RFC 8878, section 3.1.2), which parallel compressors put first.
bool is_zstd(std::string_view head) {
  return head.starts_with("\x28\xB5\x2F\xFD"sv) ||
         (head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1, 3) == "\x2A\x4D\x18"sv);
}

bool is_xz(std::string_view head) { return head.starts_with("\xFD\x37zXZ\0"sv); }

bool is_bzip2(std::string_view head) {
  return head.size() >= 10 && head.starts_with("BZh"sv) && head[3] >= '1' && head[3] <= '9' &&
         (head.substr(4, 6) == "1AY&SY"sv || head.substr(4, 6) == "\x17rE8P\x90"sv);
}

// A header block's checksum counts its own eight bytes as blanks and is octal; some old programs
// summed signed bytes.
bool is_tar(std::string_view head) {
  constexpr std::size_t kBlock = 512;
  constexpr std::size_t kChecksum = 148;
  constexpr std::size_t kChecksumSize = 8;
  if (head.size() < kBlock || head[0] == '\0') return false;
  // Asked of every file, so the field is looked at before all is summed.
  const std::string_view field = head.substr(kChecksum, kChecksumSize);
  const std::size_t first = field.find_first_not_of(' ');
  if (first == std::string_view::npos || field[first] < '0' || field[first] > '7') return false;
  int wanted = 0;
  bool digits = false;
  for (const char c : head.substr(kChecksum, kChecksumSize)) {
    if (c == ' ' && !digits) continue;
    if (c < '0' || c > '7') break;
    wanted = wanted * 8 + (c - '0');
    digits = true;
  }
  int sum = 0;
  int signed_sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum && i < kChecksum + kChecksumSize;
    const char c = own ? ' ' : head[i];
    sum += static_cast<unsigned char>(c);
    signed_sum += static_cast<signed char>(c);
  }
  return digits && (wanted == sum || wanted == signed_sum);
}

// A file's local header; an empty archive holds nothing to read.
bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"sv); }

bool is_seven_zip(std::string_view head) { return head.starts_with("7z\xBC\xAF\x27\x1C"sv); }

struct Row {
  Packing packing;
  bool (*matches)(std::string_view head);
  Result<std::unique_ptr<ByteStream>> (*open)(std::unique_ptr<ByteStream> stored,
                                              Expansion& expansion);
};

constexpr std::array kRows = {
    Row{Packing::kGzip, is_gzip, open_gzip}, Row{Packing::kZstd, is_zstd, open_zstd},
    Row{Packing::kXz, is_xz, open_xz},       Row{Packing::kBzip2, is_bzip2, open_bzip2},
    Row{Packing::kZip, is_zip, nullptr},     Row{Packing::kSevenZip, is_seven_zip, nullptr},
    Row{Packing::kTar, is_tar, nullptr},
};

}  // namespace

Packing detect_packing(std::string_view head) {
  for (const Row& row : kRows) {
    if (row.matches(head)) return row.packing;
  }
  return Packing::kNone;
}

Result<std::unique_ptr<ByteStream>> unpack(Packing packing, std::unique_ptr<ByteStream> stored,
                                           Expansion& expansion) {
  for (const Row& row : kRows) {
    if (row.packing == packing && row.open != nullptr) {
      return row.open(std::move(stored), expansion);
    }
  }
  return failure(ErrorCode::kUnsupported, "this is not a compressed stream");
}

Result<void> Expansion::add_made(std::uint64_t made, std::uint64_t layer_taken,
                                 std::uint64_t layer_made) {
  made_ += made;
  if (made_ > limits_.unpacked_bytes_max) {
    return failure(ErrorCode::kLimit, fmt::format("unpacking stopped: more than {} bytes came out",
                                                  limits_.unpacked_bytes_max));
  }
  const auto allowed = [&](std::uint64_t taken) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(taken, limits_.expansion_ratio_max, &bytes)) {
      bytes = std::numeric_limits<std::uint64_t>::max();
    }
    return std::max(bytes, limits_.expansion_bytes_min);
  };
  if (layer_made <= allowed(layer_taken) && made_ <= allowed(stored_)) return {};
  return failure(ErrorCode::kLimit,
                 fmt::format("unpacking stopped: more than {} bytes came out for each byte stored, "
                             "as from a decompression bomb",
                             limits_.expansion_ratio_max));
}

}  // namespace vedette::formats::archive
