// SPDX-License-Identifier: Apache-2.0
#include "scan/mask.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "base/digest.h"
#include "base/unicode.h"

namespace vedette::scan {
namespace {

TEST(Mask, ShowsAtMostAFifthAndFourBytes) {
  EXPECT_EQ(mask(""), "…(0)");
  EXPECT_EQ(mask("hunt"), "…(4)");
  EXPECT_EQ(mask("hunter2"), "…(7)");
  EXPECT_EQ(mask("hunter22"), "h…(8)");
  EXPECT_EQ(mask("hunter2xyz"), "hu…(10)");
  EXPECT_EQ(mask("0123456789012345678901234567890123456789"), "0123…(40)");
  EXPECT_EQ(mask("\x1B[31mxxxxxxxxxxxxxxxxxxxx"), "…(25)");
}

TEST(Excerpt, MasksAllSecretsOfTheLineAndMarksOne) {
  const std::string content = "first\n  user = secretsecret, key = otherothers;\r\nlast";
  const std::vector<ByteRange> secrets = {{15, 12}, {35, 11}};
  const event::Excerpt excerpt = make_excerpt(content, secrets[1], secrets);
  EXPECT_EQ(excerpt.line, "  user = se…(12), key = ot…(11);");
  EXPECT_EQ(excerpt.line.substr(excerpt.mark, excerpt.mark_size), "ot…(11)");
}

TEST(Excerpt, SecretsOverLinesShowNoMiddle) {
  const std::string content = "k = BEGINabcdef\nghijklmnop\nEND; pass = secretword1";
  const std::vector<ByteRange> secrets = {{4, 26}, {39, 11}};
  EXPECT_EQ(make_excerpt(content, secrets[0], secrets).line, "k = BEGI…(26)");
  EXPECT_EQ(make_excerpt(content, secrets[1], secrets).line, "…(3); pass = se…(11)");
}

TEST(Excerpt, LongLinesAreCutAroundTheMark) {
  const std::string content =
      std::string(5000, 'x') + "é=" + std::string(40, 's') + std::string(5000, 'y');
  const std::vector<ByteRange> secrets = {{5003, 40}};
  const event::Excerpt excerpt = make_excerpt(content, secrets[0], secrets);
  EXPECT_LT(excerpt.line.size(), kExcerptBytesMax + 20);
  EXPECT_EQ(excerpt.line.substr(excerpt.mark, excerpt.mark_size), "ssss…(40)");
}

TEST(Excerpt, MasksWhatRepeatsASecret) {
  const std::string content = "p = secretword1; connect(\"user:secretword1@host\")\n";
  const std::vector<ByteRange> secrets = {{4, 11}};
  EXPECT_EQ(make_excerpt(content, secrets[0], secrets).line,
            "p = se…(11); connect(\"user:se…(11)@host\")");
}

TEST(Excerpt, MasksTheMarkedOneThoughItIsNotListed) {
  EXPECT_EQ(make_excerpt("key=secretword1", {4, 11}, {}).line, "key=se…(11)");
  EXPECT_EQ(make_excerpt("key=", {90, 11}, {}).line, "key=…(0)");
}

// Characters are kept whole where a line is cut, and a line of many megabytes costs no more than
// its neighbourhood.
TEST(SecretRanges, AreFoundNearAPlace) {
  const std::vector<ByteRange> ranges = {{40, 5}, {10, 60}, {10, 5}, {90, 1}, {10, 5}, {20, 3}};
  const SecretRanges secrets(ranges);
  EXPECT_EQ(secrets.all().size(), ranges.size() - 1);
  for (std::size_t begin = 0; begin < 100; ++begin) {
    for (std::size_t end = begin + 1; end < 100; ++end) {
      const auto near = secrets.near(begin, end);
      for (const ByteRange& one : ranges) {
        const bool is_inside = one.begin < end && one.begin + one.size > begin;
        EXPECT_TRUE(!is_inside || std::ranges::find(near, one) != near.end())
            << begin << ' ' << end;
      }
      EXPECT_TRUE(near.empty() || near.back().begin < end);
    }
  }
  EXPECT_TRUE(secrets.near(0, 10).empty());
  EXPECT_TRUE(secrets.near(95, 99).empty());
}

TEST(Excerpt, CutsBetweenCharacters) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string content(shift, 'x');
    for (int i = 0; i < 700'000; ++i) content += "\xf0\x9f\x94\x91";
    const ByteRange secret{content.size(), 40};
    content += std::string(40, 's');
    for (int i = 0; i < 700'000; ++i) content += "\xe4\xb8\xad";
    const std::vector<ByteRange> secrets = {secret};
    for (int round = 0; round < 1000; ++round) {
      const event::Excerpt excerpt = make_excerpt(content, secret, secrets);
      ASSERT_TRUE(is_utf8(excerpt.line));
      ASSERT_LT(excerpt.line.size(), kExcerptBytesMax + 20);
      ASSERT_EQ(excerpt.line.substr(excerpt.mark, excerpt.mark_size), "ssss…(40)");
    }
  }
}

// Wherever secrets lie and however they overlap: no run of five of their bytes is shown.
TEST(Excerpt, NeverShowsASecret) {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string content;
    std::vector<ByteRange> secrets;
    for (std::size_t n = 1 + random() % 6; n > 0; --n) {
      content += std::string(random() % 90, '.');
      if (random() % 3 == 0) content += '\n';
      const std::size_t size = 1 + random() % 60;
      secrets.push_back({content.size(), size});
      for (std::size_t i = 0; i < size; ++i) {
        content += random() % 30 == 0 ? '\n' : "abcdefghij"[random() % 10];
      }
      if (random() % 4 == 0) secrets.push_back({secrets.back().begin + size / 2, size - size / 2});
    }
    for (const ByteRange& secret : secrets) {
      const std::string shown = make_excerpt(content, secret, secrets).line;
      std::size_t run = 0;
      for (const char c : shown) {
        run = c >= 'a' && c <= 'j' ? run + 1 : 0;
        ASSERT_LT(run, 5U) << shown;
      }
    }
  }
}

TEST(Digest, IsSha256) {
  EXPECT_EQ(to_hexadecimal(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hexadecimal(sha256(""), 8), "e3b0c442");
}

}  // namespace
}  // namespace vedette::scan
