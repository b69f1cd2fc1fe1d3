// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/yaml/yaml.h"

// What the runners of suites of text cases share: going through a folder, and the last line that
// tools/conformance.sh reads.
namespace vedette::conformance {

struct Counts {
  int passed = 0;
  int failed = 0;
};

// Calls run_file(path, counts) for every *.yml below the folder that the command line names. The
// answer is the program's exit code.
template <typename RunFile>
int run_suite(const char* name, int argc, char** argv, RunFile&& run_file) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const auto files = list_files(argv[1], {".yml"});
  if (!files.has_value()) {
    std::fprintf(stderr, "%s\n", files.error().message.c_str());
    return 2;
  }
  Counts counts;
  for (const std::string& file : *files) run_file(file, counts);
  std::printf("%s %d %d 0\n", name, counts.passed, counts.failed);
  return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
}

// A file whose document is a list of cases: Case(file name, node), then run() for what failed and
// place() for where it stands.
template <typename Case>
void run_cases(const std::string& file, Counts& counts) {
  using formats::yaml::Document;
  const auto text = read_file(file, std::size_t{1} << 24);
  const auto document = text.has_value() ? Document::parse(*text, {})
                                         : Result<Document>(std::unexpected(text.error()));
  if (!document.has_value() || !document->errors().empty() || document->roots().empty()) {
    std::printf("%s: not readable as YAML\n", file.c_str());
    if (document.has_value() && !document->errors().empty()) {
      std::printf("line %u: %s\n", document->errors()[0].line,
                  document->errors()[0].message.c_str());
    }
    ++counts.failed;
    return;
  }
  const std::string name = std::filesystem::path(file).filename();
  for (const formats::yaml::Node* node : document->roots()[0]->elements) {
    Case one(name, *node);
    const std::vector<std::string> problems = one.run();
    ++(problems.empty() ? counts.passed : counts.failed);
    for (const std::string& problem : problems) {
      std::printf("failed: %s: %s\n", one.place().c_str(), problem.c_str());
    }
  }
}

}  // namespace vedette::conformance
