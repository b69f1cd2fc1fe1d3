// SPDX-License-Identifier: Apache-2.0
#include "output/coverage.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace vedette::output {
namespace {

event::RuleInfo rule(std::string title, std::string source, std::vector<std::string> tags) {
  event::RuleInfo info;
  info.title = std::move(title);
  info.logsource = std::move(source);
  info.tags = std::move(tags);
  return info;
}

class CoverageOfRules : public testing::Test {
 protected:
  const event::RuleInfo first = rule("A", "linux//auditd", {"attack.t1059.004"});
  const event::RuleInfo second = rule("B", "windows/process_creation/", {"attack.t1059.004"});
  const event::RuleInfo third = rule("C", "", {"atlas.aml.t0051"});
  const event::RuleInfo fourth = rule("D", "", {"attack.execution"});
  const std::vector<const event::RuleInfo*> rules = {&first, &second, &third, &fourth};
  const Coverage coverage = measure_coverage(rules);
};

TEST_F(CoverageOfRules, CountsByTechniqueAndLogSource) {
  ASSERT_EQ(coverage.rows.size(), 2U);
  EXPECT_EQ(coverage.rows[0].technique, "AML.T0051");
  EXPECT_EQ(coverage.rows[1].by_log_source.at("linux//auditd"), 1U);
  EXPECT_EQ(coverage.log_sources.size(), 3U);
  EXPECT_EQ(coverage.without_technique, 1U);
}

TEST_F(CoverageOfRules, LayerHoldsItsMatrixOnly) {
  simdjson::dom::parser parser;
  const std::string text = navigator_layer(coverage, Matrix::kAttack, "ours");
  simdjson::dom::element layer;
  ASSERT_EQ(parser.parse(text).get(layer), simdjson::SUCCESS);
  simdjson::dom::array techniques;
  ASSERT_EQ(layer["techniques"].get(techniques), simdjson::SUCCESS);
  ASSERT_EQ(techniques.size(), 1U);
  EXPECT_EQ(std::string_view(techniques.at(0)["techniqueID"]), "T1059.004");
  EXPECT_EQ(std::int64_t(techniques.at(0)["score"]), 2);
  EXPECT_EQ(std::string_view(layer["domain"]), "enterprise-attack");
  EXPECT_NE(navigator_layer(coverage, Matrix::kAtlas, "ours").find("AML.T0051"), std::string::npos);
}

TEST_F(CoverageOfRules, TableAndCsv) {
  const Techniques names = Techniques::of_content(VEDETTE_SOURCE_DIR "/content");
  EXPECT_EQ(coverage_csv(coverage, names),
            "technique,name,rules,any,linux//auditd,windows/process_creation/\r\n"
            "AML.T0051,LLM Prompt Injection,1,1,,\r\n"
            "T1059.004,Command and Scripting Interpreter: Unix Shell,2,,1,1\r\n");
  const std::string table = coverage_table(coverage, names);
  EXPECT_NE(table.find("linux//auditd, windows/process_creation/\n"), std::string::npos);
  EXPECT_NE(table.find("2 techniques, 4 rules, 1 of them name none"), std::string::npos);
}

}  // namespace
}  // namespace vedette::output
