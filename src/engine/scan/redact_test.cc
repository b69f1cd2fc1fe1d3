// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/redact.h"

#include <array>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace vedette::engine {
namespace {

using Input = Redactor::Input;

rules::secret::SecretRule rule(std::string id, std::string regex, std::string keyword) {
  rules::secret::SecretRule rule;
  rule.info.id = std::move(id);
  rule.regex = std::move(regex);
  rule.keywords = {std::move(keyword)};
  return rule;
}

std::shared_ptr<const rules::secret::SecretProgram> program() {
  rules::secret::SecretRuleSet set;
  set.rules.push_back(rule("token", "acme_[0-9a-f]{16}", "acme_"));
  set.rules.push_back(
      rule("key", "(?s)-----BEGIN KEY-----.{10,900}?-----END KEY-----", "-----begin"));
  return rules::secret::SecretProgram::compile(std::move(set));
}

std::string redacted(std::string_view text, std::mt19937* random = nullptr) {
  Redactor redactor(program(), 0, 2);
  std::string out;
  while (random != nullptr && !text.empty()) {
    const std::size_t size = 1 + (*random)() % 200;
    redactor.add(text.substr(0, size), (*random)() % 2 == 0 ? Input::kWaits : Input::kPauses, out);
    text.remove_prefix(std::min(size, text.size()));
  }
  redactor.add(text, Input::kEnded, out);
  return out;
}

TEST(Redactor, MasksSecretsAndNothingElse) {
  EXPECT_EQ(redacted("a acme_0123456789abcdef b\r\n\0x"), "a acme…(21) b\r\n\0x");
  const std::string bytes("\xff\xfe\0 no newline", 14);
  EXPECT_EQ(redacted(bytes), bytes);
  EXPECT_EQ(redacted(""), "");
  const std::string key = "-----BEGIN KEY-----\nMIIB\nAAAA\nBBBB\n-----END KEY-----";
  EXPECT_EQ(redacted("x\n" + key + "\ny\n"), "x\n----…(52)\ny\n");
}

TEST(Redactor, PassesWholeLinesOnWhenTheInputPauses) {
  Redactor redactor(program(), 0, 2);
  std::string out;
  redactor.add("one\ntwo acme_0123", Input::kPauses, out);
  EXPECT_EQ(out, "one\n");
  redactor.add("456789abcdef\nthree", Input::kPauses, out);
  EXPECT_EQ(out, "one\ntwo acme…(21)\n");
  redactor.add("\n-----BEGIN KEY-----\nMIIB\n", Input::kPauses, out);
  EXPECT_EQ(out, "one\ntwo acme…(21)\nthree\n");
  redactor.add("AAAAAAAA\n-----END KEY-----\nz\n", Input::kPauses, out);
  EXPECT_TRUE(out.ends_with("three\n----…(51)\nz\n")) << out;
}

TEST(Redactor, HowTheInputComesDoesNotMatter) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      switch (random() % 5) {
        case 0:
          text += "token acme_0123456789abcdef\n";
          break;
        case 1:
          text += "-----BEGIN KEY-----\nMIIBAAAA\nBBBB\n-----END KEY-----\n";
          break;
        default:
          text += std::string(random() % 40, 'x') + "\n";
      }
    }
    ASSERT_EQ(redacted(text, &random), redacted(text));
  }
}

TEST(Redactor, HowManyThreadsDoesNotMatter) {
  std::mt19937 random(6);
  std::string text;
  while (text.size() < 5 * Redactor::kPartBytesMin) {
    if (random() % 50 == 0) text += "token acme_0123456789abcdef\n";
    if (random() % 50 == 0)
      text += "-----BEGIN KEY-----\n" + std::string(random() % 800, 'k') + "\n-----END KEY-----\n";
    text += std::string(random() % 90, 'x') + "\n";
  }
  std::string expected;
  Redactor(program(), 0, 1).add(text, Input::kEnded, expected);
  EXPECT_NE(expected, text);
  for (const unsigned threads : {2U, 3U, 5U}) {
    std::string out;
    Redactor(program(), 0, threads).add(text, Input::kEnded, out);
    EXPECT_TRUE(out == expected) << threads;
  }
}

TEST(Redactor, LinesWithoutEndTakeBoundedMemory) {
  Redactor redactor(program(), 0, 2);
  std::string out;
  std::string text(3 * Redactor::kBlockBytes, 'x');
  const std::string token = "acme_0123456789abcdef";
  for (const std::size_t at : {Redactor::kBlockBytes - 10, 2 * Redactor::kBlockBytes - 5})
    text.replace(at, token.size(), token);
  for (std::size_t at = 0; at < text.size(); at += 10000)
    redactor.add(std::string_view(text).substr(at, 10000), Input::kWaits, out);
  EXPECT_GT(out.size(), Redactor::kBlockBytes);
  redactor.add("", Input::kEnded, out);
  EXPECT_EQ(out.find(token), std::string::npos);
  EXPECT_EQ(out.size(), text.size() - 2 * (token.size() - std::string_view("acme…(21)").size()));
}

TEST(RedactStream, EndsWithItsReader) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  ASSERT_EQ(::pipe(in.data()), 0);
  ASSERT_EQ(::pipe(out.data()), 0);
  constexpr std::string_view kText = "acme_0123456789abcdef\nx\n";
  ASSERT_EQ(::write(in[1], kText.data(), kText.size()), static_cast<ssize_t>(kText.size()));
  ::close(in[1]);
  Redactor redactor(program(), 0, 2);
  const std::atomic<bool> stop = false;
  const Result<RedactSummary> summary = redact_stream(redactor, in[0], out[1], stop);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->bytes, kText.size());
  EXPECT_EQ(summary->secrets, 1U);
  std::array<char, 100> shown{};
  const ssize_t size = ::read(out[0], shown.data(), shown.size());
  EXPECT_EQ(std::string_view(shown.data(), static_cast<std::size_t>(size)), "acme…(21)\nx\n");
  for (const int descriptor : {in[0], out[0], out[1]}) ::close(descriptor);
}

}  // namespace
}  // namespace vedette::engine
