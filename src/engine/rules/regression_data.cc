// SPDX-License-Identifier: Apache-2.0
#include "engine/rules/regression_data.h"

#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "formats/yaml/yaml.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;
using formats::yaml::Document;
using formats::yaml::Node;
using formats::yaml::NodeKind;

std::string text_of(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value == nullptr ? "" : std::string(value->text);
}

Diagnostic note(const std::string& file, const Node* node, std::string message) {
  return {DiagnosticKind::kWarning,
          {file, node == nullptr ? 0 : node->line, 0, 0},
          std::move(message),
          ""};
}

// `path` in info.yml starts at the folder that holds regression_data; the file also lies beside
// info.yml, which is where a copied tree still has it.
std::string sample_path(const std::string& info_file, const std::string& path) {
  return (fs::path(info_file).parent_path() / fs::path(path).filename()).string();
}

void read_sample(const std::string& file, const std::string& rule_id, const Node& test,
                 std::vector<RegressionSample>& samples, std::vector<Diagnostic>& notes) {
  const std::string type = text_of(test, "type");
  if (type != "evtx") {
    notes.push_back(note(file, &test, fmt::format("sample of type '{}', expected evtx", type)));
    return;
  }
  RegressionSample sample;
  sample.rule_id = rule_id;
  sample.info_file = file;
  sample.name = text_of(test, "name");
  const std::string evtx = sample_path(file, text_of(test, "path"));
  std::error_code error;
  if (!fs::is_regular_file(evtx, error)) {
    notes.push_back(note(file, &test, fmt::format("expected the sample {}, found no file", evtx)));
    return;
  }
  sample.files.push_back(evtx);
  const std::string json = fs::path(evtx).replace_extension(".json").string();
  if (fs::is_regular_file(json, error)) sample.files.push_back(json);
  const std::string count = text_of(test, "match_count");
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(count.data(), count.data() + count.size(), number);
  if (!count.empty() && wrong == std::errc() && end == count.data() + count.size()) {
    sample.match_count = number;
  }
  samples.push_back(std::move(sample));
}

Result<void> read_info(const std::string& file, const Limits& limits,
                       std::vector<RegressionSample>& samples, std::vector<Diagnostic>& notes) {
  TRY(const std::string text, read_file(file, limits.file_bytes_max));
  TRY(const Document document, Document::parse(text, limits));
  if (document.roots().empty()) return failure(ErrorCode::kInvalid, "expected YAML, found none");
  const Node& root = *document.roots()[0];
  const Node* metadata = root.find("rule_metadata");
  const Node* tests = root.find("regression_tests_info");
  if (metadata == nullptr || metadata->elements.empty() || tests == nullptr) {
    return failure(ErrorCode::kInvalid,
                   "expected rule_metadata and regression_tests_info, found not both");
  }
  const std::string rule_id = text_of(*metadata->elements[0], "id");
  for (const Node* test : tests->elements) read_sample(file, rule_id, *test, samples, notes);
  return {};
}

}  // namespace

Result<std::vector<RegressionSample>> read_regression_data(const std::string& folder,
                                                           const Limits& limits,
                                                           std::vector<Diagnostic>& notes) {
  TRY(const std::vector<std::string> files, list_files(folder, {"info.yml"}));
  std::vector<RegressionSample> samples;
  for (const std::string& file : files) {
    if (fs::path(file).filename() != "info.yml") continue;
    const Result<void> read = read_info(file, limits, samples, notes);
    if (!read) notes.push_back(note(file, nullptr, read.error().message));
  }
  return samples;
}

}  // namespace vedette::engine
