// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/mask.h"
#include "scan/secrets/encoded_finder.h"

namespace vedette::scan::secrets {

// A stretch of a content in which pieces of encoded text were replaced by what they mean.
class DecodedText {
 public:
  struct Piece {
    ByteRange original;  // in the content
    ByteRange encoded;   // in the text before the pass
    ByteRange decoded;   // in the text after it
    Encoding encoding = Encoding::kPercent;
  };

  const std::string& text() const { return text_; }
  // Passes that made it.
  std::size_t depth() const { return passes_.size(); }
  // Whether the last pass made any of this, or stands right beside it.
  bool is_touched(ByteRange range) const;
  // Where a touched range comes from: of what lies in one piece, this whole piece.
  ByteRange original(ByteRange range) const;
  // What the pieces of the last pass that a range touches were encoded by; the first of them.
  Encoding encoding(ByteRange range) const;

 private:
  friend class Decoder;
  std::string text_;
  std::size_t begin_ = 0;  // of the stretch, in the content
  std::vector<std::vector<Piece>> passes_;
};

// Decodes what is encoded in a content: percent, Unicode escapes, hexadecimal, base64; what comes
// out once more, and so on. The meaning is gitleaks' (detect/codec; the tests compare with
// NaiveDecoder), but for this: not the whole content is decoded, only the lines around what could
// be, and pieces above kPieceBytesMax are left alone. Costs little where nothing is encoded.
class Decoder {
 public:
  static constexpr unsigned kDepthDefault = 2;
  static constexpr unsigned kDepthMax = 16;
  static constexpr std::size_t kPieceBytesMax = std::size_t{8} << 20;
  // A stretch that has grown to this ends with the piece at hand.
  static constexpr std::size_t kStretchBytes = std::size_t{64} << 10;
  // Of one pass over a stretch; those behind are left alone.
  static constexpr std::size_t kPiecesMax = std::size_t{1} << 16;
  // On each side of a piece, up to the end of the line before and behind.
  static constexpr std::size_t kContextBytes = 512;

  explicit Decoder(unsigned depth_max) : depth_max_(std::min(depth_max, kDepthMax)) {}

  // Each stretch after each pass, in the order of the content.
  using OnText = std::function<void(const DecodedText&)>;
  void decode(std::string_view content, const OnText& on_text) const;

 private:
  unsigned depth_max_;
};

}  // namespace vedette::scan::secrets
