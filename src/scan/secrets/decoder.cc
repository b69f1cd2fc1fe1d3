// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/decoder.h"

#include <optional>
#include <span>
#include <utility>

namespace vedette::scan::secrets {
namespace {

using Piece = DecodedText::Piece;

std::size_t end_of(ByteRange range) { return range.begin + range.size; }

bool touch(ByteRange a, ByteRange b) { return b.begin <= end_of(a) && end_of(b) >= a.begin; }

bool contains(ByteRange outer, ByteRange inner) {
  return outer.begin <= inner.begin && end_of(inner) <= end_of(outer);
}

// The pieces of one pass whose result a range touches. Begins and ends ascend, for pieces do not
// overlap.
std::span<const Piece> touched(const std::vector<Piece>& pieces, ByteRange range) {
  const auto first = std::ranges::lower_bound(pieces, range.begin, {},
                                              [](const Piece& one) { return end_of(one.decoded); });
  const auto last = std::ranges::upper_bound(first, pieces.end(), end_of(range), {},
                                             [](const Piece& one) { return one.decoded.begin; });
  return {first, last};
}

// The pieces of a text that mean something, in order. Of two that touch, only the one with
// precedence is decoded.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : text_(text), finder_(text) { advance(); }

  // Appends what it means to `decoded`.
  bool next(EncodedFinder::Found& found, std::string& decoded) {
    while (ahead_) {
      const std::optional<EncodedFinder::Found> before = here_;
      here_ = ahead_;
      advance();
      if (yields(*here_, before) || yields(*here_, ahead_)) continue;
      if (here_->range.size > Decoder::kPieceBytesMax) continue;
      if (!decode(*here_, text_, decoded)) continue;
      found = *here_;
      return true;
    }
    return false;
  }

 private:
  void advance() {
    EncodedFinder::Found found;
    ahead_.reset();
    if (finder_.next(found)) ahead_ = found;
  }
  static bool yields(const EncodedFinder::Found& one,
                     const std::optional<EncodedFinder::Found>& other) {
    return other && touch(one.range, other->range) && other->encoding < one.encoding;
  }

  std::string_view text_;
  EncodedFinder finder_;
  std::optional<EncodedFinder::Found> here_;
  std::optional<EncodedFinder::Found> ahead_;
};

// The end of the line behind the one that holds `at`, or a place near by.
std::size_t context_end(std::string_view text, std::size_t at) {
  const std::string_view behind = text.substr(at, Decoder::kContextBytes);
  const std::size_t line = behind.find('\n');
  if (line == std::string_view::npos) return at + behind.size();
  return at + std::min(behind.find('\n', line + 1), behind.size());
}

std::size_t context_begin(std::string_view text, std::size_t at) {
  const std::size_t first = at - std::min(at, Decoder::kContextBytes);
  const std::string_view before = text.substr(first, at - first);
  const std::size_t line = before.rfind('\n');
  if (line == std::string_view::npos || line == 0) return first;
  const std::size_t other = before.rfind('\n', line - 1);
  return other == std::string_view::npos ? first : first + other + 1;
}

}  // namespace

bool DecodedText::is_touched(ByteRange range) const {
  return !touched(passes_.back(), range).empty();
}

Encoding DecodedText::encoding(ByteRange range) const {
  const std::span<const Piece> pieces = touched(passes_.back(), range);
  return pieces.empty() ? Encoding::kPercent : pieces.front().encoding;
}

ByteRange DecodedText::original(ByteRange range) const {
  for (std::size_t pass = passes_.size(); pass > 0; --pass) {
    std::optional<ByteRange> encoded;
    for (const Piece& piece : touched(passes_[pass - 1], range)) {
      if (contains(piece.decoded, range)) return piece.original;
      // What reaches beyond the piece on either side reaches as far beyond what it was made of.
      const std::size_t before = piece.decoded.begin - std::min(piece.decoded.begin, range.begin);
      const std::size_t behind =
          std::max(end_of(piece.decoded), end_of(range)) - end_of(piece.decoded);
      const std::size_t begin = piece.encoded.begin - std::min(before, piece.encoded.begin);
      const std::size_t end = end_of(piece.encoded) + behind;
      if (encoded) {
        const std::size_t first = std::min(begin, encoded->begin);
        encoded = ByteRange{first, std::max(end, end_of(*encoded)) - first};
      } else {
        encoded = ByteRange{begin, end - begin};
      }
    }
    if (!encoded) break;
    range = *encoded;
  }
  return {begin_ + range.begin, range.size};
}

namespace {

// Decodes the whole text of a stretch once more.
bool decode_again(DecodedText& stretch, std::string& text, std::vector<Piece>& pieces) {
  const std::string& source = stretch.text();
  Pieces found_pieces(source);
  EncodedFinder::Found found;
  std::string decoded;
  std::size_t copied = 0;
  while (pieces.size() < Decoder::kPiecesMax && found_pieces.next(found, decoded)) {
    text.append(source, copied, found.range.begin - copied);
    copied = end_of(found.range);
    pieces.push_back({stretch.original(found.range),
                      found.range,
                      {text.size(), decoded.size()},
                      found.encoding});
    text += decoded;
    decoded.clear();
  }
  text.append(source, copied);
  return !pieces.empty();
}

}  // namespace

void Decoder::decode(std::string_view content, const OnText& on_text) const {
  if (depth_max_ == 0) return;
  Pieces pieces(content);
  EncodedFinder::Found found;
  std::string decoded;
  bool is_left = pieces.next(found, decoded);
  while (is_left) {
    DecodedText stretch;
    stretch.begin_ = context_begin(content, found.range.begin);
    stretch.passes_.emplace_back();
    std::size_t copied = stretch.begin_;
    std::size_t end = 0;
    do {
      stretch.text_.append(content.substr(copied, found.range.begin - copied));
      copied = end_of(found.range);
      stretch.passes_.back().push_back({found.range,
                                        {found.range.begin - stretch.begin_, found.range.size},
                                        {stretch.text_.size(), decoded.size()},
                                        found.encoding});
      stretch.text_ += decoded;
      end = context_end(content, copied);
      decoded.clear();
      is_left = pieces.next(found, decoded);
    } while (is_left && stretch.text_.size() < kStretchBytes && found.range.begin < end);
    stretch.text_.append(content.substr(copied, end - copied));
    on_text(stretch);
    while (stretch.depth() < depth_max_) {
      std::string text;
      std::vector<Piece> again;
      if (!decode_again(stretch, text, again)) break;
      stretch.text_ = std::move(text);
      stretch.passes_.push_back(std::move(again));
      on_text(stretch);
    }
  }
}

}  // namespace vedette::scan::secrets
