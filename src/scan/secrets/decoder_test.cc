// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/decoder.h"

#include <gtest/gtest.h>
#include <random>

#include "scan/secrets/naive_decoder.h"

namespace vedette::scan::secrets {
namespace {

std::string base64(std::string_view text, std::string_view last_two = "+/", bool padded = true) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::string digits = std::string(kDigits) + std::string(last_two);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < count ? static_cast<unsigned char>(text[at + i]) : 0U);
    for (std::size_t i = 0; i <= count; ++i) out += digits[bits >> (18 - 6 * i) & 63];
    if (padded) out.append(3 - count, '=');
  }
  return out;
}

std::string hexadecimal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string last_text(std::string_view content, unsigned depth) {
  std::string text;
  Decoder(depth).decode(content, [&](const DecodedText& decoded) { text = decoded.text(); });
  return text;
}

TEST(Decoder, DecodesEachEncoding) {
  const std::string words = "password: Kx9 and more";
  EXPECT_EQ(last_text("a = " + base64(words) + " b", 1), "a = " + words + " b");
  EXPECT_EQ(last_text("a=" + base64(words, "-_", false), 1), "a=" + words);
  EXPECT_EQ(last_text("x " + hexadecimal(words) + "\n", 1), "x " + words + "\n");
  EXPECT_EQ(last_text("u?p=%41b%43;", 1), "u?p=AbC;");
  EXPECT_EQ(last_text("'\\u0041\\u00e9'", 1), "'A\xC3\xA9'");
  EXPECT_EQ(last_text("U+0041 U+0042 c", 1), "ABc");
}

TEST(Decoder, LeavesTheRest) {
  EXPECT_EQ(last_text("abcdefghijklmnopqrstuvwxyz 5cb6ffd1a2b3c4d5e6f708192a3b4c5d6e", 3), "");
  EXPECT_EQ(last_text("100% of %zz and %00 \\n \\u12", 3), "");
  EXPECT_EQ(last_text(base64("some words here"), 0), "");
}

TEST(Decoder, DecodesWhatComesOut) {
  const std::string inner = "token = abcdefgh12345678";
  const std::string outer = "data: " + base64(base64(inner));
  EXPECT_EQ(last_text(outer, 1), "data: " + base64(inner));
  EXPECT_EQ(last_text(outer, 2), "data: " + inner);
  Decoder(2).decode(outer, [&](const DecodedText& decoded) {
    if (decoded.depth() != 2) return;
    const ByteRange original = decoded.original({decoded.text().find("abcdefgh"), 16});
    EXPECT_EQ(original.begin, 6U);
    EXPECT_EQ(original.size, outer.size() - 6);
  });
}

TEST(Decoder, TellsOfLinesAroundOnly) {
  std::string content;
  for (int i = 0; i < 5000; ++i) content += "line " + std::to_string(i) + "\n";
  const std::size_t at = content.size();
  content += "key: " + base64("user:Kx9mQ2vLp7z-here") + "\n";
  for (int i = 0; i < 5000; ++i) content += "line " + std::to_string(i) + "\n";
  int texts = 0;
  Decoder(2).decode(content, [&](const DecodedText& decoded) {
    ++texts;
    EXPECT_EQ(decoded.text(), "line 4999\nkey: user:Kx9mQ2vLp7z-here\nline 0");
    EXPECT_EQ(decoded.original({decoded.text().find("Kx9"), 11}).begin, at + 5);
    EXPECT_TRUE(decoded.is_touched({decoded.text().find("Kx9"), 11}));
    EXPECT_FALSE(decoded.is_touched({0, 4}));
  });
  EXPECT_EQ(texts, 1);
}

// Texts of one line, which a stretch holds as a whole, so that both must come to the same.
class Texts {
 public:
  std::string next() {
    std::string text;
    const int pieces = pick(1, 5);
    for (int i = 0; i < pieces; ++i) text += piece(2);
    return text.substr(0, 300);
  }
  int pick(int least, int most) { return std::uniform_int_distribution(least, most)(chance_); }

 private:
  std::string words(int size) {
    constexpr std::string_view kLetters = "abcABC0123 :/=+-_%\\uU\"'.defF\x7F";
    std::string text;
    for (int i = 0; i < size; ++i)
      text += kLetters[static_cast<std::size_t>(pick(0, static_cast<int>(kLetters.size()) - 1))];
    return text;
  }
  std::string piece(int depth) {
    const std::string inner = depth > 0 && pick(0, 3) == 0 ? piece(depth - 1) : words(pick(1, 30));
    switch (pick(0, 8)) {
      case 0:
        return base64(inner);
      case 1:
        return base64(inner, "-_", false);
      case 2:
        return hexadecimal(inner);
      case 3:
        return "%" + hexadecimal(inner.substr(0, 1)) + inner + "%4" + words(1);
      case 4:
        return "\\u00" + hexadecimal(inner.substr(0, 1));
      case 5:
        return "U+00" + hexadecimal(inner.substr(0, 1)) + (pick(0, 1) == 0 ? " " : "U+");
      case 6:
        return std::string(static_cast<std::size_t>(pick(10, 40)), "aA4_"[pick(0, 3)]);
      default:
        return inner;
    }
  }
  std::mt19937 chance_{7};
};

TEST(Decoder, AgreesWithTheNaiveOne) {
  Texts texts;
  int decoded_count = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string content = texts.next();
    std::vector<std::string> expected;
    NaiveDecoder naive;
    std::string text = content;
    std::size_t pass = 0;
    const std::size_t from = static_cast<std::size_t>(texts.pick(0, 40));
    Decoder(4).decode(content, [&](const DecodedText& decoded) {
      ASSERT_EQ(decoded.depth(), ++pass) << content;
      ASSERT_TRUE(naive.decode(text)) << content;
      ASSERT_EQ(decoded.text(), text) << content;
      const NaiveDecoder::Range range{from, from + 9};
      ASSERT_EQ(decoded.is_touched({from, 9}), naive.touched(range)) << content;
      if (!naive.touched(range)) return;
      const ByteRange original = decoded.original({from, 9});
      ASSERT_EQ(original.begin, naive.original(range).start) << content;
      ASSERT_EQ(original.begin + original.size, naive.original(range).end) << content;
      ++decoded_count;
    });
    if (pass < 4) {
      ASSERT_FALSE(naive.decode(text)) << content << "\n" << text;
    }
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(decoded_count, 5000);
}

}  // namespace
}  // namespace vedette::scan::secrets
