// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/judge.h"

#include <gtest/gtest.h>
#include <string>

#include "scan/secrets/file_kind.h"
#include "scan/secrets/placeholder.h"
#include "scan/secrets/rarity.h"
#include "scan/secrets/structure.h"
#include "scan/secrets/words.h"

namespace vedette::scan::secrets {
namespace {

// "<" and ">" in double form mark the secret: `password = "<<hunter2Xy>>"`.
struct Trial {
  std::string path;
  std::string line;
  bool generic = true;
  std::string form = {};

  template <typename Result>
  Result with(Result (*run)(const Candidate&)) const {
    std::string content = line;
    const std::size_t begin = content.find("<<");
    content.erase(begin, 2);
    const std::size_t end = content.find(">>");
    content.erase(end, 2);
    rules::secret::SecretRule rule;
    rule.generic = generic;
    rule.checksum = form;
    return run({rule, content, 0, content.size(), begin, end - begin, file_kind(path)});
  }
  Judgement judged() const { return with(judge); }
};

TEST(Judge, KeepsLiteralCredentials) {
  const Trial trials[] = {
      {"src/db.py", "password = \"<<hunter2Xy!>>\""},
      {"deploy/.env", "DB_PASSWORD=<<gov9waP@ss>>"},
      {"compose.yml", "  - MYSQL_PASSWORD=<<gov9waP@ss>>"},
      {"app.cs", "Connect(\"Server=s;User Id=u;Password=<<hunter2Xy>>;\");"},
      {"a.swift", "let password: String = \"<<hunter2Xy>>\""},
      {"a.js", "client_secret: '<<9f8a7Qz71LmXc40PwKq>>',"},
      {"a.js", "connect('postgres://app:<<hunter2Xy>>@db/app')"},
      {"a.py", "bitbucket_token = \"<<it7hkopwzdvjagc07oy3lv4j0oerdq89>>\""},
      {"a.go", "var flickrToken string = \"<<7739rpc90taqih3tjwybchxnc4mmcssj>>\""},
      {"a.mk", "CODECOV_TOKEN ?= <<a4pmmcnac281msdo7mu4r0u4ssvma8uz>>"},
  };
  for (const Trial& trial : trials) {
    EXPECT_GE(trial.judged().probability, kProbabilityDefault) << trial.line;
  }
}

TEST(Judge, RejectsWhatIsNoLiteral) {
  const Trial trials[] = {
      {"a.sh", "PASSWORD=<<${DB_PASSWORD}>>"},    {"a.yml", "password: <<{{ vault }}>>"},
      {"a.py", "password=<<form.password>>"},     {"a.py", "password = os.getenv(\"<<DB_PASS>>\")"},
      {"a.yml", "password: \"<<********>>\""},    {"a.js", "token: <<null>>"},
      {"a.cnf", "# input_password = <<secret>>"}, {"a.css", "password: <<hunter2Xy>>"},
      {"yarn.lock", "token \"<<hunter2Xy>>\""},
  };
  for (const Trial& trial : trials) EXPECT_TRUE(trial.judged().reject) << trial.line;
}

TEST(Judge, HoldsNamesAndTextsForImprobable) {
  const Trial trials[] = {
      {"a.java", "String passwordField = \"<<password_field>>\";"},
      {"i18n/de.json", "\"password\": \"<<Passwort>>\","},
      {"a.ts", "tokenType = \"<<tokenType>>\";"},
      {"a.go", "passwordError = \"<<the password is too short>>\""},
      {"a.py", "api_key = \"<<your-api-key-here>>\""},
  };
  for (const Trial& trial : trials) {
    EXPECT_LT(trial.judged().probability, kProbabilityDefault) << trial.line;
  }
}

TEST(Judge, ExplainsItselfStrongestFirst) {
  const Trial trial{"src/db.py", "password = \"<<hunter2Xy!>>\""};
  const std::vector<event::Evidence> evidence = trial.with(explain);
  ASSERT_GT(evidence.size(), 3U);
  for (std::size_t i = 1; i < evidence.size(); ++i) {
    EXPECT_GE(std::abs(evidence[i - 1].weight), std::abs(evidence[i].weight));
  }
  EXPECT_TRUE(Trial({"a.sh", "PASSWORD=<<${X}>>"}).with(explain).empty());
}

TEST(Judge, RangesOutsideOfTheContentAreRejected) {
  const rules::secret::SecretRule rule;
  EXPECT_TRUE(judge({rule, "abc", 2, 5, 2, 5, {}}).reject);
  EXPECT_TRUE(judge({rule, "abc", 1, 2, 0, 1, {}}).reject);
  EXPECT_TRUE(judge({rule, "abc", 0, 2, 1, 2, {}}).reject);
  EXPECT_TRUE(judge({rule, "", 0, 0, 0, 0, {}}).reject);
}

TEST(Judge, AProvidersFormDecides) {
  const std::string key = "AKIA" + std::string("X56QKKOLPQ7G7ABC");
  EXPECT_GE(Trial({"a.py", "k = '<<" + key + ">>'", false, "aws"}).judged().probability, 0.8);
  EXPECT_TRUE(Trial({"a.py", "k = '<<AKIA0189>>'", false, "aws"}).judged().reject);
  EXPECT_TRUE(Trial({"a.py", "k = '<<AKIAIOSFODNN7EXAMPLE>>'", false, "aws"}).judged().reject);
}

TEST(Form, Checksums) {
  // Random parts of thirty zeros and its CRC-32 in base 62; one letter off is broken.
  const std::string body(30, '0');
  EXPECT_EQ(check_form("luhn", "4111 1111 1111 1111"), Form::kProven);
  EXPECT_EQ(check_form("luhn", "4111 1111 1111 1112"), Form::kImpossible);
  int proven = 0;
  for (const std::string_view check : {"000000", "4rqOCY", "abcdef"}) {
    proven += check_form("github", "ghp_" + body + std::string(check)) == Form::kProven ? 1 : 0;
  }
  EXPECT_LE(proven, 1);
  EXPECT_EQ(check_form("github", "ghp_" + body + "zzzzzz"), Form::kBroken);
  EXPECT_EQ(check_form("github", "ghp_short"), Form::kUnknown);
  EXPECT_EQ(check_form("nobody", "x"), Form::kUnknown);
}

TEST(Form, TokensAndKeys) {
  const std::string jwt = std::string("eyJhbGciOiJIUzI1NiJ9.") + "eyJzdWIiOiIxIn0.c2ln";
  EXPECT_EQ(check_form("jwt", jwt), Form::kProven);
  EXPECT_EQ(check_form("jwt", "eyJhIjoxfQ.eyJhIjoxfQ.x"), Form::kImpossible);  // no alg
  const std::string begin = std::string("-----BEGIN PRIV") + "ATE KEY-----\n";
  const std::string end = "\n-----END";
  EXPECT_EQ(check_form("pem", begin + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj" + end),
            Form::kKept);
  // Sixty bytes that say so, whole and with the line's end written out.
  EXPECT_EQ(check_form("pem", begin + "MDoA" + std::string(76, 'A') + end), Form::kProven);
  EXPECT_EQ(
      check_form("pem", begin + "MDoA" + std::string(60, 'A') + "\\n" + std::string(16, 'A') + end),
      Form::kProven);
  EXPECT_EQ(check_form("pem", begin + "MDoA" + std::string(60, 'A') + end), Form::kKept);
  EXPECT_EQ(check_form("pem", begin + "..." + end), Form::kImpossible);
  EXPECT_EQ(check_form("pem", begin + std::string(60, ' ') + end), Form::kImpossible);
  EXPECT_EQ(aws_account("AKIA" + std::string("X56QKKOLPQ7G7ABC")).size(), 12U);
  EXPECT_EQ(aws_account("AKIAIOSFODNN7EXAMPL1"), "");
  // An example of a public write-up of the encoding: bits 7 to 46 of the first six bytes.
  EXPECT_EQ(aws_account("ASIA" + std::string("QNZGKIQY56JQ7WML")), "029608264753");
}

TEST(Rarity, TellsWordsFromRandomText) {
  EXPECT_LT(rarity_bits("configuration"), 3.6);
  EXPECT_LT(rarity_bits("password_field"), 4.1);
  EXPECT_GT(rarity_bits("xq7Zk0vWjB3hQz"), 5);
  EXPECT_EQ(rarity_bits(""), 0);
  EXPECT_DOUBLE_EQ(entropy_bits("aabb"), 1);
  EXPECT_DOUBLE_EQ(entropy_bits("abcd"), 2);
}

TEST(Words, OneOfAListIsFoundAnywhereAndAtTheBeginning) {
  constexpr WordSet kWords{{"pass", "password", "key"}};
  EXPECT_TRUE(kWords.is_inside("my_key"));
  EXPECT_FALSE(kWords.is_inside("my_ke"));
  EXPECT_EQ(kWords.begins("password1"), 8U);
  EXPECT_EQ(kWords.begins("apassword"), 0U);
  EXPECT_TRUE(kWords.has("key"));
  EXPECT_FALSE(kWords.has("keys"));
  EXPECT_FALSE(kWords.has(""));
}

TEST(Placeholder, KnowsReferences) {
  for (const char* text : {"", "x", "null", "True", "$HOME", "${A:-b}", "{{ x }}", "<token>", "%s",
                           "xxxxxxxx", "******", "%PASSWORD%", "process.env.X", "@token@"}) {
    EXPECT_TRUE(is_reference(text)) << text;
  }
  for (const char* text : {"hunter2", "P4$$w0rd", "pa$sword", "root", "{abc", "a%b9c"}) {
    EXPECT_FALSE(is_reference(text)) << text;
  }
  EXPECT_TRUE(is_secret_word("access_token"));
  EXPECT_FALSE(is_secret_word("passw0rd"));
}

TEST(FileKind, ByNameOnly) {
  EXPECT_EQ(file_kind("a/b.PY").syntax, Syntax::kCode);
  EXPECT_EQ(file_kind(".env.production").syntax, Syntax::kConfig);
  EXPECT_EQ(file_kind("config.yml.example").syntax, Syntax::kConfig);
  EXPECT_TRUE(file_kind("config.yml.example").example);
  EXPECT_TRUE(file_kind("src/test/a.c").test);
  EXPECT_TRUE(file_kind("package-lock.json").lock);
  EXPECT_EQ(file_kind("").syntax, Syntax::kUnknown);
  EXPECT_EQ(file_kind(std::string(5000, 'x') + ".go").syntax, Syntax::kCode);
}

}  // namespace
}  // namespace vedette::scan::secrets
