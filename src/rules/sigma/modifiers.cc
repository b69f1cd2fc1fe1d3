// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/modifiers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "rules/sigma/encode.h"
#include "rules/sigma/network.h"
#include "rules/sigma/text.h"

namespace vedette::rules::sigma {
namespace {

using Context = Modifier::Context;

constexpr std::uint32_t set_of(ValueKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr std::uint32_t kStrings = set_of(ValueKind::kString);
constexpr std::uint32_t kRegexes = set_of(ValueKind::kRegex);
constexpr std::uint32_t kSearchable = kStrings | kRegexes | set_of(ValueKind::kFieldReference);
constexpr std::uint32_t kNumbers = set_of(ValueKind::kNumber);
constexpr std::uint32_t kComparable = kNumbers | set_of(ValueKind::kTimePart);

std::string_view kind_name(ValueKind kind) {
  static constexpr std::array<std::string_view, 11> kNames = {"text",
                                                              "a number",
                                                              "true or false",
                                                              "null",
                                                              "a regular expression",
                                                              "a network",
                                                              "a comparison",
                                                              "a field reference",
                                                              "an existence check",
                                                              "a time part",
                                                              "alternatives"};
  return kNames[static_cast<std::size_t>(kind)];
}

// For modifiers that must stand first.
Parsed<void> require_first(std::string_view name, const Context& context) {
  if (context.test.modifiers.empty()) return {};
  return refuse(context.position,
                fmt::format("the modifier {} must be the first one, but {} stands before it", name,
                            context.test.modifiers.back()));
}

// contains, startswith and endswith on a pattern (pySigma): `.*` on the open sides, around a group
// when alternatives stand at the top.
bool has_top_alternation(std::string_view pattern) {
  std::size_t depth = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') ++i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      depth -= depth > 0 ? 1 : 0;
    } else if (c == '|' && depth == 0) {
      return true;
    }
  }
  return false;
}

bool ends_unescaped(std::string_view pattern, std::string_view suffix) {
  if (!pattern.ends_with(suffix)) return false;
  std::size_t backslashes = 0;
  std::size_t at = pattern.size() - suffix.size();
  while (at > 0 && pattern[at - 1] == '\\') {
    --at;
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

struct Sides {
  bool front;
  bool back;
};

void open_regex(std::string& pattern, Sides sides) {
  const bool front = sides.front && !pattern.starts_with(".*") && !pattern.starts_with('^');
  const bool back = sides.back && !ends_unescaped(pattern, ".*") && !ends_unescaped(pattern, "$");
  if (has_top_alternation(pattern)) pattern = "(?:" + pattern + ")";
  if (front) pattern.insert(0, ".*");
  if (back) pattern.append(".*");
}

Test open_reference(Test test, Sides sides) {
  const bool starts = sides.back || test == Test::kFieldStartsWith || test == Test::kFieldContains;
  const bool ends = sides.front || test == Test::kFieldEndsWith || test == Test::kFieldContains;
  if (starts && ends) return Test::kFieldContains;
  return starts ? Test::kFieldStartsWith : Test::kFieldEndsWith;
}

Parsed<void> open_sides(Value& value, Sides sides) {
  if (value.kind == ValueKind::kRegex) {
    open_regex(value.text, sides);
  } else if (value.kind == ValueKind::kFieldReference) {
    value.test = open_reference(value.test, sides);
  } else {
    if (sides.front) add_leading_run(value.text);
    if (sides.back) add_trailing_run(value.text);
  }
  return {};
}

Parsed<void> contains(Value& value, const Context&) { return open_sides(value, {true, true}); }
Parsed<void> startswith(Value& value, const Context&) { return open_sides(value, {false, true}); }
Parsed<void> endswith(Value& value, const Context&) { return open_sides(value, {true, false}); }

Parsed<void> all(Value&, const Context& context) {
  context.test.all = true;
  return {};
}
Parsed<void> neq(Value&, const Context& context) {
  context.test.negated = true;
  return {};
}
Parsed<void> cased(Value& value, const Context&) {
  value.cased = true;
  return {};
}

Parsed<void> regex(Value& value, const Context& context) {
  TRY_VOID(require_first("re", context));
  value.kind = ValueKind::kRegex;
  return {};
}
template <std::uint8_t Flag>
Parsed<void> regex_flag(Value& value, const Context&) {
  value.flags |= Flag;
  return {};
}

Parsed<void> cidr(Value& value, const Context& context) {
  TRY_VOID(require_first("cidr", context));
  auto network = canonical_network(written_text(value.text));
  if (!network.has_value()) return refuse(context.position, network.error().message);
  value.kind = ValueKind::kCidr;
  value.text = std::move(network).value();
  return {};
}

Parsed<void> exists(Value& value, const Context& context) {
  if (context.test.field == kAnyField) {
    return refuse(context.position, "the modifier exists needs a field name before it");
  }
  TRY_VOID(require_first("exists", context));
  value.kind = ValueKind::kExists;
  return {};
}

Parsed<void> fieldref(Value& value, const Context& context) {
  if (has_wildcard(value.text) || has_placeholder(value.text)) {
    return refuse(context.position,
                  "the modifier fieldref takes the plain name of a field: no wildcards or "
                  "placeholders; put contains, startswith or endswith after fieldref");
  }
  value.kind = ValueKind::kFieldReference;
  value.test = Test::kFieldEquals;
  return {};
}

Parsed<void> expand(Value& value, const Context&) {
  insert_placeholders(value.text);
  return {};
}

// The bytes that the Base64 modifiers encode. The byte order mark that utf16 put in front is
// U+FEFF in UTF-8 while it is text and FF FE as bytes.
Parsed<std::string> encoded_bytes(const Value& value, const Context& context) {
  if (has_wildcard(value.text)) {
    return refuse(context.position, "wildcards cannot be encoded with Base64; escape them");
  }
  if (has_placeholder(value.text)) {
    return refuse(context.position, "placeholders cannot be encoded with Base64");
  }
  static constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const bool utf16 =
      std::ranges::find(context.test.modifiers, "utf16") != context.test.modifiers.end();
  if (utf16 && value.text.starts_with(kMark)) {
    return "\xFF\xFE" + value.text.substr(kMark.size());
  }
  return value.text;
}

Parsed<void> base64_once(Value& value, const Context& context) {
  TRY(const std::string bytes, encoded_bytes(value, context));
  value.text = base64(bytes);
  value.cased = false;
  return {};
}

// Turns a string into alternatives that differ in their text only.
template <typename Texts>
void expand_into(Value& value, Texts& texts) {
  std::vector<Value> alternatives;
  alternatives.reserve(texts.size());
  for (std::string& text : texts) {
    Value alternative;
    alternative.kind = value.kind;
    alternative.cased = value.cased;
    alternative.test = value.test;
    alternative.position = value.position;
    alternative.text = std::move(text);
    alternatives.push_back(std::move(alternative));
  }
  value.kind = ValueKind::kExpansion;
  value.text.clear();
  value.alternatives = std::move(alternatives);
}

Parsed<void> base64offset(Value& value, const Context& context) {
  TRY(const std::string bytes, encoded_bytes(value, context));
  auto forms = base64_offsets(bytes);
  value.cased = false;
  expand_into(value, forms);
  return {};
}

Parsed<void> utf16_text(Value& value, const Context& context, ByteOrder order) {
  auto encoded = to_utf16(value.text, order);
  if (!encoded.has_value()) {
    return refuse(context.position,
                  "only ASCII text can be turned into UTF-16 here: other bytes are not text");
  }
  value.text = std::move(*encoded);
  return {};
}
Parsed<void> wide(Value& value, const Context& context) {
  return utf16_text(value, context, ByteOrder::kLittle);
}
Parsed<void> utf16be(Value& value, const Context& context) {
  return utf16_text(value, context, ByteOrder::kBig);
}
Parsed<void> utf16(Value& value, const Context& context) {
  TRY_VOID(utf16_text(value, context, ByteOrder::kLittle));
  value.text.insert(0, "\xEF\xBB\xBF");
  return {};
}

Parsed<void> windash(Value& value, const Context& context) {
  auto forms = windash_forms(value.text);
  if (!forms.has_value()) {
    return refuse(context.position,
                  fmt::format("windash expands at most {} dashes in one value; split the value",
                              kWindashMax));
  }
  if (forms->size() > 1) expand_into(value, *forms);
  return {};
}

struct TimePart {
  Test test;
  int first;
  int last;
};
constexpr std::array<TimePart, 6> kTimeParts = {{{Test::kMinute, 0, 59},
                                                 {Test::kHour, 0, 23},
                                                 {Test::kDay, 1, 31},
                                                 {Test::kWeek, 1, 53},
                                                 {Test::kMonth, 1, 12},
                                                 {Test::kYear, 1678, 2261}}};

template <Test Part>
Parsed<void> time_part(Value& value, const Context& context) {
  if (value.text.find('.') != std::string::npos) {
    return refuse(context.position, "parts of a time are whole numbers");
  }
  value.kind = ValueKind::kTimePart;
  value.test = Part;
  return {};
}

bool holds(long number, Test test, long bound) {
  if (test == Test::kLess) return number < bound;
  if (test == Test::kLessEquals) return number <= bound;
  if (test == Test::kGreater) return number > bound;
  return number >= bound;
}

// `hour|gte: 22` is one of the hours 22 and 23: the rule model compares parts for equality only.
Parsed<void> compare_time_part(Value& value, const Context& context, Test test) {
  const auto part = std::ranges::find(kTimeParts, value.test, &TimePart::test);
  CHECK(part != kTimeParts.end());
  long bound = 0;
  const char* end = value.text.data() + value.text.size();
  if (std::from_chars(value.text.data(), end, bound).ec != std::errc()) {
    return refuse(context.position, "the number is too large for a part of a time");
  }
  std::vector<std::string> numbers;
  for (int number = part->first; number <= part->last; ++number) {
    if (holds(number, test, bound)) numbers.push_back(std::to_string(number));
  }
  expand_into(value, numbers);
  return {};
}

template <Test Operator>
Parsed<void> compare(Value& value, const Context& context) {
  if (value.kind == ValueKind::kTimePart) return compare_time_part(value, context, Operator);
  value.kind = ValueKind::kCompare;
  value.test = Operator;
  return {};
}

constexpr std::string_view kSearchableWords = "text, a regular expression or a field reference";
constexpr std::string_view kTextWords = "text (put the value in quotes)";
constexpr std::string_view kNumberWords = "a number (without quotes)";

constexpr std::array kModifiers = std::to_array<Modifier>({
    {"all", "every value of the list must match, not any", 0, "", all},
    {"base64", "the value encoded with Base64", kStrings, kTextWords, base64_once},
    {"base64offset", "the value inside Base64 text, at any position", kStrings, kTextWords,
     base64offset},
    {"cased", "letters' case counts", kStrings, kTextWords, cased},
    {"cidr", "an IP address inside this network", kStrings, kTextWords, cidr},
    {"contains", "anywhere in the field", kSearchable, kSearchableWords, contains},
    {"day", "the day of the month of a time", kNumbers, kNumberWords, time_part<Test::kDay>},
    {"dotall", "`.` of the regular expression matches line ends too", kRegexes,
     "a regular expression", regex_flag<kRegexDotAll>},
    {"endswith", "at the end of the field", kSearchable, kSearchableWords, endswith},
    {"exists", "true: the field is present, false: it is absent", set_of(ValueKind::kBoolean),
     "true or false", exists},
    {"expand", "%name% stands for the values of a variable", kStrings | kRegexes,
     "text or a regular expression", expand},
    {"fieldref", "the value is the name of a field to compare with", kStrings, kTextWords,
     fieldref},
    {"gt", "greater than", kComparable, kNumberWords, compare<Test::kGreater>},
    {"gte", "greater than or equal", kComparable, kNumberWords, compare<Test::kGreaterEquals>},
    {"hour", "the hour of a time", kNumbers, kNumberWords, time_part<Test::kHour>},
    {"i", "the regular expression ignores letters' case", kRegexes, "a regular expression",
     regex_flag<kRegexIgnoreCase>},
    {"ignorecase", "the regular expression ignores letters' case", kRegexes, "a regular expression",
     regex_flag<kRegexIgnoreCase>},
    {"lt", "less than", kComparable, kNumberWords, compare<Test::kLess>},
    {"lte", "less than or equal", kComparable, kNumberWords, compare<Test::kLessEquals>},
    {"m", "`^` and `$` of the regular expression match at every line", kRegexes,
     "a regular expression", regex_flag<kRegexMultiline>},
    {"minute", "the minute of a time", kNumbers, kNumberWords, time_part<Test::kMinute>},
    {"month", "the month of a time", kNumbers, kNumberWords, time_part<Test::kMonth>},
    {"multiline", "`^` and `$` of the regular expression match at every line", kRegexes,
     "a regular expression", regex_flag<kRegexMultiline>},
    {"neq", "the test must fail", 0, "", neq},
    {"re", "a regular expression, found anywhere in the field", kStrings, kTextWords, regex},
    {"s", "`.` of the regular expression matches line ends too", kRegexes, "a regular expression",
     regex_flag<kRegexDotAll>},
    {"startswith", "at the start of the field", kSearchable, kSearchableWords, startswith},
    {"utf16", "the value as UTF-16 with a byte order mark", kStrings, kTextWords, utf16},
    {"utf16be", "the value as big-endian UTF-16", kStrings, kTextWords, utf16be},
    {"utf16le", "the value as little-endian UTF-16", kStrings, kTextWords, wide},
    {"week", "the ISO 8601 week of a time", kNumbers, kNumberWords, time_part<Test::kWeek>},
    {"wide", "the value as little-endian UTF-16", kStrings, kTextWords, wide},
    {"windash", "dashes that start an option in all their forms", kStrings, kTextWords, windash},
    {"year", "the year of a time", kNumbers, kNumberWords, time_part<Test::kYear>},
});
static_assert(std::ranges::is_sorted(kModifiers, {}, &Modifier::name));

Parsed<void> apply_to_value(const Modifier& modifier, Value& value, FieldTest& test) {
  if (value.kind == ValueKind::kExpansion) {
    // Modifiers of alternatives keep them one level deep: a nested expansion is spliced in.
    std::vector<Value> spliced;
    for (Value& alternative : value.alternatives) {
      TRY_VOID(apply_to_value(modifier, alternative, test));
      if (alternative.kind != ValueKind::kExpansion) {
        spliced.push_back(std::move(alternative));
      } else {
        std::ranges::move(alternative.alternatives, std::back_inserter(spliced));
      }
    }
    value.alternatives = std::move(spliced);
    return {};
  }
  if ((modifier.accepts & set_of(value.kind)) == 0) {
    return refuse(value.position,
                  fmt::format("the modifier {} needs {}, but finds {}", modifier.name,
                              modifier.wanted, kind_name(value.kind)));
  }
  return modifier.apply(value, {test, value.position});
}

}  // namespace

std::span<const Modifier> modifiers() { return kModifiers; }

const Modifier* find_modifier(std::string_view name) {
  const auto found = std::ranges::lower_bound(kModifiers, name, {}, &Modifier::name);
  return found != kModifiers.end() && found->name == name ? &*found : nullptr;
}

Parsed<void> apply_modifier(const Modifier& modifier, FieldTest& test) {
  if (modifier.accepts == 0) {
    Value none;
    TRY_VOID(modifier.apply(none, {test, test.position}));
  } else {
    std::size_t alternatives = 0;
    for (Value& value : test.values) {
      TRY_VOID(apply_to_value(modifier, value, test));
      alternatives += value.alternatives.size();
      if (alternatives > kAlternativesMax) {
        return refuse(test.position, fmt::format("the modifier {} makes more than {} values; split "
                                                 "the list",
                                                 modifier.name, kAlternativesMax));
      }
    }
  }
  test.modifiers.push_back(modifier.name);
  return {};
}

}  // namespace vedette::rules::sigma
