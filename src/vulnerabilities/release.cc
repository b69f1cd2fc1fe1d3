// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/release.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <zstd.h>

namespace vedette::vulnerabilities {
namespace {

constexpr std::size_t kFilesMax = 1000;
constexpr std::size_t kNameBytesMax = 128;
constexpr int kLevel = 12;
constexpr int kWindowLogMin = 20;
constexpr int kWindowLogMax = 31;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty() && words.size() < 6) {
    const std::size_t size = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, size));
    line.remove_prefix(std::min(size + 1, line.size()));
  }
  return words;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// No path and nothing hidden.
bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.size() <= kNameBytesMax && text.front() != '.' &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool read_size(std::string_view text, std::uint64_t& size) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() && size <= kDatabaseBytesMax;
}

bool read_file_line(const std::vector<std::string_view>& words, std::size_t at, ReleaseFile& file) {
  if (words.size() != at + 3 || !is_name(words[at]) || !read_size(words[at + 1], file.size) ||
      !is_digest(words[at + 2]))
    return false;
  file.name = words[at];
  file.digest = words[at + 2];
  return true;
}

// False for a line that is not understood.
bool read_line(std::string_view line, Release& release) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty()) return true;
  if (words[0] == "date" && words.size() == 2) {
    release.date = words[1];
    return true;
  }
  if (words[0] == "database" && words.size() == 3 && is_digest(words[1])) {
    release.digest = words[1];
    return read_size(words[2], release.size);
  }
  ReleaseFile file;
  if (words[0] == "full" && read_file_line(words, 1, file)) {
    release.files.push_back(std::move(file));
    return true;
  }
  if (words[0] == "delta" && words.size() > 1 && is_digest(words[1]) &&
      read_file_line(words, 2, file)) {
    file.from = words[1];
    release.files.push_back(std::move(file));
    return true;
  }
  return false;
}

int window_log(std::uint64_t bytes) {
  return std::clamp(static_cast<int>(std::bit_width(bytes)), kWindowLogMin, kWindowLogMax);
}

}  // namespace

std::string to_text(const Release& release) {
  std::string out = fmt::format("vedette-database 1\ndate {}\ndatabase {} {}\n", release.date,
                                release.digest, release.size);
  for (const ReleaseFile& file : release.files) {
    out += file.from.empty() ? "full" : "delta " + file.from;
    out += fmt::format(" {} {} {}\n", file.name, file.size, file.digest);
  }
  return out;
}

Result<Release> read_release(std::string_view text) {
  constexpr std::string_view kHead = "vedette-database 1\n";
  if (!text.starts_with(kHead)) {
    return failure(ErrorCode::kInvalid,
                   "expected a manifest that begins with \"vedette-database 1\", found another");
  }
  text.remove_prefix(kHead.size());
  Release release;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!read_line(line, release) || release.files.size() > kFilesMax)
      return failure(ErrorCode::kInvalid, "a line of the manifest is not understood");
  }
  if (release.date.empty() || release.digest.empty() || release.size == 0 || release.files.empty())
    return failure(ErrorCode::kInvalid, "the manifest names no database, or no date of it");
  return release;
}

Result<std::string> pack(std::string_view database, std::string_view from) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  std::string out(ZSTD_compressBound(database.size()), '\0');
  if (!context) return failure(ErrorCode::kSystem, "no memory for zstd");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog,
                         window_log(database.size() + from.size()));
  if (!from.empty()) ZSTD_CCtx_refPrefix(context.get(), from.data(), from.size());
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data(), out.size(), database.data(), database.size());
  if (ZSTD_isError(size) != 0)
    return failure(ErrorCode::kSystem, fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  out.resize(size);
  return out;
}

Result<std::string> unpack(std::string_view packed, std::string_view from, std::uint64_t size) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  if (!context || size > kDatabaseBytesMax)
    return failure(ErrorCode::kLimit, "a database of this size is not unpacked");
  // What the frame claims decides nothing: the size is the manifest's.
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log(size + from.size()));
  if (!from.empty()) ZSTD_DCtx_refPrefix(context.get(), from.data(), from.size());
  std::string out(size, '\0');
  const std::size_t made =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(made) != 0 || made != size)
    return failure(ErrorCode::kInvalid, "what the mirror offers does not unpack to a database");
  return out;
}

}  // namespace vedette::vulnerabilities
