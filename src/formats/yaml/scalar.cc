// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "formats/yaml/yaml.h"

// The implicit types of plain scalars: YAML 1.1's type repository as PyYAML's resolver spells it.
namespace vedette::formats::yaml {
namespace {

constexpr std::array<std::string_view, 4> kNulls = {"~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 9> kTrues = {"yes",  "Yes", "YES", "true", "True",
                                                    "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 9> kFalses = {"no",    "No",  "NO",  "false", "False",
                                                     "FALSE", "off", "Off", "OFF"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view text) {
  return std::ranges::find(words, text) != words.end();
}

// Whether all of `text` (at least one character) is from `set`.
bool all_from(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

constexpr std::string_view kDecimals = "0123456789_";

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

// "(:[0-5]?[0-9])+"
bool is_sexagesimal_tail(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    if (text[0] != ':') return false;
    text.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < text.size() && digits < 2 && is_digit(text[digits])) ++digits;
    if (digits == 0 || (digits == 2 && text[0] > '5')) return false;
    text.remove_prefix(digits);
  }
  return true;
}

bool is_integer(std::string_view text) {
  text = without_sign(text);
  if (text.empty() || !is_digit(text[0])) return false;
  if (text[0] == '0') {
    if (text.size() == 1) return true;
    if (text[1] == 'b') return all_from(text.substr(2), "01_");
    if (text[1] == 'x') return all_from(text.substr(2), "0123456789abcdefABCDEF_");
    return all_from(text.substr(1), "01234567_");
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return all_from(text, kDecimals);
  return all_from(text.substr(0, colon), kDecimals) && is_sexagesimal_tail(text.substr(colon));
}

// "([eE][-+][0-9]+)?"; YAML 1.1 wants the exponent's sign.
bool is_exponent(std::string_view text) {
  if (text.empty()) return true;
  return text.size() > 2 && (text[0] == 'e' || text[0] == 'E') &&
         (text[1] == '-' || text[1] == '+') && all_from(text.substr(2), "0123456789");
}

bool is_float(std::string_view text) {
  const std::string_view unsigned_text = without_sign(text);
  if (unsigned_text == ".inf" || unsigned_text == ".Inf" || unsigned_text == ".INF") return true;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  const std::size_t point = unsigned_text.find('.');
  if (point == std::string_view::npos) return false;
  const std::string_view whole = unsigned_text.substr(0, point);
  std::string_view rest = unsigned_text.substr(point + 1);
  const std::size_t fraction = std::min(rest.find_first_not_of(kDecimals), rest.size());
  if (whole.empty()) {
    // Without digits before the point there is no sign, and a digit follows the point.
    return text[0] == '.' && !rest.empty() && is_digit(rest[0]) &&
           is_exponent(rest.substr(fraction));
  }
  if (!is_digit(whole[0])) return false;
  const std::size_t colon = whole.find(':');
  if (colon != std::string_view::npos) {
    return all_from(whole.substr(0, colon), kDecimals) &&
           is_sexagesimal_tail(whole.substr(colon)) && fraction == rest.size();
  }
  return all_from(whole, kDecimals) && is_exponent(rest.substr(fraction));
}

// Reads a timestamp part by part; every step takes what it names from the front.
class TimestampReader {
 public:
  explicit TimestampReader(std::string_view text) : rest_(text) {}

  bool digits(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < most && count < rest_.size() && is_digit(rest_[count])) ++count;
    if (count < least) return false;
    rest_.remove_prefix(count);
    return true;
  }
  bool one(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool blanks() {
    const std::size_t count = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    rest_.remove_prefix(count);
    return count > 0;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool is_timestamp(std::string_view text) {
  TimestampReader reader(text);
  if (!reader.digits(4, 4) || !reader.one('-')) return false;
  if (!reader.digits(1, 2) || !reader.one('-') || !reader.digits(1, 2)) return false;
  if (reader.at_end()) return text.size() == 10;  // a date alone has all its digits
  if (!reader.one('T') && !reader.one('t') && !reader.blanks()) return false;
  if (!reader.digits(1, 2) || !reader.one(':') || !reader.digits(2, 2) || !reader.one(':') ||
      !reader.digits(2, 2)) {
    return false;
  }
  if (reader.one('.')) reader.digits(0, kNumberBytesMax);
  if (reader.at_end()) return true;
  reader.blanks();
  if (reader.one('Z')) return reader.at_end();
  if (!reader.one('-') && !reader.one('+')) return false;
  if (!reader.digits(1, 2)) return false;
  if (reader.one(':') && !reader.digits(2, 2)) return false;
  return reader.at_end();
}

// value = value * factor + digit, in decimal digits, lowest first.
void multiply_add(std::string& value, unsigned factor, unsigned digit) {
  unsigned carry = digit;
  for (char& c : value) {
    const unsigned sum = static_cast<unsigned>(c - '0') * factor + carry;
    c = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  for (; carry > 0; carry /= 10) value.push_back(static_cast<char>('0' + carry % 10));
}

unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

// Digits of any base up to 16; "1:30" parts count by 60.
std::string to_decimal(std::string_view digits, unsigned base) {
  std::string value;
  if (digits.find(':') == std::string_view::npos) {
    for (const char c : digits) multiply_add(value, base, digit_value(c));
  } else {
    unsigned part = 0;
    const std::size_t colon = digits.find(':');
    for (const char c : digits.substr(0, colon)) multiply_add(value, 10, digit_value(c));
    for (std::size_t i = colon + 1; i <= digits.size(); ++i) {
      if (i == digits.size() || digits[i] == ':') {
        multiply_add(value, 60, part);
        part = 0;
      } else {
        part = part * 10 + digit_value(digits[i]);
      }
    }
  }
  while (value.size() > 1 && value.back() == '0') value.pop_back();
  if (value.empty()) value = "0";
  std::ranges::reverse(value);
  return value;
}

std::string integer_decimal(std::string_view text) {
  const bool negative = text[0] == '-';
  std::string digits;
  for (const char c : without_sign(text)) {
    if (c != '_') digits.push_back(c);
  }
  std::string_view view = digits;
  unsigned base = 10;
  if (view.size() > 1 && view[0] == '0') {
    const bool prefixed = view[1] == 'x' || view[1] == 'b';
    base = view[1] == 'x' ? 16 : view[1] == 'b' ? 2 : 8;
    view.remove_prefix(prefixed ? 2 : 1);
  }
  const std::string value = to_decimal(view, base);
  return negative && value != "0" ? "-" + value : value;
}

std::string float_decimal(std::string_view text) {
  const bool negative = text[0] == '-';
  std::string digits;
  for (const char c : without_sign(text)) {
    if (c != '_') digits.push_back(c);
  }
  const std::size_t e = digits.find_first_of("eE");
  int exponent = 0;
  if (e != std::string::npos) {
    const char* first = digits.data() + e + (digits[e + 1] == '+' ? 2 : 1);
    const auto read = std::from_chars(first, digits.data() + digits.size(), exponent);
    if (read.ec != std::errc() || exponent > static_cast<int>(kNumberBytesMax) ||
        exponent < -static_cast<int>(kNumberBytesMax)) {
      return {};
    }
    digits.resize(e);
  }
  const std::size_t point = digits.find('.');
  if (point == std::string::npos || digits.size() < 2 || !is_digit(digits[point == 0 ? 1 : 0])) {
    return {};  // .inf, .nan
  }
  std::string whole = to_decimal(std::string_view(digits).substr(0, point), 10);
  std::string fraction = digits.substr(point + 1);
  for (; exponent > 0; --exponent) {
    whole.push_back(fraction.empty() ? '0' : fraction.front());
    if (!fraction.empty()) fraction.erase(0, 1);
  }
  for (; exponent < 0; ++exponent) {
    fraction.insert(fraction.begin(), whole.empty() ? '0' : whole.back());
    if (!whole.empty()) whole.pop_back();
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole = "0";
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  std::string value = fraction.empty() ? whole : whole + "." + fraction;
  return negative && value != "0" ? "-" + value : value;
}

}  // namespace

ScalarType scalar_type(const Node& scalar) {
  const std::string_view text = scalar.text;
  if (!scalar.plain) return ScalarType::kString;
  if (text.empty()) return ScalarType::kNull;
  if (text.size() > kNumberBytesMax) return ScalarType::kString;
  const char first = text[0];
  if (is_digit(first) || first == '-' || first == '+' || first == '.') {
    if (is_integer(text)) return ScalarType::kInteger;
    if (is_float(text)) return ScalarType::kFloat;
    if (is_timestamp(text)) return ScalarType::kTimestamp;
    return ScalarType::kString;
  }
  if (text.size() > 5) return ScalarType::kString;
  if (is_one_of(kNulls, text)) return ScalarType::kNull;
  if (is_one_of(kTrues, text) || is_one_of(kFalses, text)) return ScalarType::kBoolean;
  return ScalarType::kString;
}

bool boolean_of(const Node& scalar) { return is_one_of(kTrues, scalar.text); }

std::string decimal_of(const Node& scalar) {
  const ScalarType type = scalar_type(scalar);
  if (type == ScalarType::kInteger) return integer_decimal(scalar.text);
  if (type == ScalarType::kFloat) return float_decimal(scalar.text);
  return {};
}

}  // namespace vedette::formats::yaml
