// SPDX-License-Identifier: Apache-2.0
#include "policy/clause_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>

#include "base/limits.h"
#include "base/nearest.h"

namespace vedette::policy {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;

constexpr std::size_t kProblemsMax = 1000;
constexpr std::size_t kPatternBytesMax = 4096;
constexpr std::size_t kShownMax = 60;

std::string found_text(const Node& node) {
  if (node.kind == NodeKind::kSequence) return "a list";
  if (node.kind == NodeKind::kMapping) return "a mapping";
  if (node.text.empty()) return "nothing";
  return fmt::format("\"{}\"{}", node.text.substr(0, kShownMax),
                     node.text.size() > kShownMax ? "…" : "");
}

std::string joined(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) (out += out.empty() ? "" : ", ") += name;
  return out;
}

template <typename Names>
std::vector<std::string> strings(const Names& names) {
  return {names.begin(), names.end()};
}

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first.
constexpr std::array<Operator, 5> kOperators = {{{">=", Comparison::kAtLeast},
                                                 {"<=", Comparison::kAtMost},
                                                 {">", Comparison::kGreater},
                                                 {"<", Comparison::kLess},
                                                 {"=", Comparison::kEqual}}};

// Takes an operator and blanks off the front.
std::optional<Comparison> take_operator(std::string_view& text) {
  for (const Operator& one : kOperators) {
    if (!text.starts_with(one.text)) continue;
    text.remove_prefix(one.text.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return one.comparison;
  }
  return std::nullopt;
}

std::string text_of(const Node& value) {
  if (value.kind == NodeKind::kScalar) return std::string(value.text);
  std::string out = "[";
  for (const Node* element : value.elements) (out += out.size() == 1 ? "" : ", ") += element->text;
  return out + "]";
}

// "0.1", "10 %", "14d", "2w".
std::optional<double> number_of(std::string_view text, KeyType type) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || value < 0 || value > 1e9) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  if (unit.empty()) return value;
  if (type == KeyType::kNumber && unit == "%") return value / 100;
  if (type == KeyType::kDays && unit == "d") return value;
  if (type == KeyType::kDays && unit == "w") return value * 7;
  return std::nullopt;
}

}  // namespace

const Node* YamlReader::parse(std::string_view text) {
  Limits limits;
  limits.values_max = 1'000'000;
  auto document = formats::yaml::Document::parse(text, limits);
  if (!document) {
    problems_.push_back({DiagnosticKind::kError, {file_, 0, 0, 0}, document.error().message, ""});
    return nullptr;
  }
  document_ = std::move(*document);
  for (const formats::yaml::SyntaxError& error : document_->errors())
    problems_.push_back(
        {DiagnosticKind::kError, {file_, error.line, error.column, 0}, error.message, ""});
  if (document_->roots().size() > 1)
    problem(*document_->roots()[1], "expected one document, found several",
            "remove what follows \"---\"");
  return document_->roots().empty() || has_errors() ? nullptr : document_->roots()[0];
}

std::size_t YamlReader::error_count() const {
  return static_cast<std::size_t>(
      std::ranges::count(problems_, DiagnosticKind::kError, &Diagnostic::kind));
}

void YamlReader::problem(const Node& node, std::string message, std::string hint,
                         DiagnosticKind kind) {
  if (problems_.size() < kProblemsMax)
    problems_.push_back({kind, place(node), std::move(message), std::move(hint)});
}

void YamlReader::wrong(const Node& node, std::string_view expected, std::string hint) {
  problem(node, fmt::format("expected {}, found {}", expected, found_text(node)), std::move(hint));
}

bool YamlReader::check_keys(const Node& node, std::string_view what,
                            std::span<const std::string> known) {
  if (node.kind != NodeKind::kMapping) {
    wrong(node, what);
    return false;
  }
  std::set<std::string_view> seen;
  for (const Member& member : node.members) {
    const std::string_view name = member.key->text;
    if (std::ranges::find(known, name) == known.end()) {
      const std::string meant = nearest(name, known);
      problem(
          *member.key, fmt::format("expected a key of {}, found {}", what, found_text(*member.key)),
          meant.empty() ? "known: " + joined(known) : fmt::format("did you mean \"{}\"?", meant));
    } else if (!seen.insert(name).second) {
      problem(*member.key, fmt::format("expected \"{}\" once, found it again", name),
              "remove one of them");
    }
  }
  return true;
}

std::string YamlReader::text(const Node& node, std::string_view what) {
  if (node.kind == NodeKind::kScalar && !node.text.empty()) return std::string(node.text);
  wrong(node, what);
  return {};
}

std::vector<const Node*> YamlReader::values(const Node& node, std::string_view what) {
  std::vector<const Node*> out;
  if (node.kind == NodeKind::kScalar) {
    out.push_back(&node);
  } else if (node.kind == NodeKind::kSequence && node.elements.size() <= kElementsMax) {
    out.assign(node.elements.begin(), node.elements.end());
  }
  const bool scalars = std::ranges::all_of(
      out, [](const Node* one) { return one->kind == NodeKind::kScalar && !one->text.empty(); });
  if (out.empty() || !scalars) {
    wrong(node, what);
    out.clear();
  }
  return out;
}

std::optional<bool> YamlReader::boolean(const Node& node) {
  if (node.kind == NodeKind::kScalar && scalar_type(node) == formats::yaml::ScalarType::kBoolean)
    return boolean_of(node);
  wrong(node, "true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> YamlReader::count(const Node& node, std::string_view what) {
  std::uint64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto result = std::from_chars(node.text.data(), end, value);
  if (node.kind == NodeKind::kScalar && !node.text.empty() && result.ec == std::errc() &&
      result.ptr == end && value <= 1'000'000'000)
    return value;
  wrong(node, what);
  return std::nullopt;
}

std::optional<std::uint64_t> YamlReader::days(const Node& node) {
  constexpr double kDaysMax = 36'500;
  const auto value =
      node.kind == NodeKind::kScalar ? number_of(node.text, KeyType::kDays) : std::nullopt;
  if (value && *value <= kDaysMax) return static_cast<std::uint64_t>(*value);
  wrong(node, "a number of days (\"14d\")");
  return std::nullopt;
}

std::optional<TimeNs> YamlReader::date(const Node& node) {
  constexpr std::size_t kDateBytes = 10;
  const bool shaped = node.kind == NodeKind::kScalar && node.text.size() >= kDateBytes &&
                      node.text[4] == '-' && node.text[7] == '-';
  const auto time = shaped ? parse_time(node.text) : std::nullopt;
  if (!time) wrong(node, "a date (\"2027-01-31\")");
  return time;
}

std::optional<event::Verdict> YamlReader::verdict(const Node& node) {
  for (std::size_t i = 0; i < event::kVerdictNames.size(); ++i) {
    if (node.kind == NodeKind::kScalar && node.text == event::kVerdictNames[i])
      return static_cast<event::Verdict>(i);
  }
  const auto names = strings(event::kVerdictNames);
  const std::string meant = nearest(node.text, names);
  wrong(node, "block, warn, track or allow",
        meant.empty() ? "" : fmt::format("did you mean \"{}\"?", meant));
  return std::nullopt;
}

bool YamlReader::read_patterns(const Node& value, Condition& into) {
  for (const Node* one : values(value, "a pattern, or a list of them")) {
    if (one->text.size() > kPatternBytesMax) {
      wrong(*one, "a pattern of at most 4096 bytes");
      return false;
    }
    into.patterns.emplace_back(one->text);
  }
  return !into.patterns.empty();
}

bool YamlReader::read_answers(const Node& value, Condition& into) {
  for (const Node* one : values(value, "true, false or unknown, or a list of them")) {
    if (one->text == "unknown") {
      into.answers.push_back(Answer::kUnknown);
    } else if (scalar_type(*one) == formats::yaml::ScalarType::kBoolean) {
      into.answers.push_back(answer(boolean_of(*one)));
    } else {
      wrong(*one, "true, false or unknown");
      return false;
    }
  }
  return !into.answers.empty();
}

bool YamlReader::read_ranks(const Node& value, std::span<const std::string_view> names,
                            Condition& into) {
  const std::vector<std::string> known = strings(names);
  const std::size_t errors = error_count();
  for (const Node* one : values(value, "a level, or a list of them")) {
    std::string_view text = one->text;
    const Comparison comparison = take_operator(text).value_or(Comparison::kEqual);
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) {
      const std::string meant = nearest(text, known);
      wrong(*one, joined(known) + ", or such with >=, <=, > or <",
            meant.empty() ? "" : fmt::format("did you mean \"{}\"?", meant));
      return false;
    }
    const auto wanted = static_cast<std::size_t>(found - names.begin());
    for (std::size_t rank = 0; rank < names.size(); ++rank) {
      const bool holds = comparison == Comparison::kEqual     ? rank == wanted
                         : comparison == Comparison::kLess    ? rank < wanted
                         : comparison == Comparison::kAtMost  ? rank <= wanted
                         : comparison == Comparison::kGreater ? rank > wanted
                                                              : rank >= wanted;
      if (holds) into.ranks |= 1U << rank;
    }
  }
  if (into.ranks == 0 && error_count() == errors) wrong(value, "a range that holds for something");
  return into.ranks != 0;
}

bool YamlReader::read_number(const Node& value, KeyType type, Condition& into) {
  const std::string_view expected = type == KeyType::kDays
                                        ? "a comparison of days (\"< 14d\") or unknown"
                                        : "a comparison (\">= 0.1\") or unknown";
  for (const Node* one : values(value, expected)) {
    if (one->text == "unknown") {
      into.answers.push_back(Answer::kUnknown);
      continue;
    }
    std::string_view text = one->text;
    const auto comparison = take_operator(text);
    const auto number = number_of(text, type);
    if (!comparison || !number || into.has_comparison) {
      wrong(*one, expected,
            !comparison && number ? fmt::format("write \">= {}\" or \"<= {}\"", text, text) : "");
      return false;
    }
    into.comparison = *comparison;
    into.number = *number;
    into.has_comparison = true;
  }
  return into.has_comparison || !into.answers.empty();
}

std::optional<Condition> YamlReader::condition(const Node& key, const Node& value) {
  const auto found = std::ranges::find(keys(), key.text, &Key::name);
  Condition one;
  one.key = static_cast<std::size_t>(found - keys().begin());
  one.text = fmt::format("{}: {}", key.text, text_of(value));
  bool good = false;
  switch (found->type) {
    case KeyType::kName:
    case KeyType::kPath:
      good = read_patterns(value, one);
      break;
    case KeyType::kAnswer:
      good = read_answers(value, one);
      break;
    case KeyType::kLevel:
      good = read_ranks(value, event::kLevelNames, one);
      break;
    case KeyType::kConfidence:
      good = read_ranks(value, event::kConfidenceNames, one);
      break;
    case KeyType::kNumber:
    case KeyType::kDays:
      good = read_number(value, found->type, one);
      break;
  }
  return good ? std::optional<Condition>(std::move(one)) : std::nullopt;
}

Clause YamlReader::clause(const Node& node, std::span<const std::string> only) {
  Clause out;
  std::vector<std::string> known(only.begin(), only.end());
  if (known.empty()) {
    for (const Key& key : keys()) known.emplace_back(key.name);
  }
  if (!check_keys(node, "conditions", known)) return out;
  for (const Member& member : node.members) {
    if (std::ranges::find(known, member.key->text) == known.end()) continue;
    if (auto one = condition(*member.key, *member.value)) out.conditions.push_back(std::move(*one));
  }
  return out;
}

}  // namespace vedette::policy
