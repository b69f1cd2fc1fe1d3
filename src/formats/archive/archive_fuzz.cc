// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "formats/archive/archive.h"

namespace vedette::formats::archive {
namespace {

// Gives its bytes in pieces of changing size.
class Memory final : public ByteStream {
 public:
  explicit Memory(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::min({bytes_.size(), capacity, 1 + 37 * ++reads_ % 701});
    bytes_.copy(out, count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  std::size_t reads_ = 0;
};

// All of a stream, or its first bytes.
std::string head_of(ByteStream& stream, std::size_t size_max) {
  std::string head(size_max, '\0');
  std::size_t size = 0;
  while (size < size_max) {
    const Result<std::size_t> got = stream.read(head.data() + size, size_max - size);
    if (!got || *got == 0) break;
    CHECK(*got <= size_max - size);
    size += *got;
  }
  head.resize(size);
  return head;
}

void unpack_all(std::string_view data) {
  Limits limits;
  limits.expansion_bytes_min = 1 << 20;
  Expansion expansion(limits);
  expansion.add_stored(data.size());
  limits.members_max = 1000;
  std::unique_ptr<ByteStream> stream = std::make_unique<Memory>(data);
  for (int layer = 0; layer < 4; ++layer) {
    std::string head = head_of(*stream, kPackingHead);
    const Packing packing = detect_packing(head);
    stream = std::make_unique<PrefixedStream>(std::move(head), std::move(stream));
    if (packing == Packing::kNone) break;
    if (is_archive(packing)) {
      if (packing == Packing::kSevenZip) stream = std::make_unique<MemoryStream>(std::string(data));
      auto reader = ArchiveReader::create(packing, std::move(stream), expansion);
      if (!reader) return;
      for (auto member = (*reader)->next(); member && *member; member = (*reader)->next()) {
        CHECK((*member)->find_first_of("\n\x1B\x7F") == std::string::npos);
        head_of(*(*reader)->content(), 1 << 20);
      }
      return;
    }
    auto unpacked = unpack(packing, std::move(stream), expansion);
    if (!unpacked) return;
    stream = std::move(*unpacked);
  }
  head_of(*stream, std::size_t{4} << 20);
}

}  // namespace
}  // namespace vedette::formats::archive

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::formats::archive::unpack_all({reinterpret_cast<const char*>(data), size});
  return 0;
}
