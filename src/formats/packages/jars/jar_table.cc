// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/jar_table.h"

#include <bit>
#include <cstring>
#include <fmt/format.h>

#include "base/hash.h"

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kAdvice = "; build it anew with `vedette db jars`";

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::unexpected<Error> damaged(std::string_view what) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("the table of jars is damaged: {}{}", what, kAdvice));
}

}  // namespace

Result<JarTable> JarTable::open(const std::string& path) {
  TRY(MappedFile file, MappedFile::open(path));
  JarTable table;
  table.bytes_ = file.bytes();
  TRY_VOID(table.read());
  table.file_ = std::move(file);
  return table;
}

Result<JarTable> JarTable::of_bytes(std::string_view bytes) {
  JarTable table;
  table.bytes_ = bytes;
  TRY_VOID(table.read());
  return table;
}

Result<void> JarTable::read() {
  if (!bytes_.starts_with(kMagic)) {
    return failure(ErrorCode::kInvalid,
                   "expected a table of jars of `vedette db jars`, found another file");
  }
  if (bytes_.size() < kHeaderBytes) return damaged("its header is cut");
  const auto version = number_at<std::uint32_t>(bytes_, 8);
  if (version != kVersion) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a table of jars of version {}, found {}{}", kVersion,
                               version, kAdvice));
  }
  if (number_at<std::uint32_t>(bytes_, 12) != 0 ||
      number_at<std::uint64_t>(bytes_, 16) != bytes_.size())
    return damaged("its size is another than it says");
  checksum_ = number_at<std::uint64_t>(bytes_, 24);
  if (hash_bytes(bytes_.substr(kCheckedFrom)) != checksum_)
    return damaged("it has another checksum");
  std::string_view rest = bytes_.substr(kHeaderBytes);
  std::string_view* const sections[] = {&rows_, &owners_, &releases_, &texts_};
  constexpr std::size_t kSizes[] = {kRowBytes, sizeof(std::uint32_t), kReleaseBytes, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto count = number_at<std::uint64_t>(bytes_, kCheckedFrom + i * 8);
    if (count > rest.size() / kSizes[i]) return damaged("a section lies outside of it");
    *sections[i] = rest.substr(0, count * kSizes[i]);
    rest.remove_prefix(count * kSizes[i]);
  }
  if (!rest.empty() || !is_sound()) return damaged("its parts contradict each other");
  return {};
}

// So that no look-up need check anything.
bool JarTable::is_sound() const {
  for (std::size_t at = 0, before = 0; at < releases_.size(); at += kReleaseBytes) {
    for (const std::size_t text : {at, at + 8}) {
      const auto offset = number_at<std::uint32_t>(releases_, text);
      if (offset > texts_.size()) return false;
      if (number_at<std::uint32_t>(releases_, text + 4) > texts_.size() - offset) return false;
    }
    const auto artifact = number_at<std::uint32_t>(releases_, at + 16);
    if (artifact < before || artifact > at / kReleaseBytes) return false;
    before = artifact;
  }
  std::uint64_t before = 0;
  for (std::size_t at = 0; at < rows_.size(); at += kRowBytes) {
    const auto shape = number_at<std::uint64_t>(rows_, at);
    const auto first = number_at<std::uint32_t>(rows_, at + 8);
    const auto count = number_at<std::uint32_t>(rows_, at + 12);
    const std::size_t all = owners_.size() / sizeof(std::uint32_t);
    if ((at > 0 && shape <= before) || count == 0 || count > kOwnersMax) return false;
    if (first > all || count > all - first) return false;
    before = shape;
  }
  for (std::size_t at = 0; at < owners_.size(); at += sizeof(std::uint32_t)) {
    if (number_at<std::uint32_t>(owners_, at) >= releases()) return false;
  }
  return true;
}

std::vector<std::uint32_t> JarTable::owners(std::uint64_t shape) const {
  std::size_t begin = 0;
  for (std::size_t count = rows(); count > 0;) {
    const std::size_t half = count / 2;
    const bool is_below = number_at<std::uint64_t>(rows_, (begin + half) * kRowBytes) < shape;
    if (is_below) begin += half + 1;
    count = is_below ? count - half - 1 : half;
  }
  const std::size_t at = begin * kRowBytes;
  if (begin == rows() || number_at<std::uint64_t>(rows_, at) != shape) return {};
  std::vector<std::uint32_t> found(number_at<std::uint32_t>(rows_, at + 12));
  const std::size_t first = number_at<std::uint32_t>(rows_, at + 8);
  std::memcpy(found.data(), owners_.data() + first * sizeof(std::uint32_t),
              found.size() * sizeof(std::uint32_t));
  return found;
}

JarTable::Release JarTable::release(std::uint32_t number) const {
  const std::string_view row = releases_.substr(number * kReleaseBytes, kReleaseBytes);
  const auto text = [&](std::size_t at) {
    return texts_.substr(number_at<std::uint32_t>(row, at), number_at<std::uint32_t>(row, at + 4));
  };
  return {text(0), text(8), number_at<std::uint32_t>(row, 16), number_at<std::uint32_t>(row, 20)};
}

}  // namespace vedette::formats::packages
