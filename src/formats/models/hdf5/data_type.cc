// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/data_type.h"

#include <algorithm>

namespace vedette::formats::models {
namespace {

constexpr std::uint64_t kCountMax = std::uint64_t{1} << 40;

// Classes of data types.
constexpr std::uint64_t kFixedPoint = 0;
constexpr std::uint64_t kString = 3;
constexpr std::uint64_t kOpaque = 5;
constexpr std::uint64_t kVariable = 9;

}  // namespace

Hdf5Type read_data_type(const Hdf5Bytes& file, std::string_view body) {
  using Kind = Hdf5Type::Kind;
  Hdf5Cursor cursor(file, body);
  const std::uint64_t type = cursor.number(1) & 0xF;
  const std::uint64_t bits = cursor.number(3);
  Hdf5Type out;
  out.size = cursor.number(4);
  if (!cursor.good()) return {};
  if (type == kString) out.kind = Kind::kText;
  if (type == kOpaque || (type == kFixedPoint && out.size == 1)) out.kind = Kind::kBytes;
  if (type != kVariable) return out;
  // Its elements follow as a type of their own.
  out.kind = Kind::kVariableText;
  if ((bits & 0xF) == 1) return out;
  const std::uint64_t element = cursor.number(1) & 0xF;
  cursor.skip(3);
  const bool is_bytes =
      cursor.number(4) == 1 && (element == kFixedPoint || element == kString || element == kOpaque);
  out.kind = is_bytes && cursor.good() ? Kind::kVariableBytes : Kind::kOther;
  return out;
}

std::uint64_t Hdf5Space::count() const {
  if (is_empty) return 0;
  std::uint64_t count = 1;
  for (const std::uint64_t size : sizes) {
    if (size == 0) return 0;
    count = count > kCountMax / size ? kCountMax : count * size;
  }
  return count;
}

Hdf5Space read_dataspace(const Hdf5Bytes& file, std::string_view body) {
  Hdf5Cursor cursor(file, body);
  const std::uint64_t version = cursor.number(1);
  const std::uint64_t rank = cursor.number(1);
  cursor.skip(1);
  Hdf5Space space;
  if (version == 1) cursor.skip(5);
  if (version >= 2) space.is_empty = cursor.number(1) == 2;
  for (std::uint64_t i = 0; i < rank; ++i) space.sizes.push_back(cursor.length());
  space.is_empty = space.is_empty || !cursor.good();
  return space;
}

std::string_view Hdf5GlobalHeap::object(std::uint64_t collection, std::uint64_t index) {
  if (!file_.spend()) return {};
  const auto [known, is_new] = collections_.try_emplace(collection);
  if (is_new) read(collection, known->second);
  const auto found = known->second.find(index);
  return found == known->second.end() ? std::string_view() : found->second;
}

void Hdf5GlobalHeap::read(std::uint64_t at, Objects& objects) {
  Hdf5Cursor head(file_, at);
  if (!head.takes("GCOL")) return;
  head.skip(4);
  const std::uint64_t size = head.length();
  const std::size_t head_size = 8 + file_.length_size();
  if (!head.good() || size < head_size) return;
  Hdf5Cursor cursor(file_, file_.view(at, size).substr(head_size));
  while (file_.spend()) {
    const std::uint64_t index = cursor.number(2);
    cursor.skip(6);
    const std::uint64_t bytes = cursor.length();
    if (!cursor.good() || index == 0) return;  // what is left is free
    objects.emplace(index, cursor.rest().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                                                       bytes, cursor.rest().size()))));
    if (bytes > cursor.rest().size()) return;
    cursor.skip((bytes + 7) / 8 * 8);
  }
}

std::string read_texts(Hdf5Bytes& file, Hdf5GlobalHeap& heap, const Hdf5Type& type,
                       std::uint64_t count, std::string_view data, std::size_t size_max) {
  using Kind = Hdf5Type::Kind;
  std::string out;
  if (type.kind == Kind::kOther || type.size == 0) return out;
  // Bytes are one text.
  if (type.kind == Kind::kBytes) {
    const std::uint64_t said = type.size > kCountMax / (count + 1) ? kCountMax : type.size * count;
    data = data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(said, data.size())));
    if (data.size() > size_max) file.pass_over();
    return std::string(data.substr(0, size_max));
  }
  Hdf5Cursor cursor(file, data);
  for (std::uint64_t i = 0; i < count && file.spend(); ++i) {
    std::string_view text = cursor.take(type.size);
    if (!cursor.good()) break;
    if (type.kind != Kind::kText) {
      Hdf5Cursor reference(file, text);
      const std::uint64_t size = reference.number(4);
      const std::uint64_t collection = reference.address();
      const std::uint64_t index = reference.number(4);
      text = heap.object(collection, index);
      text = text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size, text.size())));
    }
    if (type.kind != Kind::kVariableBytes)
      text = text.substr(0, std::min(text.find('\0'), text.size()));
    if (text.size() > size_max - out.size()) {
      file.pass_over();
      out += text.substr(0, size_max - out.size());
      break;
    }
    out += text;
  }
  return out;
}

}  // namespace vedette::formats::models
