// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/operands.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "match/decimal.h"
#include "match/network.h"
#include "rules/falco/operators.h"

namespace vedette::rules::falco {
namespace {

constexpr std::array<std::string_view, 7> kTypeNames = {
    "a text", "a number", "a boolean", "an address", "a network", "bytes", "any value"};

using Types = std::uint8_t;
constexpr Types of(FieldType type) { return static_cast<Types>(1U << static_cast<unsigned>(type)); }
constexpr Types kText = of(FieldType::kText) | of(FieldType::kAny);
constexpr Types kNumber = of(FieldType::kNumber) | of(FieldType::kAny);
constexpr Types kBytes = of(FieldType::kBytes);
constexpr Types kEvery = 0x7F;

// Which types an operator compares. Texts are ordered by Falco, too; the model orders numbers only.
struct OperatorTypes {
  Operator op;
  Types types;
};
constexpr std::array kOperatorTypes = {
    OperatorTypes{Operator::kExists, kEvery},
    OperatorTypes{Operator::kLessEquals, kNumber},
    OperatorTypes{Operator::kLess, kNumber},
    OperatorTypes{Operator::kGreaterEquals, kNumber},
    OperatorTypes{Operator::kGreater, kNumber},
    OperatorTypes{Operator::kEquals, kEvery},
    OperatorTypes{Operator::kNotEquals, kEvery},
    OperatorTypes{Operator::kGlob, kText},
    OperatorTypes{Operator::kIglob, kText},
    OperatorTypes{Operator::kContains, kText | kBytes},
    OperatorTypes{Operator::kIcontains, kText},
    OperatorTypes{Operator::kBcontains, kBytes},
    OperatorTypes{Operator::kStartsWith, kText | kBytes},
    OperatorTypes{Operator::kBstartsWith, kBytes},
    OperatorTypes{Operator::kEndsWith, kText | kBytes},
    OperatorTypes{Operator::kRegex, kText},
    OperatorTypes{Operator::kIntersects, kEvery},
    OperatorTypes{Operator::kIn, kEvery},
    OperatorTypes{Operator::kPmatch, kText},
};

struct TransformerRow {
  std::string_view name;
  Transform transform;
  Types types;
};
constexpr std::array kTransformers = {
    TransformerRow{"tolower", Transform::kLower, of(FieldType::kText)},
    TransformerRow{"toupper", Transform::kUpper, of(FieldType::kText)},
    TransformerRow{"b64", Transform::kBase64, of(FieldType::kText) | kBytes},
    TransformerRow{"basename", Transform::kBasename, of(FieldType::kText)},
    TransformerRow{"len", Transform::kLength, of(FieldType::kText) | kBytes},
};

std::string_view type_name(FieldType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

// "4d5a" as the two bytes; nothing for other texts.
Parsed<std::string> bytes_of(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    unsigned value = 0;
    const char* const end = text.data() + at + 2;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value, 16);
    if (error != std::errc() || stop != end) break;
    bytes += static_cast<char>(value);
  }
  if (text.empty() || bytes.size() * 2 != text.size()) {
    return refuse(fmt::format("expected bytes as pairs of hexadecimal digits, found '{}'", text),
                  text);
  }
  return bytes;
}

Parsed<Subject> transformed_subject(const Term& term, const std::string& source) {
  const auto* const row = std::ranges::find(kTransformers, term.text, &TransformerRow::name);
  if (row == kTransformers.end() || term.parts.size() != 1 || term.argument) {
    return refuse(fmt::format("the transformer '{}' with these arguments is not supported; "
                              "supported are tolower, toupper, b64, basename and len of one field",
                              term.text),
                  term.text);
  }
  TRY(Subject subject, subject_of(term.parts.front(), source));
  const bool one = subject.field.values == FieldValues::kOne;
  if (!one || (row->types & of(subject.field.type)) == 0) {
    return refuse(
        fmt::format("the transformer '{}' cannot be applied to {}, as '{}' is", term.text,
                    one ? type_name(subject.field.type) : "several values", subject.field.name),
        subject.field.name);
  }
  subject.transforms.push_back(row->transform);
  if (row->transform == Transform::kLength) subject.field.type = FieldType::kNumber;
  return subject;
}

}  // namespace

// Recursion as deep as the parser allows.
Parsed<Subject> subject_of(const Term& term, const std::string& source) {
  if (term.kind == Term::Kind::kTransformer) return transformed_subject(term, source);
  if (term.kind != Term::Kind::kField) {
    return refuse(fmt::format("expected a field, found '{}'", term.text), term.text);
  }
  Subject subject;
  TRY(subject.field, find_field(source, term.text, term.argument));
  if (subject.field.derived) {
    return refuse(fmt::format("the field '{}' is made of several parts of the event by Falco's "
                              "plugin, which is not supported in conditions",
                              subject.field.name),
                  term.text);
  }
  return subject;
}

Parsed<void> check_operator(const Subject& subject, Operator op, Modifier modifier) {
  const FieldType type = subject.field.type;
  const auto refused = [&](std::string_view what) {
    return refuse(fmt::format("the operator '{}' cannot compare {}, as '{}' is", to_string(op),
                              what, subject.field.name),
                  subject.field.name);
  };
  if (op == Operator::kExists) return {};
  if (subject.field.values == FieldValues::kList &&
      ((op != Operator::kIn && op != Operator::kIntersects) || modifier != Modifier::kNone)) {
    return refused("a list");
  }
  const auto* const row = std::ranges::find(kOperatorTypes, op, &OperatorTypes::op);
  if ((row->types & of(type)) == 0) return refused(type_name(type));
  if (subject.field.values == FieldValues::kAnyOf &&
      (modifier == Modifier::kOneOf || modifier == Modifier::kAllOf)) {
    return refuse(fmt::format("the modifier '{}' cannot be applied to several values, as '{}' has",
                              to_string(modifier), subject.field.name),
                  subject.field.name);
  }
  return {};
}

Parsed<std::string> literal_of(const Subject& subject, Operator op, const std::string& text) {
  const auto expected = [&](std::string_view what) {
    return refuse(
        fmt::format("expected {} to compare '{}' with, found '{}'", what, subject.field.name, text),
        text);
  };
  switch (subject.field.type) {
    case FieldType::kNumber: {
      std::string decimal = decimal_of(text);
      if (decimal.empty()) return expected("a number");
      return decimal;
    }
    case FieldType::kBoolean:
      if (text != "true" && text != "false") return expected("true or false");
      return text;
    case FieldType::kAddress:
      if (!match::Address::parse(text)) return expected("an IP address");
      return text;
    case FieldType::kNetwork:
      if (!match::Network::parse(text)) return expected("a network like 10.0.0.0/8");
      return text;
    case FieldType::kBytes:
      if (op == Operator::kBcontains || op == Operator::kBstartsWith) return bytes_of(text);
      return text;
    case FieldType::kText:
    case FieldType::kAny:
      break;
  }
  return text;
}

std::string decimal_of(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 2, end, value, 16);
    return error == std::errc() && stop == end ? std::to_string(value) : std::string();
  }
  return match::Decimal::parse(text) ? std::string(text) : std::string();
}

}  // namespace vedette::rules::falco
