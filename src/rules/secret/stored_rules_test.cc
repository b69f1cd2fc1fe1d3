// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/stored_rules.h"

#include <gtest/gtest.h>
#include <random>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/program.h"

namespace vedette::rules::secret {
namespace {

SecretRuleSet own_rules() {
  LoadOptions options;
  options.expressions = Expressions::kTrust;
  const std::string folder = std::string(VEDETTE_SOURCE_DIR) + "/content/secrets";
  return SecretProgram::compile(load(list_files(folder, {".toml"}).value(), options))->rules();
}

TEST(StoredRules, ComeBackAsTheyWere) {
  const SecretRuleSet rules = own_rules();
  ASSERT_GT(rules.rules.size(), 500U);
  const std::string bytes = store(rules);
  const Result<SecretRuleSet> back = restore(bytes);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->rules.size(), rules.rules.size());
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    EXPECT_EQ(back->rules[i].info.id, rules.rules[i].info.id);
    EXPECT_EQ(back->rules[i].info.remediation, rules.rules[i].info.remediation);
    EXPECT_EQ(back->rules[i].regex, rules.rules[i].regex);
    EXPECT_EQ(back->rules[i].literals, rules.rules[i].literals);
    EXPECT_EQ(back->rules[i].confidence, rules.rules[i].confidence);
    EXPECT_EQ(back->rules[i].allowlists.size(), rules.rules[i].allowlists.size());
  }
  // Every byte of them, that is.
  EXPECT_EQ(store(*back), bytes);
}

TEST(StoredRules, DamageIsSeen) {
  SecretRuleSet rules;
  rules.rules.resize(2);
  rules.rules[1].regex = "abc[0-9]+";
  const std::string bytes = store(rules);
  ASSERT_TRUE(restore(bytes));
  std::mt19937 random(1);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ (1 << random() % 8));
    EXPECT_FALSE(restore(other)) << i;
    EXPECT_FALSE(restore(bytes.substr(0, i))) << i;
  }
  EXPECT_FALSE(restore(""));
}

}  // namespace
}  // namespace vedette::rules::secret
