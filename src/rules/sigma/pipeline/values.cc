// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "base/unicode.h"
#include "match/decimal.h"
#include "rules/sigma/pipeline/replace.h"
#include "rules/sigma/pipeline/step.h"
#include "rules/sigma/placeholders.h"

// Transformations of values.
namespace vedette::rules::sigma {
namespace {

using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;
using ValueChange = std::function<Parsed<bool>(Value&, const PipelineState&, Budget&)>;

// Runs over the values of a test, inside alternatives too; true: changed.
Parsed<bool> change_value(Value& value, const ValueChange& change, const PipelineState& state,
                          Budget& budget) {
  if (value.kind != ValueKind::kExpansion) return change(value, state, budget);
  bool changed = false;
  std::vector<Value> spliced;
  for (Value& alternative : value.alternatives) {
    TRY(const bool one, change(alternative, state, budget));
    changed = changed || one;
    if (alternative.kind != ValueKind::kExpansion) {
      spliced.push_back(std::move(alternative));
    } else {
      std::ranges::move(alternative.alternatives, std::back_inserter(spliced));
    }
  }
  value.alternatives = std::move(spliced);
  return changed;
}

MadeTransformation over_values(ValueChange change) {
  return {over_tests([change = std::move(change)](FieldTest& test, PipelineState& state,
                                                  const PipelineStep&,
                                                  Budget& budget) -> Parsed<TestChange> {
            TestChange result;
            for (Value& value : test.values) {
              TRY(const bool changed, change_value(value, change, state, budget));
              if (changed) result.kind = TestChange::Kind::kChanged;
            }
            return result;
          }),
          {}};
}

// The same for text alone.
MadeTransformation over_text(std::function<Parsed<bool>(Value&)> change) {
  return over_values([change = std::move(change)](Value& value, const PipelineState&, Budget&) {
    return value.kind == ValueKind::kString ? change(value) : Parsed<bool>(false);
  });
}

// Placeholders

// Which placeholders a transformation handles.
struct Choice {
  std::vector<std::string> include;
  std::vector<std::string> exclude;

  bool handles(const std::string& name) const {
    if (!include.empty()) return std::ranges::find(include, name) != include.end();
    return std::ranges::find(exclude, name) == exclude.end();
  }
};
Parsed<Choice> choice_of(const Parameters& parameters) {
  if (parameters.has("include") && parameters.has("exclude")) {
    return refuse(parameters.position(), "`include` and `exclude` cannot stand together");
  }
  return Choice{parameters.texts("include"), parameters.texts("exclude")};
}

bool has_names(const Value& value) {
  return (value.kind == ValueKind::kString || value.kind == ValueKind::kRegex) &&
         has_placeholder(value.text);
}

Parsed<MadeTransformation> wildcard_placeholders(const Parameters& parameters) {
  TRY(const Choice choice, choice_of(parameters));
  return over_values([choice](Value& value, const PipelineState&, Budget& budget) -> Parsed<bool> {
    if (!has_names(value)) return false;
    Variables wildcards;
    for (const std::string& name : placeholder_names(value.text)) {
      if (choice.handles(name)) wildcards[name] = {value.kind == ValueKind::kRegex ? ".*" : "*"};
    }
    TRY_VOID(resolve_placeholders(value, wildcards, budget));
    return !wildcards.empty();
  });
}

// Placeholders without a variable stay: --vars may have it, else the rule is refused by its name.
Parsed<MadeTransformation> value_placeholders(const Parameters& parameters) {
  TRY(const Choice choice, choice_of(parameters));
  return over_values(
      [choice](Value& value, const PipelineState& state, Budget& budget) -> Parsed<bool> {
        if (!has_names(value)) return false;
        Variables known;
        for (const std::string& name : placeholder_names(value.text)) {
          const auto found = state.variables->find(name);
          if (choice.handles(name) && found != state.variables->end()) {
            known[name] = found->second;
          }
        }
        TRY_VOID(resolve_placeholders(value, known, budget));
        return !known.empty();
      });
}

// Text

Parsed<MadeTransformation> replace_string(const Parameters& parameters) {
  TRY(const std::string pattern, parameters.required("regex"));
  TRY(const std::string replacement, parameters.required("replacement"));
  auto compiled = Replacer::create(pattern, replacement);
  if (!compiled.has_value()) {
    return refuse(parameters.position(), std::move(compiled.error().message));
  }
  const bool skip_special = parameters.flag("skip_special");
  const bool interpret_special = parameters.flag("interpret_special");
  const auto replacer = std::make_shared<const Replacer>(std::move(*compiled));
  return over_values([=](Value& value, const PipelineState&, Budget&) -> Parsed<bool> {
    if (value.kind == ValueKind::kNumber) value.kind = ValueKind::kString;
    if (value.kind != ValueKind::kString) return false;
    value.text = skip_special ? replacer->replace_literals(value.text, interpret_special)
                              : replacer->replace_plain(value.text);
    if (value.text.size() > kReplacedBytesMax) {
      return refuse(value.position,
                    fmt::format("replacing makes a text longer than {} bytes", kReplacedBytesMax));
    }
    return true;
  });
}

Parsed<MadeTransformation> map_string(const Parameters& parameters) {
  const Node* node = parameters.node("mapping");
  if (node == nullptr || node->kind != NodeKind::kMapping) {
    return refuse(parameters.position(), "`mapping` must be a map of texts");
  }
  Variables mapping;
  for (const Member& member : node->members) {
    auto& texts = mapping[std::string(member.key->text)];
    texts.clear();
    if (member.value->kind == NodeKind::kScalar) texts.emplace_back(member.value->text);
    for (const Node* text : member.value->elements) texts.emplace_back(text->text);
  }
  return over_text([mapping](Value& value) -> Parsed<bool> {
    const auto found = mapping.find(plain_text(value.text));
    if (found == mapping.end()) return false;
    if (found->second.size() == 1) {
      value.text = parse_text(found->second.front());
      return true;
    }
    std::vector<Value> alternatives;
    for (const std::string& text : found->second) {
      Value alternative = value;
      alternative.text = parse_text(text);
      alternatives.push_back(std::move(alternative));
    }
    value.kind = ValueKind::kExpansion;
    value.text.clear();
    value.alternatives = std::move(alternatives);
    return true;
  });
}

std::string changed_case(std::string_view literal, std::string_view method) {
  if (method == "lower") return fold_case(literal);
  std::string result;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (method == "upper") {
      result.push_back(lower ? static_cast<char>(c - 32) : c);
      continue;
    }
    if (upper && i > 0) result.push_back('_');
    result.push_back(upper ? static_cast<char>(c + 32) : c);
  }
  return result;
}

Parsed<MadeTransformation> letter_case(const Parameters& parameters) {
  const std::string method = parameters.text("method", "lower");
  if (method != "lower" && method != "upper" && method != "snake_case") {
    return refuse(parameters.position(), fmt::format("the method '{}' of case is unknown", method));
  }
  return over_text([method](Value& value) -> Parsed<bool> {
    std::string result;
    for_each_part(
        value.text, [&](std::string_view part) { result += changed_case(part, method); },
        [&](std::string_view mark) { result += mark; });
    value.text = std::move(result);
    return true;
  });
}

// The expression stands for the whole field, as the text did; expressions here are found anywhere,
// so it is anchored.
std::string text_to_regex(std::string_view text, bool brackets) {
  std::string pattern = "^(?s:";
  const auto literal = [&](std::string_view part) {
    for (const char c : part) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool lower = c >= 'a' && c <= 'z';
      if ((upper || lower) && brackets) {
        pattern += fmt::format("[{}{}]", static_cast<char>(c | 0x20), static_cast<char>(c & ~0x20));
      } else {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = upper || lower || (c >= '0' && c <= '9') || c == '_' || byte >= 0x80;
        if (!plain) pattern += '\\';
        pattern += c;
      }
    }
  };
  for_each_part(text, literal,
                [&](std::string_view mark) { pattern += mark[0] == kAnyRun ? ".*" : "."; });
  return pattern + ")$";
}

Parsed<MadeTransformation> regex(const Parameters& parameters) {
  const std::string method = parameters.text("method", "ignore_case_brackets");
  if (method != "plain" && method != "ignore_case_flag" && method != "ignore_case_brackets") {
    return refuse(parameters.position(),
                  fmt::format("the method '{}' of regex is unknown", method));
  }
  return over_text([method](Value& value) -> Parsed<bool> {
    if (value.text.empty()) return false;
    if (has_placeholder(value.text)) {
      return refuse(value.position,
                    "a placeholder cannot become a regular expression; resolve it "
                    "before");
    }
    value.text = text_to_regex(value.text, method == "ignore_case_brackets");
    value.kind = ValueKind::kRegex;
    value.flags = method == "ignore_case_flag" ? kRegexIgnoreCase : std::uint8_t{0};
    return true;
  });
}

// Types

bool to_number(Value& value) {
  const std::string text = plain_text(value.text);
  const auto number = match::Decimal::parse(text);
  if (!number.has_value()) return false;
  value.kind = ValueKind::kNumber;
  value.text = text;
  return true;
}

Parsed<MadeTransformation> set_value(const Parameters& parameters) {
  TRY(Value wanted, parameters.value("value"));
  const std::string type = parameters.text("force_type");
  const bool scalar = wanted.kind == ValueKind::kString || wanted.kind == ValueKind::kNumber;
  if (!type.empty() && (!scalar || (type != "str" && type != "num"))) {
    return refuse(parameters.position(), "`force_type` must be str or num, for text and numbers");
  }
  if (type == "str") wanted.kind = ValueKind::kString;
  if (type == "num" && wanted.kind == ValueKind::kString && !to_number(wanted)) {
    return refuse(parameters.position(), "`value` cannot be made a number");
  }
  return over_values([wanted](Value& value, const PipelineState&, Budget&) -> Parsed<bool> {
    const Position position = value.position;
    value = wanted;
    value.position = position;
    return true;
  });
}

Parsed<MadeTransformation> convert_type(const Parameters& parameters) {
  TRY(const std::string type, parameters.required("target_type"));
  if (type != "str" && type != "num") {
    return refuse(parameters.position(), "`target_type` must be str or num");
  }
  return over_values([type](Value& value, const PipelineState&, Budget&) -> Parsed<bool> {
    if (type == "str" && value.kind == ValueKind::kNumber) {
      value.kind = ValueKind::kString;
      return true;
    }
    if (type != "num" || value.kind != ValueKind::kString) return false;
    if (to_number(value)) return true;
    return refuse(value.position,
                  fmt::format("a pipeline cannot make a number of '{}'", plain_text(value.text)));
  });
}

constexpr std::array<Maker<MadeTransformation>, 8> kMakers = {{
    {"case", letter_case},
    {"convert_type", convert_type},
    {"map_string", map_string},
    {"regex", regex},
    {"replace_string", replace_string},
    {"set_value", set_value},
    {"value_placeholders", value_placeholders},
    {"wildcard_placeholders", wildcard_placeholders},
}};

}  // namespace

std::span<const Maker<MadeTransformation>> value_transformation_makers() { return kMakers; }

}  // namespace vedette::rules::sigma
