// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/result.h"
#include "formats/logs/splitter.h"

namespace vedette::formats::logs {
namespace {

// The first byte chooses the format, the second the size of the pieces that the rest comes in.
void feed(std::string_view data) {
  if (data.size() < 2) return;
  constexpr auto kFormats = static_cast<unsigned>(event::RecordFormat::kWebAccess) + 1;
  Limits limits;
  limits.record_bytes_max = 200;
  limits.depth_max = 8;
  Splitter splitter(
      static_cast<event::RecordFormat>(static_cast<unsigned char>(data[0]) % kFormats), limits);
  const auto size = static_cast<unsigned char>(data[1]);
  const std::string_view text = data.substr(2);
  std::string held;
  std::size_t cut_off = 0;
  for (std::size_t read = 0, turn = 0; read < text.size() || turn == 0; ++turn) {
    const std::string_view piece = text.substr(read, 1 + (size * (turn + 1)) % 97);
    held += piece;
    read += piece.size();
    const bool at_end = read == text.size();
    for (bool again = true; again;) {
      const Cut cut = splitter.cut(held, at_end);
      CHECK(cut.size <= held.size());
      std::size_t behind = 0;
      for (const event::RecordSpan& span : cut.records) {
        CHECK(span.offset >= behind && span.size >= 2 && held[span.offset] == '{');
        CHECK(span.size <= limits.record_bytes_max);
        behind = std::size_t{span.offset} + span.size;
      }
      CHECK(behind <= cut.size && (!cut.drop || cut.records.empty()));
      held.erase(0, cut.size);
      cut_off += cut.size;
      again = cut.size > 0 && !held.empty();
    }
  }
  CHECK(cut_off == text.size() && held.empty());
}

}  // namespace
}  // namespace vedette::formats::logs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::formats::logs::feed({reinterpret_cast<const char*>(data), size});
  return 0;
}
