// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/verifier.h"

#include <gtest/gtest.h>
#include <optional>
#include <set>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/verification_reader.h"

namespace vedette::engine {
namespace {

class Kept : public event::FindingSink {
 public:
  Result<void> write(const event::Finding& finding) override {
    findings.push_back(finding);
    return {};
  }
  Result<void> finish(const event::ScanSummary&) override { return {}; }
  std::vector<event::Finding> findings;
};

class VerifierTest : public testing::Test {
 protected:
  VerifierTest() {
    rule_.info.id = "acme";
    rule_.verification =
        rules::secret::Verification{"GET",
                                    "https://api.acme.example/me",
                                    {"Accept: a/b", "Authorization: Bearer {secret}"},
                                    {200},
                                    {401},
                                    {},
                                    {}};
    options_.enabled = true;
    options_.trust_packs = true;
  }

  // What is said of the secrets, one after the other.
  std::vector<std::string> verify(const std::vector<std::string>& secrets) {
    Verifier verifier(
        kept_, options_,
        [this](const rules::secret::Verification&,
               const std::vector<std::string>& headers) -> Result<VerifyAnswer> {
          asked_.push_back(headers);
          if (!answer_) return failure(ErrorCode::kSystem, "no answer");
          return *answer_;
        },
        stop_);
    for (const std::string& secret : secrets) verifier.see(rule_, secret, finding(secret));
    for (const std::string& secret : secrets) EXPECT_TRUE(verifier.write(finding(secret)));
    std::vector<std::string> said;
    for (const event::Finding& found : kept_.findings)
      said.push_back(found.evidence.empty() ? "" : found.evidence[0].name);
    return said;
  }
  static event::Finding finding(const std::string& secret) {
    event::Finding finding;
    finding.identity = "identity " + std::to_string(std::hash<std::string>()(secret));
    finding.message = "Acme: acme…(9)";
    return finding;
  }

  rules::secret::SecretRule rule_;
  VerifyOptions options_;
  std::optional<VerifyAnswer> answer_ = VerifyAnswer{200, "{}"};
  std::atomic<bool> stop_ = false;
  std::vector<std::vector<std::string>> asked_;
  Kept kept_;
};

using Names = std::vector<std::string>;

TEST_F(VerifierTest, AsksOnceForEachSecret) {
  EXPECT_EQ(verify({"acme_1", "acme_2", "acme_1"}),
            (Names{"verified:live", "verified:live", "verified:live"}));
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[0], (Names{"Accept: a/b", "Authorization: Bearer acme_1"}));
  const event::Finding& found = kept_.findings[0];
  EXPECT_EQ(found.confidence, event::Confidence::kHigh);
  EXPECT_EQ(found.evidence[0].text, "api.acme.example accepts it");
  EXPECT_EQ(found.message, "Acme: acme…(9); live: api.acme.example accepts it");
}

TEST_F(VerifierTest, SaysWhatAnswersMean) {
  answer_ = VerifyAnswer{401, ""};
  EXPECT_EQ(verify({"a"}), Names{"verified:revoked"});
  answer_ = VerifyAnswer{302, ""};
  EXPECT_EQ(verify({"b"}).back(), "verified:unknown");
  answer_ = VerifyAnswer{500, ""};
  EXPECT_EQ(verify({"c"}).back(), "verified:unknown");
  rule_.verification->revoked = {200};
  rule_.verification->live_texts = {"\"ok\":true"};
  rule_.verification->revoked_texts = {"token_revoked", "account_inactive"};
  answer_ = VerifyAnswer{200, "{\"ok\":true}"};
  EXPECT_EQ(verify({"d"}).back(), "verified:live");
  answer_ = VerifyAnswer{200, "{\"ok\":false,\"error\":\"account_inactive\"}"};
  EXPECT_EQ(verify({"e"}).back(), "verified:revoked");
  answer_ = VerifyAnswer{200, "{\"ok\":false,\"error\":\"internal_error\"}"};
  EXPECT_EQ(verify({"f"}).back(), "verified:unknown");
}

TEST_F(VerifierTest, LeavesHostsAloneThatWereAskedEnough) {
  options_.requests_per_host_max = 2;
  EXPECT_EQ(verify({"a", "b", "c"}), (Names{"verified:live", "verified:live", "verified:unknown"}));
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(VerifierTest, LeavesHostsAloneThatDoNotAnswer) {
  answer_.reset();
  EXPECT_EQ(verify({"a", "b", "c", "d", "e"}).back(), "verified:unknown");
  EXPECT_EQ(asked_.size(), Verifier::kFailuresMax);
}

TEST_F(VerifierTest, StopsWhenToldToWait) {
  answer_ = VerifyAnswer{429, ""};
  EXPECT_EQ(verify({"a", "b"}).back(), "verified:unknown");
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(VerifierTest, DoesNotAskForOthersPacks) {
  options_.trust_packs = false;
  EXPECT_EQ(verify({"a"}), Names{"verified:unknown"});
  EXPECT_NE(kept_.findings[0].evidence[0].text.find("--verify-host"), std::string::npos);
  options_.hosts = {"api.acme.example"};
  EXPECT_EQ(verify({"b"}).back(), "verified:live");
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(VerifierTest, SendsNoSecondHeader) {
  EXPECT_EQ(verify({"a\r\nHost: b", "a b"}), (Names{"verified:unknown", "verified:unknown"}));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(VerifierTest, AsksNobodyOnceStopped) {
  stop_ = true;
  EXPECT_EQ(verify({"a"}), Names{"verified:unknown"});
  EXPECT_TRUE(asked_.empty());
}

TEST_F(VerifierTest, PassesOnWhatNobodyKnows) {
  rule_.verification.reset();
  EXPECT_EQ(verify({"a"}), Names{""});
  EXPECT_TRUE(asked_.empty());
}

// Of our packs: one place a provider, and the secret in one header.
TEST(Verification, OurPacksAskManyProviders) {
  const std::string folder = std::string(VEDETTE_SOURCE_DIR) + "/content/secrets";
  const rules::secret::SecretRuleSet set =
      rules::secret::load(list_files(folder, {".toml"}).value(), {});
  std::set<std::string_view> hosts;
  for (const rules::secret::SecretRule& rule : set.rules) {
    if (rule.verification) hosts.insert(rules::secret::host_of(rule.verification->url));
  }
  EXPECT_GE(hosts.size(), 15U);
}

}  // namespace
}  // namespace vedette::engine
