// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/encoded_finder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/unicode.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kBase64Min = 16;
constexpr std::size_t kHexadecimalMin = 32;
constexpr std::uint8_t kNone = 0xFF;

// Six bits of a digit, in either alphabet.
constexpr std::array<std::uint8_t, 256> kSixBits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNone);
  for (std::uint8_t i = 0; i < 26; ++i) {
    table[static_cast<std::size_t>('A') + i] = i;
    table[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(26 + i);
  }
  for (std::uint8_t i = 0; i < 10; ++i)
    table[static_cast<std::size_t>('0') + i] = static_cast<std::uint8_t>(52 + i);
  table['+'] = table['-'] = 62;
  table['/'] = table['_'] = 63;
  return table;
}();

constexpr std::array<std::uint8_t, 256> kFourBits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNone);
  for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0') + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(10 + i);
    table[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}();

std::uint8_t six_bits(char c) { return kSixBits[static_cast<unsigned char>(c)]; }
bool is_hexadecimal(char c) { return kFourBits[static_cast<unsigned char>(c)] != kNone; }
bool is_printable(std::uint32_t byte) { return byte > 0x08 && byte < 0x7F; }

bool has_hexadecimal(std::string_view text, std::size_t at, std::size_t count) {
  if (at > text.size() || text.size() - at < count) return false;
  return std::ranges::all_of(text.substr(at, count), is_hexadecimal);
}

std::uint32_t number_at(std::string_view text, std::size_t at, std::size_t count) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < count; ++i)
    number = number << 4 | kFourBits[static_cast<unsigned char>(text[at + i])];
  return number;
}

// The end of "%41 … %42", up to the last of the line; 0: there is none at `at`.
std::size_t percent_end(std::string_view text, std::size_t at) {
  if (!has_hexadecimal(text, at + 1, 2)) return 0;
  const std::size_t line_end = std::min(text.find('\n', at), text.size());
  for (std::size_t last = line_end; last > at;) {
    last = text.rfind('%', last - 1);
    if (last + 3 <= line_end && has_hexadecimal(text, last + 1, 2)) return last + 3;
  }
  return at + 3;
}

// The end of \u0041\u0042; 0 as above.
std::size_t escapes_end(std::string_view text, std::size_t at) {
  std::size_t end = 0;
  while (at < text.size() && text[at] == '\\') {
    std::size_t letter = at + 1;
    if (letter < text.size() && text[letter] == '\\') ++letter;
    if (letter >= text.size() || (text[letter] | 0x20) != 'u') break;
    if (!has_hexadecimal(text, letter + 1, 4)) break;
    end = at = letter + 5;
  }
  return end;
}

// The end of "U+0041 U+0042 ", white space included; 0 as above.
std::size_t code_points_end(std::string_view text, std::size_t at) {
  constexpr std::string_view kSpaces = " \t\n\f\r";
  std::size_t end = 0;
  while (text.substr(at).starts_with("U+") && has_hexadecimal(text, at + 2, 4)) {
    at += 6;
    if (at == text.size()) return at;
    if (kSpaces.find(text[at]) == std::string_view::npos) break;
    end = ++at;
  }
  return end;
}

bool decode_percent(std::string_view text, std::string& decoded) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%' || !has_hexadecimal(text, at + 1, 2)) {
      decoded += text[at];
      continue;
    }
    const std::uint32_t byte = number_at(text, at + 1, 2);
    if (!is_printable(byte)) return false;
    decoded += static_cast<char>(byte);
    at += 2;
  }
  return true;
}

bool decode_escapes(std::string_view text, std::string& decoded) {
  for (std::size_t at = 0; at + 4 <= text.size(); ++at) {
    if (!has_hexadecimal(text, at, 4)) continue;
    append_utf8(number_at(text, at, 4), decoded);
    at += 3;
  }
  return true;
}

bool decode_hexadecimal(std::string_view text, std::string& decoded) {
  if (text.size() % 2 != 0 || text.find_first_of("0123456789") == std::string_view::npos)
    return false;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const std::uint32_t byte = number_at(text, at, 2);
    if (!is_printable(byte)) return false;
    decoded += static_cast<char>(byte);
  }
  return true;
}

bool decode_base64_digits(std::string_view text, std::string_view foreign, std::string& decoded) {
  if (text.size() % 4 == 1 || text.find_first_of(foreign) != std::string_view::npos) return false;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    bits = bits << 6 | six_bits(c);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const std::uint32_t byte = bits >> count & 0xFF;
    if (!is_printable(byte)) return false;
    decoded += static_cast<char>(byte);
  }
  return true;
}

bool decode_base64(std::string_view text, std::string& decoded) {
  if (text.find_first_of("0123456789+/-_") == std::string_view::npos) return false;
  const std::string_view digits = text.substr(0, std::min(text.find('='), text.size()));
  const std::size_t size = decoded.size();
  if (text.size() % 4 == 0 && decode_base64_digits(digits, "-_", decoded)) return true;
  decoded.resize(size);
  return digits.size() == text.size() && decode_base64_digits(digits, "+/", decoded);
}

// Whether the first eight digits give six readable bytes, as those of few words do.
bool may_be_readable(std::string_view digits) {
  for (std::size_t at = 0; at < 8; at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits = bits << 6 | six_bits(digits[at + i]);
    if (!is_printable(bits >> 16) || !is_printable(bits >> 8 & 0xFF) || !is_printable(bits & 0xFF))
      return false;
  }
  return true;
}

// Of escapes and code points only those count that have a u behind or before; at the ends of the
// block that is not known.
std::uint64_t marks_of(std::uint64_t percents, std::uint64_t backslashes, std::uint64_t pluses,
                       std::uint64_t us) {
  constexpr std::uint64_t kLastTwo = std::uint64_t{3} << 62;
  return percents | (backslashes & (us >> 1 | us >> 2 | kLastTwo)) | (pluses & (us << 1 | 1));
}

// False: runs_of() is 0. So many ones fill one byte at least.
bool may_have_run(std::uint64_t low, std::uint64_t high) {
  std::uint64_t bytes = low & low >> 1;
  bytes &= bytes >> 2;
  bytes &= bytes >> 4;
  return (bytes & 0x0101010101010101) != 0 || (high & 0xFF) == 0xFF;
}

// Bits where `kBase64Min` ones begin, of two words that follow each other.
std::uint64_t runs_of(std::uint64_t low, std::uint64_t high) {
  if (!may_have_run(low, high)) return 0;
  for (unsigned shift = 1; shift < kBase64Min; shift *= 2) {
    low &= low >> shift | high << (64 - shift);
    high &= high >> shift;
  }
  return low;
}

#if defined(__x86_64__)
std::uint64_t joined(int low, int high) {
  return std::uint64_t{static_cast<std::uint32_t>(low)} |
         std::uint64_t{static_cast<std::uint32_t>(high)} << 32;
}

// Each kind of digit and mark is a bit; a byte has those that both tables have at its halves.
constexpr std::uint8_t kDigitBits = 0x1F;
constexpr std::array<std::uint8_t, 16> kHighHalves = {0, 0, 0xA1, 0x02, 0x04, 0x48, 0x04, 0x10,
                                                      0, 0, 0,    0,    0,    0,    0,    0};
constexpr std::array<std::uint8_t, 16> kLowHalves = [] {
  std::array<std::uint8_t, 16> table{};
  for (std::size_t low = 0; low < 16; ++low) {
    unsigned bits = 0;
    if (low == 0xB || low == 0xD || low == 0xF) bits |= 0x01;  // + - /
    if (low < 10) bits |= 0x02;                                // 0 to 9
    if (low != 0) bits |= 0x04;                                // A to O
    if (low < 0xB || low == 0xF) bits |= 0x08;                 // P to Z, _
    if (low < 0xB) bits |= 0x10;                               // p to z
    if (low == 0xC) bits |= 0x40;                              // the backslash
    if (low == 0x5) bits |= 0x80;                              // %
    if (low == 0xB) bits |= 0x20;                              // +
    table[low] = static_cast<std::uint8_t>(bits);
  }
  return table;
}();
#endif

}  // namespace

EncodedFinder::EncodedFinder(std::string_view text) : text_(text) {
#if defined(__x86_64__)
  is_fast_ = __builtin_cpu_supports("avx2") != 0;
#endif
  here_ = masks_at(0);
  ahead_ = masks_at(kBlock);
  hints_ = here_.marks | runs_of(here_.digits, ahead_.digits);
}

EncodedFinder::Masks EncodedFinder::masks_at(std::size_t begin) const {
  Masks masks;
  if (begin >= text_.size()) return masks;
  const char* at = text_.data() + begin;
  std::array<char, kBlock> last;
  if (text_.size() - begin < kBlock) {
    last.fill('\0');
    std::memcpy(last.data(), at, text_.size() - begin);
    at = last.data();
  }
  std::uint64_t percents = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t pluses = 0;
  std::uint64_t us = 0;
#if defined(__x86_64__)
  const auto equal = [](__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  // Whether bytes are among the `count` from `first` on: they are moved to the lowest signed ones.
  const auto among = [](__m128i bytes, char first, int count) {
    const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + count)));
  };
  for (std::size_t i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    const __m128i plus = equal(bytes, '+');
    const __m128i letters = among(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    const __m128i numbers = among(bytes, '/', 11);  // the slash stands right before 0
    const __m128i others = _mm_or_si128(plus, _mm_or_si128(equal(bytes, '-'), equal(bytes, '_')));
    const __m128i digits = _mm_or_si128(others, _mm_or_si128(letters, numbers));
    const auto bits_of = [i](__m128i mask) {
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(mask))) << i;
    };
    masks.digits |= bits_of(digits);
    percents |= bits_of(equal(bytes, '%'));
    backslashes |= bits_of(equal(bytes, '\\'));
    pluses |= bits_of(plus);
    us |= bits_of(equal(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'u'));
  }
#else
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (six_bits(at[i]) != kNone) masks.digits |= bit;
    if (at[i] == '%') percents |= bit;
    if (at[i] == '\\') backslashes |= bit;
    if (at[i] == '+') pluses |= bit;
    if ((at[i] | 0x20) == 'u') us |= bit;
  }
#endif
  masks.marks = marks_of(percents, backslashes, pluses, us);
  return masks;
}

#if defined(__x86_64__)
[[gnu::target("avx2"), gnu::always_inline]] inline EncodedFinder::Masks
EncodedFinder::wide_masks_at(const char* at) {
  const __m256i low = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLowHalves.data())));
  const __m256i high = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kHighHalves.data())));
  const __m256i half = _mm256_set1_epi8(0x0F);
  const __m256i digit_bits = _mm256_set1_epi8(kDigitBits);
  const __m256i zero = _mm256_setzero_si256();
  const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
  const __m256i first_kinds = _mm256_and_si256(
      _mm256_shuffle_epi8(low, first),
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(first, 4), half)));
  const __m256i second_kinds = _mm256_and_si256(
      _mm256_shuffle_epi8(low, second),
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(second, 4), half)));
  const std::uint64_t others = joined(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(first_kinds, digit_bits), zero)),
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(second_kinds, digit_bits), zero)));
  Masks masks{~others, 0};
  const __m256i mark_bits = _mm256_set1_epi8(static_cast<char>(~kDigitBits));
  if (_mm256_testz_si256(_mm256_or_si256(first_kinds, second_kinds), mark_bits) != 0) return masks;
  const __m256i fold = _mm256_set1_epi8(0x20);
  const __m256i letter = _mm256_set1_epi8('u');
  const std::uint64_t us =
      joined(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_or_si256(first, fold), letter)),
             _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_or_si256(second, fold), letter)));
  masks.marks =
      marks_of(joined(_mm256_movemask_epi8(first_kinds), _mm256_movemask_epi8(second_kinds)),
               joined(_mm256_movemask_epi8(_mm256_slli_epi16(first_kinds, 1)),
                      _mm256_movemask_epi8(_mm256_slli_epi16(second_kinds, 1))),
               joined(_mm256_movemask_epi8(_mm256_slli_epi16(first_kinds, 2)),
                      _mm256_movemask_epi8(_mm256_slli_epi16(second_kinds, 2))),
               us);
  return masks;
}

// Goes on to the next block with a hint, while whole ones are ahead: one at least.
[[gnu::target("avx2")]] void EncodedFinder::skip_fast() {
  Masks here = here_;
  Masks ahead = ahead_;
  std::uint64_t hints = 0;
  std::size_t block = block_;
  while (hints == 0 && block + 3 * kBlock <= text_.size()) {
    here = ahead;
    block += kBlock;
    ahead = wide_masks_at(text_.data() + block + kBlock);
    hints = here.marks;
    if (may_have_run(here.digits, ahead.digits)) hints |= runs_of(here.digits, ahead.digits);
  }
  here_ = here;
  ahead_ = ahead;
  hints_ = hints;
  block_ = block;
}
#else
void EncodedFinder::skip_fast() {}
#endif

void EncodedFinder::enter(std::size_t begin) {
  here_ = begin == block_ + kBlock ? ahead_ : masks_at(begin);
  ahead_ = masks_at(begin + kBlock);
  block_ = begin;
  hints_ = here_.marks | runs_of(here_.digits, ahead_.digits);
}

bool EncodedFinder::next(Found& found) {
  while (true) {
    while (hints_ == 0) {
      if (text_.size() - block_ <= kBlock) return false;
      if (is_fast_ && block_ + 3 * kBlock <= text_.size()) {
        skip_fast();
      } else {
        enter(block_ + kBlock);
      }
    }
    const std::size_t at = block_ + static_cast<std::size_t>(std::countr_zero(hints_));
    if (at < from_) {
      const std::size_t passed = from_ - block_;
      hints_ = passed < kBlock ? hints_ >> passed << passed : 0;
      continue;
    }
    hints_ &= hints_ - 1;
    if (!try_at(at, found)) continue;
    from_ = found.range.begin + found.range.size;
    if (from_ - block_ >= kBlock && from_ < text_.size()) enter(from_ / kBlock * kBlock);
    if (found.encoding == Encoding::kBase64 &&
        !may_be_readable(text_.substr(found.range.begin, found.range.size)))
      continue;
    return true;
  }
}

bool EncodedFinder::try_at(std::size_t at, Found& found) const {
  const char mark = text_[at];
  std::size_t begin = at;
  std::size_t end = 0;
  if (mark == '%') {
    end = percent_end(text_, at);
    found.encoding = Encoding::kPercent;
  } else if (mark == '\\') {
    end = escapes_end(text_, at);
    found.encoding = Encoding::kUnicode;
  } else {
    // A run that holds it begins before it, and was looked at, unless it is too short.
    if (mark == 'U') end = code_points_end(text_, at);
    if (end == 0 && mark == '+' && at > from_ && text_[at - 1] == 'U') {
      begin = at - 1;
      end = code_points_end(text_, begin);
    }
    found.encoding = Encoding::kUnicode;
    if (end == 0) return try_run(at, found);
  }
  found.range = {begin, end - std::min(begin, end)};
  return end != 0;
}

bool EncodedFinder::try_run(std::size_t at, Found& found) const {
  std::size_t end = run_end(at);
  if (end - at < kBase64Min) return false;
  std::size_t hexadecimal = at;
  while (hexadecimal < end && is_hexadecimal(text_[hexadecimal])) ++hexadecimal;
  found.encoding = Encoding::kBase64;
  if (hexadecimal - at >= kHexadecimalMin) {
    end = hexadecimal;
    found.encoding = Encoding::kHexadecimal;
  } else {
    for (int i = 0; i < 2 && end < text_.size() && text_[end] == '='; ++i) ++end;
  }
  found.range = {at, end - at};
  return true;
}

// Of a run of digits that holds `at`, a place of the block at hand.
std::size_t EncodedFinder::run_end(std::size_t at) const {
  const std::size_t offset = at - block_;
  const auto ones = static_cast<std::size_t>(std::countr_one(here_.digits >> offset));
  if (ones < kBlock - offset) return at + ones;
  std::size_t end = block_ + kBlock;
  const auto more = static_cast<std::size_t>(std::countr_one(ahead_.digits));
  end += more;
  if (more < kBlock) return std::min(end, text_.size());
  while (end < text_.size() && six_bits(text_[end]) != kNone) ++end;
  return std::min(end, text_.size());
}

bool decode(EncodedFinder::Found found, std::string_view text, std::string& decoded) {
  constexpr std::array<bool (*)(std::string_view, std::string&), 4> kDecoders = {
      decode_percent, decode_escapes, decode_hexadecimal, decode_base64};
  const std::size_t size = decoded.size();
  const bool is_readable = kDecoders[static_cast<std::size_t>(found.encoding)](
      text.substr(found.range.begin, found.range.size), decoded);
  if (is_readable && decoded.size() > size) return true;
  decoded.resize(size);
  return false;
}

}  // namespace vedette::scan::secrets
