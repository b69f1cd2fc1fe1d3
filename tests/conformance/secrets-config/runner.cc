// SPDX-License-Identifier: Apache-2.0
// Loads every NAME.toml of a folder and compares what became of it with NAME.expected; see
// README.md.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "conformance/suite.h"
#include "rules/secret/gitleaks.h"

namespace {

namespace secret = vedette::rules::secret;
using vedette::Result;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

void add(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("  {}: {}\n", name, value);
}

void add(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  for (const std::string& value : values) out += fmt::format("  {}: {}\n", name, value);
}

std::string listed(const secret::Allowlist& list, std::string_view indent) {
  std::string out =
      fmt::format("{}allow {} of:", indent,
                  list.condition == secret::Allowlist::Condition::kAll ? "all" : "any");
  for (const auto& [name, values] :
       {std::pair("commit", &list.commits), std::pair("path", &list.paths),
        std::pair(list.target == secret::Allowlist::Target::kLine    ? "line"
                  : list.target == secret::Allowlist::Target::kMatch ? "match"
                                                                     : "secret",
                  &list.regexes),
        std::pair("stopword", &list.stopwords)}) {
    for (const std::string& value : *values) out += fmt::format(" {} \"{}\"", name, value);
  }
  return out + "\n";
}

std::string listed(const secret::SecretRule& rule) {
  const vedette::event::FindingRule& info = rule.info;
  std::string out = fmt::format("rule {} ({}:{})\n", info.id, info.pack, info.line);
  if (info.title != info.id) add(out, "title", info.title);
  add(out, "description", info.description);
  add(out, "remediation", info.remediation);
  add(out, "reference", info.references);
  if (info.severity != vedette::event::Level::kHigh) add(out, "severity", to_string(info.severity));
  if (rule.confidence) add(out, "confidence", to_string(*rule.confidence));
  add(out, "checksum", rule.checksum);
  if (rule.generic) add(out, "generic", "yes");
  add(out, "regex", rule.regex);
  add(out, "path", rule.path);
  if (rule.secret_group != 0) add(out, "secret group", std::to_string(rule.secret_group));
  if (rule.entropy != 0) add(out, "entropy", fmt::format("{}", rule.entropy));
  add(out, "keyword", rule.keywords);
  add(out, "tag", info.tags);
  if (rule.skip_report) add(out, "reported", "no");
  for (const secret::Required& required : rule.required) {
    std::string text = required.rule;
    if (required.within_lines) text += fmt::format(" within {} lines", *required.within_lines);
    if (required.within_columns)
      text += fmt::format(" within {} columns", *required.within_columns);
    add(out, "requires", text);
  }
  for (const secret::Allowlist& list : rule.allowlists) out += listed(list, "  ");
  return out;
}

std::string result_of(const std::string& folder, const std::string& name) {
  secret::LoadOptions options;
  options.default_pack = "base/default.toml";
  options.read = [&](const std::string& path) -> Result<std::string> {
    Result<std::string> text = vedette::read_file(folder + "/" + path, kFileBytesMax);
    // Without the folder, which is elsewhere on another machine.
    if (!text.has_value()) text = failure(text.error().code, "cannot open " + path);
    return text;
  };
  const secret::SecretRuleSet set = secret::load(std::vector<std::string>{name}, options);
  std::string out;
  for (const secret::SecretRule& rule : set.rules) out += listed(rule);
  for (const secret::Allowlist& list : set.allowlists) out += listed(list, "");
  if (set.refused != 0) out += fmt::format("{} refused\n", set.refused);
  for (const vedette::Diagnostic& problem : set.problems) {
    out += fmt::format("{} {}: {}; {}\n",
                       problem.kind == vedette::DiagnosticKind::kError ? "error" : "warning",
                       to_string(problem.place), problem.message, problem.hint);
  }
  return out;
}

bool passes(const std::string& folder, const std::string& name) {
  const std::string expected_path =
      folder + "/" + name.substr(0, name.size() - std::string_view(".toml").size()) + ".expected";
  const std::string result = result_of(folder, name);
  if (std::getenv("UPDATE") != nullptr) {
    return vedette::write_file_whole(expected_path, result).has_value();
  }
  const auto expected = vedette::read_file(expected_path, kFileBytesMax);
  if (expected.has_value() && *expected == result) return true;
  fmt::print("failed: {}: expected\n{}found\n{}", name, expected.value_or("no such file\n"),
             result);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::string folder = argv[1];
  const auto files = vedette::list_files(folder, {".toml"});
  if (!files.has_value()) {
    std::fprintf(stderr, "%s\n", files.error().message.c_str());
    return 2;
  }
  vedette::conformance::Counts counts;
  for (const std::string& file : *files) {
    const std::filesystem::path path(file);
    if (path.parent_path() != std::filesystem::path(folder)) continue;  // only extended
    ++(passes(folder, path.filename()) ? counts.passed : counts.failed);
  }
  std::printf("secrets-config %d %d 0\n", counts.passed, counts.failed);
  return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
}
