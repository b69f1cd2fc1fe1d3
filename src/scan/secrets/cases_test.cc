// SPDX-License-Identifier: Apache-2.0
// Every rule of content/secrets against its cases in content/secrets/cases: what a "yes" holds is
// told by its rule, what a "no" holds by none of its rule. A broken bar in a case is left out, so
// that no case looks like a secret to other scanners; \n stands for a line's end;
// "yes-path" and "no-path" are paths of empty files.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::scan::secrets {
namespace {

const std::string kFolder = std::string(VEDETTE_SOURCE_DIR) + "/content/secrets";
constexpr std::size_t kFileMax = std::size_t{1} << 20;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

struct Case {
  std::string place;
  std::string rule;
  std::string text;
  bool found = false;    // whether it must be
  bool doubted = false;  // by its checksum: never with high confidence
  bool is_path = false;
};

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  const std::vector<std::string> files = list_files(kFolder + "/cases", {".txt"}).value();
  for (const std::string& file : files) {
    std::istringstream lines(read_file(file, kFileMax).value());
    std::string line;
    std::string rule;
    for (int number = 1; std::getline(lines, line); ++number) {
      const std::size_t colon = line.find(": ");
      if (line.empty() || line.starts_with('#') || colon == std::string::npos) continue;
      const std::string key = line.substr(0, colon);
      std::string value = line.substr(colon + 2);
      if (key == "rule") {
        rule = value;
        continue;
      }
      replace_all(value, "¦", "");
      replace_all(value, "\\n", "\n");
      const bool doubted = key == "wrong-checksum";
      cases.push_back({file + ":" + std::to_string(number), rule, value,
                       doubted || key.starts_with("yes"), doubted, key.ends_with("-path")});
    }
  }
  return cases;
}

TEST(SecretContent, EveryRuleTellsItsTrueCasesAndNoFalseOne) {
  const std::vector<std::string> packs = list_files(kFolder, {".toml"}).value();
  const auto program = rules::secret::SecretProgram::compile(rules::secret::load(packs, {}));
  for (const Diagnostic& problem : program->rules().problems)
    ADD_FAILURE() << to_string(problem.place) << ": " << problem.message;
  std::map<std::string, std::set<bool>> kinds;
  SecretScanner scanner(program, {});
  rules::secret::SecretProgram::Scratch scratch;
  for (const Case& each : read_cases()) {
    if (!each.doubted) kinds[each.rule].insert(each.found);
    Content content;
    content.path = each.is_path ? std::string_view(each.text) : "case";
    content.bytes = each.is_path ? "" : std::string_view(each.text);
    std::vector<event::Finding> findings;
    scanner.scan(content, findings);
    // A true case is matched by its rule; told it may be by another that knows more.
    std::vector<rules::secret::SecretMatch> matches;
    program->find(content.path, content.bytes, "", scratch, matches);
    const bool matched = std::ranges::any_of(matches, [&](const auto& match) {
      return program->rules().rules[match.rule].info.id == each.rule;
    });
    const bool told = std::ranges::any_of(
        findings, [&](const event::Finding& finding) { return finding.rule->id == each.rule; });
    const bool found = each.found ? matched && !findings.empty() : told;
    EXPECT_EQ(found, each.found) << each.place << ": " << each.text;
    if (!each.doubted) continue;
    EXPECT_TRUE(std::ranges::none_of(findings, [](const event::Finding& finding) {
      return finding.confidence == event::Confidence::kHigh;
    })) << each.place;
  }
  for (const rules::secret::SecretRule& rule : program->rules().rules) {
    EXPECT_EQ(kinds[rule.info.id].size(), 2U) << rule.info.id << " has not both kinds of cases";
    EXPECT_FALSE(rule.info.title.empty()) << rule.info.id;
    EXPECT_FALSE(rule.info.remediation.empty()) << rule.info.id;
  }
}

}  // namespace
}  // namespace vedette::scan::secrets
