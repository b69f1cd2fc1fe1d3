// SPDX-License-Identifier: Apache-2.0
#include "output/terminal.h"

#include <algorithm>
#include <array>

#include "base/unicode.h"

namespace vedette::output {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Sorted. Marks that combine with the character before them, and joiners.
constexpr std::array kNoColumn = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},   Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x06D6, 0x06DC}, Range{0x0900, 0x0902},   Range{0x093C, 0x093C},
    Range{0x0941, 0x0948}, Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A},   Range{0x0E47, 0x0E4E},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200D},   Range{0x20D0, 0x20FF},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF},
};

// Sorted. East Asian Wide and Fullwidth (Unicode Standard Annex 11), as blocks.
constexpr std::array kTwoColumns = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

// Characters that reorder or hide what stands around them: a log line must not rewrite a report.
constexpr std::array kDeceptive = {
    Range{0x0080, 0x009F}, Range{0x061C, 0x061C}, Range{0x200B, 0x200F},   Range{0x2028, 0x202E},
    Range{0x2060, 0x206F}, Range{0xFEFF, 0xFEFF}, Range{0xE0000, 0xE007F},
};

template <std::size_t size>
bool within(const std::array<Range, size>& ranges, std::uint32_t code_point) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code_point,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != ranges.begin() && code_point <= std::prev(after)->last;
}

// One code point as it may be shown.
void append_shown(std::uint32_t code_point, std::string& out) {
  if (code_point < 0x20) {
    append_utf8(0x2400 + code_point, out);
  } else if (code_point == 0x7F) {
    append_utf8(0x2421, out);
  } else if (code_point == kInvalid || within(kDeceptive, code_point)) {
    out += kReplacement;
  } else {
    append_utf8(code_point, out);
  }
}

unsigned shown_columns(std::uint32_t code_point) {
  if (code_point == kInvalid || within(kDeceptive, code_point)) return 1;
  return column_count(code_point);
}

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7F; }

}  // namespace

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (at + length > text.size() || !is_utf8(text.substr(at, length))) {
    ++at;
    return kInvalid;
  }
  std::uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  at += length;
  return code_point;
}

unsigned column_count(std::uint32_t code_point) {
  if (code_point < 0x300) return 1;
  if (within(kNoColumn, code_point)) return 0;
  return within(kTwoColumns, code_point) ? 2 : 1;
}

std::size_t append_terminal(std::string_view text, std::size_t columns_max, std::string& out) {
  if (columns_max == 0) return 0;
  if (text.size() <= columns_max && std::all_of(text.begin(), text.end(), is_printable_ascii)) {
    out += text;
    return text.size();
  }
  std::size_t columns = 0;
  // Where to cut so that the ellipsis still finds a column.
  std::size_t cut_size = out.size();
  std::size_t cut_columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t code_point = next_code_point(text, at);
    const unsigned width = shown_columns(code_point);
    if (columns + width > columns_max) {
      out.resize(cut_size);
      out += kEllipsis;
      return cut_columns + 1;
    }
    append_shown(code_point, out);
    columns += width;
    if (columns < columns_max) {
      cut_size = out.size();
      cut_columns = columns;
    }
  }
  return columns;
}

void append_column(std::string_view text, std::size_t columns, std::string& out) {
  const std::size_t used = append_terminal(text, columns, out);
  out.append(columns - used, ' ');
}

void replace_unprintable(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const std::uint32_t code_point = next_code_point(text, at);
    const bool line = code_point == '\t' || code_point == '\n' || code_point == '\r';
    const bool control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
    if (code_point == kInvalid || (control && !line)) {
      out += kReplacement;
    } else {
      out += text.substr(start, at - start);
    }
  }
}

}  // namespace vedette::output
