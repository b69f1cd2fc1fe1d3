// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "match/decimal.h"
#include "match/regex.h"
#include "rules/sigma/pipeline/step.h"

// Transformations that take one test apart into tests of several fields.
namespace vedette::rules::sigma {
namespace {

bool only_text(const FieldTest& test) {
  return std::ranges::all_of(test.values,
                             [](const Value& value) { return value.kind == ValueKind::kString; });
}

std::string_view trim(std::string_view text, std::string_view set) {
  const std::size_t first = text.find_first_not_of(set);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(set) - first + 1);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return result;
}

struct Hash {
  std::string algorithm;  // empty: unknown
  std::string digest;
};

// "SHA1=…", "SHA1|…" or a digest alone, whose length tells.
Hash split_hash(std::string_view text) {
  const char separator = text.find('|') != std::string_view::npos ? '|' : '=';
  if (std::ranges::count(text, separator) == 1) {
    const std::size_t at = text.find(separator);
    std::string_view name = text.substr(0, at);
    name.remove_prefix(std::min(name.find_first_not_of('*'), name.size()));
    return {upper(name), std::string(trim(text.substr(at + 1), "*?"))};
  }
  const std::string_view digest = trim(text.substr(0, text.find(separator)), "*?");
  static constexpr std::array<std::pair<std::size_t, std::string_view>, 4> kLengths = {
      {{32, "MD5"}, {40, "SHA1"}, {64, "SHA256"}, {128, "SHA512"}}};
  for (const auto& [length, name] : kLengths) {
    if (digest.size() == length) return {std::string(name), std::string(digest)};
  }
  return {{}, std::string(digest)};
}

FieldTest test_of(const std::string& field, Position position) {
  FieldTest test;
  test.field = field;
  test.position = position;
  return test;
}

Parsed<MadeTransformation> hashes_fields(const Parameters& parameters) {
  const std::vector<std::string> algorithms = parameters.texts("valid_hash_algos");
  if (algorithms.empty()) {
    return refuse(parameters.position(), "`valid_hash_algos` must be a list of algorithms");
  }
  std::vector<std::string> fields = parameters.texts("field_to_parse");
  if (fields.empty()) fields = {"Hashes", "Hash"};
  const std::string prefix = parameters.text("field_prefix");
  const bool drop_name = parameters.flag("drop_algo_prefix");
  const auto change = [=](FieldTest& test, PipelineState&, const PipelineStep&,
                          Budget&) -> Parsed<TestChange> {
    const bool named = std::ranges::find(fields, test.field) != fields.end();
    if (!named || !only_text(test)) return TestChange{};
    TestChange result{TestChange::Kind::kReplaced, {}};
    result.replacement.link = Detection::Link::kOr;
    auto& tests = result.replacement.tests;
    for (const Value& value : test.values) {
      const Hash hash = split_hash(plain_text(value.text));
      if (std::ranges::find(algorithms, hash.algorithm) == algorithms.end()) continue;
      const std::string field = prefix + (drop_name ? "" : hash.algorithm);
      auto found = std::ranges::find(tests, field, &FieldTest::field);
      if (found == tests.end()) found = tests.insert(found, test_of(field, test.position));
      Value digest;
      digest.position = value.position;
      digest.text = parse_text(hash.digest);
      found->values.push_back(std::move(digest));
    }
    if (!tests.empty()) return result;
    return refuse(test.position, fmt::format("a pipeline finds none of the hash algorithms {} in "
                                             "'{}'",
                                             fmt::join(algorithms, ", "), test.field));
  };
  return MadeTransformation{over_tests(change), {}};
}

// Numbers without leading zeros are numbers, "null" and "none" are null.
Value typed_value(std::string_view text, Position position) {
  Value value;
  value.position = position;
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "null" || lower == "none") {
    value.kind = ValueKind::kNull;
  } else if ((text == "0" || !text.starts_with('0')) && match::Decimal::parse(text).has_value()) {
    value.kind = ValueKind::kNumber;
    value.text = text;
  } else {
    value.text = parse_text(text);
  }
  return value;
}

Parsed<MadeTransformation> extract_fields(const Parameters& parameters) {
  TRY(const std::string pattern, parameters.required("regex"));
  auto compiled = match::Regex::compile(pattern);
  if (!compiled.has_value()) {
    return refuse(parameters.position(), std::move(compiled.error().message));
  }
  const std::vector<std::string> names = compiled->group_names();
  if (std::ranges::all_of(names, &std::string::empty)) {
    return refuse(parameters.position(), "`regex` must have a named group");
  }
  const auto regex = std::make_shared<const match::Regex>(std::move(*compiled));
  const std::string prefix =
      parameters.has("field_prefix") ? parameters.text("field_prefix") + "." : std::string();
  const bool preserve = parameters.flag("preserve_unmatched");
  const auto change = [=](FieldTest& test, PipelineState&, const PipelineStep&,
                          Budget&) -> Parsed<TestChange> {
    if (!only_text(test)) return TestChange{};
    TestChange result{TestChange::Kind::kReplaced, {}};
    result.replacement.link = test.all ? Detection::Link::kAnd : Detection::Link::kOr;
    for (const Value& value : test.values) {
      const std::string text = plain_text(value.text);
      std::vector<std::string_view> groups;
      if (!regex->find(text, 0, match::Regex::Anchor::kStart, groups)) {
        if (!preserve) continue;
        FieldTest kept = test_of(test.field, test.position);
        kept.values.push_back(value);
        result.replacement.tests.push_back(std::move(kept));
        continue;
      }
      Detection group;
      for (std::size_t i = 1; i < groups.size(); ++i) {
        if (names[i].empty() || groups[i].empty()) continue;
        FieldTest part = test_of(prefix + names[i], test.position);
        part.values.push_back(typed_value(groups[i], value.position));
        group.tests.push_back(std::move(part));
      }
      if (!group.tests.empty()) result.replacement.groups.push_back(std::move(group));
    }
    const bool none = result.replacement.tests.empty() && result.replacement.groups.empty();
    return none ? TestChange{} : std::move(result);
  };
  return MadeTransformation{over_tests(change), {}};
}

constexpr std::array<Maker<MadeTransformation>, 2> kMakers = {{
    {"extract_fields", extract_fields},
    {"hashes_fields", hashes_fields},
}};

}  // namespace

std::span<const Maker<MadeTransformation>> splitting_transformation_makers() { return kMakers; }

}  // namespace vedette::rules::sigma
