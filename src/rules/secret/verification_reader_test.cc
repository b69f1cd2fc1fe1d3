// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/verification_reader.h"

#include <gtest/gtest.h>

#include "rules/secret/gitleaks.h"
#include "rules/secret/stored_rules.h"

namespace vedette::rules::secret {
namespace {

SecretRuleSet load_text(const std::string& verify) {
  LoadOptions options;
  options.read = [&](const std::string&) -> Result<std::string> {
    return "[[rules]]\nid='x'\nregex='(key_[0-9]{9})'\n[rules.verify]\n" + verify;
  };
  const std::vector<std::string> paths = {"a.toml"};
  return load(paths, options);
}

constexpr std::string_view kGood =
    "url='https://api.example.com/me'\nheaders=['Authorization: Bearer {secret}']\n";

TEST(VerificationReader, ReadsAllKeys) {
  const SecretRuleSet set = load_text(
      std::string(kGood) +
      "method='POST'\nlive=[200, 403]\nrevoked=[401]\nlive_texts=['ok']\nrevoked_texts=['no']\n");
  EXPECT_TRUE(set.problems.empty()) << set.problems.front().message;
  ASSERT_EQ(set.rules.size(), 1U);
  ASSERT_TRUE(set.rules[0].verification);
  const Verification& read = *set.rules[0].verification;
  EXPECT_EQ(read.method, "POST");
  EXPECT_EQ(read.url, "https://api.example.com/me");
  EXPECT_EQ(read.headers, std::vector<std::string>{"Authorization: Bearer {secret}"});
  EXPECT_EQ(read.live, (std::vector<std::uint32_t>{200, 403}));
  EXPECT_EQ(read.revoked, std::vector<std::uint32_t>{401});
  EXPECT_EQ(read.live_texts, std::vector<std::string>{"ok"});
  EXPECT_EQ(read.revoked_texts, std::vector<std::string>{"no"});

  const Result<SecretRuleSet> back = restore(store(set));
  ASSERT_TRUE(back);
  ASSERT_TRUE(back->rules[0].verification);
  EXPECT_EQ(back->rules[0].verification->url, read.url);
  EXPECT_EQ(back->rules[0].verification->revoked_texts, read.revoked_texts);
}

TEST(VerificationReader, RefusesWhatWouldLeak) {
  const std::string good(kGood);
  const auto with = [](const std::string& url) {
    return "url='" + url + "'\nheaders=['A: {secret}']\nlive=[200]\n";
  };
  const std::vector<std::string> wrong = {
      good,                                      // no live
      good + "live=[99]\n",                      // no status code
      good + "live=['ok']\n",                    // no number
      good + "live=[200]\nmethod='DELETE'\n",    // changes something
      with("http://api.example.com/me"),         // no TLS
      with("https://api.example.com/{secret}"),  // in logs of servers
      with("https://user@api.example.com/"),
      with("https://api.example.com:8443/"),
      with("https://10.0.0.1/"),
      with("https://localhost/"),
      "url='https://api.example.com/me'\nheaders=['A: b']\nlive=[200]\n",
      "url='https://api.example.com/me'\nheaders=[\"A: {secret}\\r\\nB: c\"]\nlive=[200]\n",
      "url='https://api.example.com/me'\nheaders=['{secret}']\nlive=[200]\n"};
  for (const std::string& verify : wrong) {
    const SecretRuleSet set = load_text(verify);
    EXPECT_TRUE(set.rules.empty()) << verify;
    ASSERT_FALSE(set.problems.empty()) << verify;
    EXPECT_TRUE(set.problems[0].message.starts_with("verify: ")) << set.problems[0].message;
  }
  EXPECT_EQ(load_text(good + "live=[200]\nlives=[1]\n").problems.size(), 1U) << "a warning";
}

TEST(VerificationReader, TellsTheHost) {
  EXPECT_EQ(host_of("https://api.example.com"), "api.example.com");
  EXPECT_EQ(host_of("https://api.example.com/a/b"), "api.example.com");
  EXPECT_EQ(host_of("https://api.example.com?a=b"), "");
  EXPECT_EQ(host_of("https://Api.example.com/"), "");
  EXPECT_EQ(host_of("https://"), "");
}

}  // namespace
}  // namespace vedette::rules::secret
