// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/object_header.h"

#include <algorithm>
#include <unordered_set>

namespace vedette::formats::models {
namespace {

class HeaderReader {
 public:
  explicit HeaderReader(Hdf5Bytes& file) : file_(file) {}

  std::vector<Hdf5Message> read(std::uint64_t at) {
    begin(at);
    // Continuations are appended by messages.
    for (std::size_t i = 0; i < chunks_.size() && file_.spend(); ++i) read_chunk(chunks_[i]);
    return std::move(messages_);
  }

 private:
  void begin(std::uint64_t at) {
    Hdf5Cursor cursor(file_, at);
    is_new_ = file_.view(at, 4) == "OHDR";
    if (!is_new_) {
      if (cursor.number(1) != 1) return;
      cursor.skip(7);
      const std::uint64_t size = cursor.number(4);
      chunks_.push_back(file_.view(at + 16, size));
      return;
    }
    cursor.skip(5);
    const std::uint64_t flags = cursor.number(1);
    is_ordered_ = (flags & 4) != 0;
    cursor.skip(((flags & 0x20) != 0 ? 16U : 0U) + ((flags & 0x10) != 0 ? 4U : 0U));
    const std::uint64_t size = cursor.number(std::size_t{1} << (flags & 3));
    const std::string_view rest = cursor.rest();
    chunks_.push_back(
        rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size, rest.size()))));
  }

  void read_chunk(std::string_view chunk) {
    const std::size_t head = !is_new_ ? 8U : is_ordered_ ? 6U : 4U;
    Hdf5Cursor cursor(file_, chunk);
    while (cursor.rest().size() >= head && file_.spend()) {
      Hdf5Message message;
      message.type = static_cast<Hdf5MessageType>(cursor.number(is_new_ ? 1 : 2));
      const std::uint64_t size = cursor.number(2);
      message.is_shared = (cursor.number(1) & 2) != 0;
      cursor.skip(head - (is_new_ ? 4U : 5U));
      message.body = cursor.take(std::min<std::uint64_t>(size, cursor.rest().size()));
      if (message.type == Hdf5MessageType::kContinuation)
        continue_at(message.body);
      else
        messages_.push_back(message);
    }
  }

  void continue_at(std::string_view body) {
    Hdf5Cursor cursor(file_, body);
    const std::uint64_t at = cursor.address();
    const std::uint64_t size = cursor.length();
    if (!cursor.good() || at >= file_.size() || !seen_.insert(at).second) return;
    std::string_view chunk = file_.view(at, size);
    if (is_new_) {  // its mark and checksum
      if (chunk.size() < 8 || !chunk.starts_with("OCHK")) return;
      chunk = chunk.substr(4, chunk.size() - 8);
    }
    chunks_.push_back(chunk);
  }

  Hdf5Bytes& file_;
  bool is_new_ = false;      // of version 2
  bool is_ordered_ = false;  // its messages have their order of creation
  std::vector<std::string_view> chunks_;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<Hdf5Message> messages_;
};

}  // namespace

std::vector<Hdf5Message> read_object_header(Hdf5Bytes& file, std::uint64_t at) {
  return HeaderReader(file).read(at);
}

}  // namespace vedette::formats::models
