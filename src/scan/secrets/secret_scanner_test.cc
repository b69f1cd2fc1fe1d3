// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/secret_scanner.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::scan::secrets {
namespace {

using rules::secret::SecretProgram;
using rules::secret::SecretRule;

SecretRule token_rule() {
  SecretRule rule;
  rule.info.id = "acme-token";
  rule.info.title = "Acme token";
  rule.regex = "\\b(acme_[0-9a-zA-Z]{24})\\b";
  rule.keywords = {"acme_"};
  return rule;
}

SecretRule name_rule() {
  SecretRule rule;
  rule.info.id = "any-token";
  rule.regex = "token = (\\S+)";
  rule.keywords = {"token"};
  rule.generic = true;
  return rule;
}

// The last two bytes may be left out.
std::string base64(std::string_view plain) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (std::size_t at = 0; at + 3 <= plain.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | static_cast<unsigned char>(plain[at + i]);
    for (int shift = 18; shift >= 0; shift -= 6) encoded += kDigits[bits >> shift & 63];
  }
  return encoded;
}

class SecretScannerTest : public testing::Test {
 protected:
  std::vector<event::Finding> scan(std::vector<SecretRule> rules, const Content& content,
                                   ScanCounts* counts = nullptr) {
    kept_.push_back(SecretProgram::compile({std::move(rules), {}, {}, 0}));
    SecretScanner scanner(kept_.back(), {});
    std::vector<event::Finding> findings;
    scanner.scan(content, findings);
    if (counts != nullptr) *counts = scanner.counts();
    return findings;
  }

 private:
  std::vector<std::shared_ptr<const SecretProgram>> kept_;  // what Finding::rule points to
};

const std::string kToken = std::string("acme_") + "q7Zr2LmX9vB4tKc8Wd3HsYpN";

TEST_F(SecretScannerTest, TellsPlaceRuleAndNothingOfTheSecret) {
  const std::string bytes = "first\n  x = '" + kToken + "' # here\n";
  Content content;
  content.path = "src/a.py";
  content.bytes = bytes;
  const std::vector<event::Finding> findings = scan({token_rule()}, content);
  ASSERT_EQ(findings.size(), 1U);
  const event::Finding& finding = findings[0];
  EXPECT_EQ(finding.rule->id, "acme-token");
  EXPECT_EQ(finding.place.path, "src/a.py");
  EXPECT_EQ(finding.place.line, 2U);
  EXPECT_EQ(finding.place.column, 8U);
  EXPECT_EQ(finding.place.end_column, 8U + kToken.size());
  EXPECT_EQ(finding.place.offset, bytes.find(kToken));
  EXPECT_EQ(finding.excerpt.line, "  x = 'acme…(29)' # here");
  EXPECT_EQ(finding.identity.size(), 32U);
  EXPECT_FALSE(finding.evidence.empty());
}

TEST_F(SecretScannerTest, IdentitySurvivesMoves) {
  const std::string here = "token: " + kToken;
  const std::string there = "\n\n\n    \"" + kToken + "\"";
  Content a;
  a.path = "a.yml";
  a.bytes = here;
  Content b;
  b.path = "deep/b.json";
  b.bytes = there;
  const std::string other = "token: " + std::string(kToken.rbegin(), kToken.rbegin() + 24);
  EXPECT_EQ(scan({token_rule()}, a).at(0).identity, scan({token_rule()}, b).at(0).identity);
  EXPECT_NE(identity_of("acme-token", kToken), identity_of("acme-token", other));
  EXPECT_NE(identity_of("acme-token", kToken), identity_of("other-token", kToken));
}

TEST_F(SecretScannerTest, OfOverlappingFindingsTheOneThatKnowsIsTold) {
  const std::string bytes = "token = " + kToken + "\n";
  Content content;
  content.path = "a.conf";
  content.bytes = bytes;
  const std::vector<event::Finding> findings = scan({name_rule(), token_rule()}, content);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule->id, "acme-token");
}

TEST_F(SecretScannerTest, CommentsAllowAndLinesLimit) {
  const std::string bytes = kToken + " # vedette:allow\n" + kToken + " # gitleaks:allow\n" +
                            kToken + "\n" + kToken + "\n";
  Content content;
  content.path = "a.conf";
  content.bytes = bytes;
  ScanCounts counts;
  EXPECT_EQ(scan({token_rule()}, content, &counts).size(), 2U);
  EXPECT_EQ(counts.allowed, 2U);
  content.lines = {{1, 1}, {4, 4}};
  const std::vector<event::Finding> findings = scan({token_rule()}, content);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].place.line, 4U);
}

// A rule without a form to verify finds a block that begins like an option.
// In time that does not grow by the square of how many there are.
TEST_F(SecretScannerTest, FindsTheDistinctPlacesOfMany) {
  constexpr std::size_t kCount = 10'000;
  std::string bytes = "first\n";
  for (std::size_t i = 0; i < kCount; ++i) bytes += kToken + " ";
  Content content;
  content.path = "dump.json";
  content.bytes = bytes;
  const std::vector<event::Finding> findings = scan({token_rule()}, content);
  ASSERT_EQ(findings.size(), kCount);
  for (std::size_t i = 0; i < kCount; i += 1'000) {
    EXPECT_EQ(findings[i].place.line, 2U);
    EXPECT_EQ(findings[i].place.column, i * (kToken.size() + 1) + 1);
    EXPECT_EQ(findings[i].place.end_column, (i + 1) * (kToken.size() + 1));
    EXPECT_EQ(findings[i].excerpt.line.find(kToken), std::string::npos);
  }
  bytes += "# vedette:allow\n" + kToken;
  content.bytes = bytes;
  ScanCounts counts;
  EXPECT_EQ(scan({token_rule()}, content, &counts).size(), 1U);
  EXPECT_EQ(counts.allowed, kCount);
}

TEST_F(SecretScannerTest, KeysInBlocksAreNoOptions) {
  SecretRule rule;
  rule.info.id = "block";
  rule.regex = "-----BEGIN PRIVATE KEY-----[\\s\\S]{64,}?-----END PRIVATE KEY-----";
  rule.keywords = {"-----begin"};
  std::string bytes = "-----BEGIN PRIVATE KEY-----\n";
  for (int i = 0; i < 4; ++i)
    bytes += "MIIEvQIBADANBgkqhkiG9w0B" + std::to_string(i * 7919) + "Qx7Zr2Lm\n";
  bytes += "-----END PRIVATE KEY-----\n";
  Content content;
  content.path = "server.key";
  content.bytes = bytes;
  EXPECT_EQ(scan({rule}, content).size(), 1U);
}

TEST_F(SecretScannerTest, PlaceholdersAreNoise) {
  Content content;
  content.path = "a.conf";
  content.bytes = "token = ${TOKEN}\ntoken = <your-token>\n";
  ScanCounts counts;
  EXPECT_TRUE(scan({name_rule()}, content, &counts).empty());
  EXPECT_EQ(counts.below_confidence, 2U);
}

TEST_F(SecretScannerTest, FindsWhatIsEncoded) {
  const std::string encoded = base64("token:\n" + kToken + "\n");
  const std::string bytes = "kind: Secret\ndata:\n  config: " + encoded + "\n";
  Content content;
  content.path = "deploy.yaml";
  content.bytes = bytes;
  const std::vector<event::Finding> findings = scan({token_rule()}, content);
  ASSERT_EQ(findings.size(), 1U);
  const event::Finding& finding = findings[0];
  EXPECT_EQ(finding.identity, identity_of("acme-token", kToken)) << "the same as unencoded";
  EXPECT_EQ(finding.place.line, 3U);
  EXPECT_EQ(finding.place.column, 11U);
  EXPECT_EQ(finding.place.size, encoded.size());
  EXPECT_EQ(finding.redacted, mask(kToken));
  EXPECT_EQ(finding.excerpt.line.find(encoded.substr(8)), std::string::npos);
  EXPECT_EQ(finding.evidence.back().name, "decoded:base64");
}

TEST_F(SecretScannerTest, FindsAllOfManyLargeEncodedPieces) {
  constexpr std::size_t kPieces = 5;
  std::string bytes;
  for (std::size_t i = 0; i < kPieces; ++i) {
    std::string plain;
    while (plain.size() < std::size_t{4} << 20) plain += "nothing to see in this line\n";
    plain += "token:\n" + kToken + "\n\n\n";
    (bytes += "data: ") += base64(plain) + "\n";
  }
  Content content;
  content.path = "deploy.yaml";
  content.bytes = bytes;
  const std::vector<event::Finding> findings = scan({token_rule()}, content);
  ASSERT_EQ(findings.size(), kPieces);
  for (std::size_t i = 0; i < kPieces; ++i) EXPECT_EQ(findings[i].place.line, i + 1);
}

}  // namespace
}  // namespace vedette::scan::secrets
