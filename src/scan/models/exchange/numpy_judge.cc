// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint64_t kNone = ~std::uint64_t{0};

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// Python's literal behind the key, as NumPy writes it: "'shape': (3, 4), ".
std::string_view behind_key(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = header.substr(at + key.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return {};
  const std::size_t begin = rest.find_first_not_of(' ', colon + 1);
  return begin == std::string_view::npos ? std::string_view() : rest.substr(begin);
}

// Bytes of an element of a plain type, "'<f8'"; kNone for structures, objects and what is unknown.
std::uint64_t element_bytes(std::string_view type) {
  if (type.empty() || (type[0] != '\'' && type[0] != '"')) return kNone;
  type = type.substr(1, type.find(type[0], 1) - 1);
  if (!type.empty() && std::string_view("<>|=").contains(type[0])) type.remove_prefix(1);
  if (type.empty()) return kNone;
  const char kind = type[0];
  std::uint64_t size = 0;
  const auto read = std::from_chars(type.data() + 1, type.data() + type.size(), size);
  if (read.ec != std::errc{}) return kNone;
  if (kind == 'm' || kind == 'M') return 8;  // with a unit
  if (read.ptr != type.data() + type.size() || !std::string_view("biufcSUV").contains(kind))
    return kNone;
  constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 56;
  return std::min(size, kSizeMax) * (kind == 'U' ? 4 : 1);
}

// Elements of "(3, 4)"; kNone where that is no tuple of counts, or too large.
std::uint64_t element_count(std::string_view shape) {
  if (!shape.starts_with('(')) return kNone;
  shape = shape.substr(1, shape.find(')') - 1);
  std::uint64_t count = 1;
  while (true) {
    shape.remove_prefix(std::min(shape.find_first_not_of(" ,"), shape.size()));
    if (shape.empty()) return count;
    std::uint64_t one = 0;
    const auto read = std::from_chars(shape.data(), shape.data() + shape.size(), one);
    if (read.ec != std::errc{}) return kNone;
    shape.remove_prefix(static_cast<std::size_t>(read.ptr - shape.data()));
    if (shape.starts_with('L')) shape.remove_prefix(1);  // of Python 2
    if (one != 0 && count > (1ULL << 60) / one) return kNone;
    count *= one;
  }
}

// A call, where only names of types and brackets stand.
bool holds_code(std::string_view header) {
  return header.contains("__") || header.contains("lambda") || header.contains("eval(") ||
         header.contains("exec(") || header.contains("system(");
}

}  // namespace

// A mark, the size of the header, a literal of Python's with type and shape, and the numbers
// (numpy/lib/format.py). What pickles of objects do is judged by itself.
Claim judge_numpy(std::string_view bytes, ExchangeReport& report) {
  constexpr std::size_t kWideHead = 12;
  if (!bytes.starts_with("\x93NUMPY"sv) || bytes.size() < kWideHead) return Claim::kOther;
  const bool is_wide = bytes[6] >= 2;
  const std::size_t begin = is_wide ? kWideHead : kWideHead - 2;
  const std::uint64_t size = little_endian(bytes, 8, is_wide ? 4 : 2);
  if (size > bytes.size() - begin) {
    report.add_fault("NumPy", "its header is longer than the file");
    return Claim::kShared;
  }
  const std::string_view header = bytes.substr(begin, static_cast<std::size_t>(size));
  if (holds_code(header)) report.add_fault("NumPy", "its header is more than a description");
  const std::uint64_t element = element_bytes(behind_key(header, "descr"));
  const std::uint64_t count = element_count(behind_key(header, "shape"));
  const std::uint64_t there = bytes.size() - begin - size;
  if (element == kNone) return Claim::kShared;
  if (count == kNone || (element != 0 && count > (1ULL << 60) / element)) {
    report.add_fault("NumPy", "its shape is none, or too large for any machine");
  } else if (count * element > there) {
    report.add_fault("NumPy", fmt::format("its shape needs {} bytes, of which {} are there",
                                          count * element, there));
  }
  return Claim::kShared;
}

}  // namespace vedette::scan::models
