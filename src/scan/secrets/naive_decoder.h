// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "match/regex.h"

namespace vedette::scan {

// What decoding made of a piece of text: percent, \u and U+ escapes, hexadecimal, base64, as
// gitleaks' detect/codec finds them. One pass replaces all pieces that decode to printable ASCII
// where they stand; the next pass looks at the result. Part of the oracle: see naive_scanner.h.
class NaiveDecoder {
 public:
  struct Range {
    std::size_t start = 0;
    std::size_t end = 0;
    // Touching counts.
    bool overlaps(const Range& other) const { return other.start <= end && other.end >= start; }
    bool contains(const Range& other) const { return start <= other.start && other.end <= end; }
  };

  NaiveDecoder();

  // One more pass over `text`, the result of the pass before. False when there was nothing.
  bool decode(std::string& text);

  // Whether the last pass made any of this range of its result.
  bool touched(Range range) const;
  // Where a touched range of the last pass's result comes from in the first text. Exact for what
  // lies in one decoded piece: then it is that whole piece.
  Range original(Range range) const;
  // The line (with the line break before it) of the pieces that a range of `text`, the last pass's
  // result, touches.
  std::string_view line_of(Range range, std::string_view text) const;

 private:
  struct Segment {
    Range original;
    Range encoded;  // in the text before the pass
    Range decoded;  // in the text after it
  };
  struct Encoded {
    std::size_t kind = 0;  // precedence, and index of the decoding function
    Range range;
  };

  std::vector<Encoded> find_encoded(std::string_view text) const;

  match::Regex encodings_;
  std::vector<std::vector<Segment>> passes_;
};

}  // namespace vedette::scan
