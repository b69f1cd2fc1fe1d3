// SPDX-License-Identifier: Apache-2.0
#include "output/attack.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace vedette::output {
namespace {

std::vector<std::string> slugs(const std::vector<const Tactic*>& tactics) {
  std::vector<std::string> names;
  for (const Tactic* tactic : tactics) names.emplace_back(tactic->slug);
  return names;
}

TEST(ParseAttackTags, ReadsEveryWayOfWriting) {
  const std::vector<std::string> tags = {"attack.t1059.001",
                                         "attack.T1059",
                                         "attack.execution",
                                         "attack.defense_evasion",
                                         "attack.ta0040",
                                         "attack.g0016",
                                         "attack.s0002",
                                         "atlas.aml.t0051",
                                         "atlas.AML.T0051.000",
                                         "atlas.ml-attack-staging",
                                         "atlas.aml.ta0004",
                                         "cve.2021-44228",
                                         "attack.t1059.001",
                                         "attack.t105",
                                         "attack.t1059.1",
                                         "attack",
                                         "attack.",
                                         "detection.t1001"};
  const AttackTags read = parse_attack_tags(tags);
  EXPECT_EQ(read.techniques,
            (std::vector<std::string>{"T1059.001", "T1059", "AML.T0051", "AML.T0051.000"}));
  EXPECT_EQ(slugs(read.tactics), (std::vector<std::string>{"execution", "defense-evasion", "impact",
                                                           "ai-attack-staging", "initial-access"}));
}

class ContentTechniques : public testing::Test {
 protected:
  Techniques known = Techniques::of_content(VEDETTE_SOURCE_DIR "/content");
};

TEST_F(ContentTechniques, HasNamesAndTactics) {
  const Technique* technique = known.find("T1059.001");
  ASSERT_NE(technique, nullptr);
  EXPECT_EQ(technique->name, "Command and Scripting Interpreter: PowerShell");
  EXPECT_EQ(slugs(technique->tactics), (std::vector<std::string>{"execution"}));
  ASSERT_NE(known.find("AML.T0051.000"), nullptr);
  EXPECT_EQ(known.find("T0000"), nullptr);
}

TEST_F(ContentTechniques, PlacesUnderTheRulesTacticsThatFit) {
  const std::vector<std::string> tags = {"attack.persistence", "attack.impact", "attack.t1053.005",
                                         "attack.t9999"};
  std::vector<std::string> found;
  for (const Placement& placement : place(parse_attack_tags(tags), known)) {
    found.push_back(std::string(placement.tactic->slug) + "/" + placement.technique);
  }
  // T1053.005 is an execution technique too, but the rule does not say so; T9999 nobody knows.
  EXPECT_EQ(found, (std::vector<std::string>{"persistence/T1053.005", "persistence/T9999",
                                             "impact/T9999"}));
}

TEST_F(ContentTechniques, PlacesWithoutTacticUnderTheTechniquesOwn) {
  const std::vector<std::string> tags = {"attack.t1490", "attack.t9999"};
  const std::vector<Placement> found = place(parse_attack_tags(tags), known);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].tactic->slug, "impact");
  EXPECT_EQ(found[1].tactic, nullptr);
}

TEST(Techniques, RefuseMalformedTables) {
  const std::string path = testing::TempDir() + "vedette_techniques.tsv";
  for (const char* text : {"T1\tname\n", "T1\tname\tno-such-tactic\n", "T1\n"}) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
    EXPECT_FALSE(Techniques::load(path).has_value()) << text;
  }
  ASSERT_TRUE(write_file_whole(path, "# only this\n\nT1\tname\timpact,execution").has_value());
  const Result<Techniques> good = Techniques::load(path);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->find("T1")->tactics.size(), 2U);
  ASSERT_EQ(std::remove(path.c_str()), 0);
}

TEST(AttackTags, ReadsFalcosTags) {
  const std::vector<std::string> tags = {"maturity_stable", "mitre_credential_access", "T1059.004",
                                         "T15"};
  const AttackTags read = parse_attack_tags(tags);
  EXPECT_EQ(read.techniques, std::vector<std::string>{"T1059.004"});
  ASSERT_EQ(read.tactics.size(), 1U);
  EXPECT_EQ(read.tactics[0]->slug, "credential-access");
}

}  // namespace
}  // namespace vedette::output
