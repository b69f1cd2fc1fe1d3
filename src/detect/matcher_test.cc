// SPDX-License-Identifier: Apache-2.0
// The compiled program against the naive evaluator: random rules over random events, and all public
// rules over real recorded events when VEDETTE_DATA holds them.
#include "detect/matcher.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "base/file.h"
#include "base/json_writer.h"
#include "detect/naive_evaluator.h"
#include "formats/logs/json.h"
#include "formats/logs/splitter.h"
#include "rules/load.h"

namespace vedette::detect {
namespace {

using rules::Expression;
using rules::Test;

event::Batch make_batch(const std::string& text, event::RecordFormat format) {
  event::Batch batch;
  auto input = std::make_shared<event::Input>();
  input->format = format;
  batch.input = input;
  batch.buffer.reserve(text.size());
  std::memcpy(batch.buffer.data(), text.data(), text.size());
  batch.buffer.set_size(text.size());
  return batch;
}

struct Agreement {
  std::uint64_t events = 0;
  std::uint64_t matches = 0;
  std::string difference;  // the first one
};

// Rules that a naive evaluation could only find by an instance that the program has for the event's
// entries.
Agreement compare(const rules::RuleSet& set, const rules::LogSources& sources, bool use_log_sources,
                  const event::Batch& batch) {
  rules::CompileOptions options;
  options.use_log_sources = use_log_sources;
  const auto program = rules::Program::compile(set, sources, options);
  Matcher matcher(*program, Matcher::Profile::kOff);
  const Limits limits;
  formats::logs::JsonDecoder decoder(program->tree(), limits);
  event::Event event(program->slot_count());
  decoder.start(batch);
  Agreement result;
  while (decoder.next(event)) {
    ++result.events;
    std::set<std::uint32_t> compiled;
    const auto everything = [&](std::vector<event::NamedValue>& out) {
      decoder.everything(event, out);
    };
    for (const std::uint32_t instance : matcher.match(event, everything)) {
      compiled.insert(program->instances()[instance].rule);
    }
    std::vector<event::NamedValue> all;
    decoder.everything(event, all);
    EventFields fields(sources);
    fields.add_all(all);
    for (std::uint32_t rule = 0; rule < set.rules.size(); ++rule) {
      const bool expected = matches(set.rules[rule], sources, fields, use_log_sources);
      result.matches += expected ? 1 : 0;
      if (expected != compiled.contains(rule) && result.difference.empty()) {
        result.difference = "rule " + std::to_string(rule) + " " + set.rules[rule].info.id +
                            " naive " + (expected ? "true" : "false") + " for " +
                            std::string(event.raw);
      }
    }
  }
  return result;
}

class RandomRules {
 public:
  explicit RandomRules(unsigned seed) : random_(seed) {}

  rules::RuleSet rule_set(std::size_t count) {
    rules::RuleSet set;
    for (std::size_t i = 0; i < count; ++i) {
      rules::Rule rule;
      rule.info.id = std::to_string(i);
      rule.condition = expression(4);
      set.rules.push_back(std::move(rule));
    }
    return set;
  }

  std::string event() {
    std::string json = "{";
    for (const char* key : {"a", "b", "n.x", "n.y", "t"}) {
      if (pick(4) == 0) continue;
      if (json.size() > 1) json += ',';
      json += '"' + std::string(key) + "\":" + value();
    }
    return json + "}\n";
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string text(std::string_view alphabet, std::size_t size_max) {
    std::string out(pick(size_max + 1), ' ');
    for (char& c : out) c = alphabet[pick(alphabet.size())];
    return out;
  }

  std::string value() {
    switch (pick(8)) {
      case 0:
        return "null";
      case 1:
        return std::to_string(pick(12));
      case 2:
        return pick(2) == 0 ? "true" : "4.50";
      case 3:
        return "[" + value() + "," + value() + "]";
      case 4:
        return "{\"z\":1}";
      case 5:
        return "\"10.0." + std::to_string(pick(3)) + ".7\"";
      // Long values are put off until a condition asks for them.
      case 6:
        return "\"" + text("xyz ", 3) + std::string(600, '-') + text("aAbB\\\\", 2) + "ab\"";
      default: {
        std::string escaped;
        for (const char c : text("aAbB\\\"/", 6))
          escaped += c == '\\' || c == '"' ? std::string("\\") + c : std::string(1, c);
        return "\"" + escaped + (pick(6) == 0 ? "\\u0061" : "") + (pick(9) == 0 ? "\\u00C9" : "") +
               "\"";
      }
    }
  }

  Expression leaf() {
    Expression leaf = Expression::make(Expression::Kind::kLeaf);
    constexpr std::array<const char*, 7> kFields = {"a", "b", "n.x", "n.y", "n", "absent", ""};
    leaf.field = kFields[pick(kFields.size())];
    rules::Predicate& predicate = leaf.predicate;
    predicate.letter_case = pick(3) == 0 ? rules::Case::kRespect : rules::Case::kIgnore;
    predicate.test = static_cast<Test>(pick(18));
    switch (predicate.test) {
      case Test::kGlob: {
        predicate.text = text("aAbB", 4);
        predicate.text.insert(pick(predicate.text.size() + 1), 1,
                              pick(2) == 0 ? rules::kAnyRun : rules::kAnyOne);
        break;
      }
      case Test::kRegex: {
        constexpr std::array<const char*, 6> kPatterns = {"(?i)AB+", "^a.*b$",  "[0-9]{2,}",
                                                          "b\\\\",   "a{500,}", "-ab?"};
        predicate.text = kPatterns[pick(kPatterns.size())];
        break;
      }
      case Test::kCidr:
        predicate.text = pick(2) == 0 ? "10.0.1.0/24" : "::/0";
        break;
      case Test::kNumberEquals:
      case Test::kLess:
      case Test::kLessEquals:
      case Test::kGreater:
      case Test::kGreaterEquals:
        predicate.text = pick(2) == 0 ? "4.5" : std::to_string(pick(12));
        break;
      case Test::kNull:
      case Test::kExists:
        if (leaf.field.empty()) leaf.field = "a";
        break;
      case Test::kFieldEquals:
      case Test::kFieldContains:
      case Test::kFieldStartsWith:
      case Test::kFieldEndsWith:
        if (leaf.field.empty()) leaf.field = "b";
        predicate.text = pick(2) == 0 ? "b" : "n.y";
        break;
      default:
        predicate.text = text("aAbB\\\"", 4);
    }
    const bool one_text = predicate.test <= Test::kGreaterEquals;
    while (one_text && !leaf.field.empty() && pick(8) == 0) {
      predicate.transforms.push_back(static_cast<rules::Transform>(pick(5)));
    }
    return leaf;
  }

  Expression expression(std::size_t depth) {
    const std::size_t kind = depth == 0 ? 3 : pick(5);
    if (kind >= 3)
      return pick(40) == 0 ? Expression::make(pick(2) == 0 ? Expression::Kind::kTrue
                                                           : Expression::Kind::kFalse)
                           : leaf();
    if (kind == 2) {
      Expression inverted = Expression::make(Expression::Kind::kNot);
      inverted.children.push_back(expression(depth - 1));
      return inverted;
    }
    Expression joined =
        Expression::make(kind == 0 ? Expression::Kind::kAnd : Expression::Kind::kOr);
    for (std::size_t i = pick(4); i > 0; --i) joined.children.push_back(expression(depth - 1));
    return joined;
  }

  std::mt19937 random_;
};

TEST(Matcher, AgreesWithTheNaiveEvaluatorOnRandomRules) {
  const rules::LogSources sources;
  std::uint64_t matches = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    RandomRules random(seed);
    const rules::RuleSet set = random.rule_set(40);
    std::string events;
    for (int i = 0; i < 60; ++i) events += random.event();
    const Agreement agreement =
        compare(set, sources, false, make_batch(events, event::RecordFormat::kJsonLines));
    ASSERT_EQ(agreement.difference, "") << "seed " << seed;
    ASSERT_EQ(agreement.events, 60U);
    matches += agreement.matches;
  }
  EXPECT_GT(matches, 10000U);
}

TEST(Matcher, AgreesWithTheNaiveEvaluatorOnRecordedEvents) {
  const char* data = std::getenv("VEDETTE_DATA");
  const std::string root = data != nullptr ? data : VEDETTE_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::is_directory(root + "/sigma")) {
    GTEST_SKIP() << "no recorded events: set VEDETTE_DATA";
  }
  rules::LoadOptions load;
#ifdef __SANITIZE_ADDRESS__
  // The naive side is many times slower under the sanitizers: a small set is enough for their
  // purpose.
  constexpr std::uint64_t kMatchesMin = 0;
  load.paths = {root + "/sigma/rules-threat-hunting"};
#else
  constexpr std::uint64_t kMatchesMin = 3;
  load.paths = {root + "/sigma/rules", root + "/sigma/rules-emerging-threats",
                root + "/sigma/rules-threat-hunting"};
#endif
  const rules::RuleSet set = rules::load(load).value();
  std::vector<Diagnostic> warnings;
  const rules::LogSources sources =
      rules::load_log_sources(VEDETTE_SOURCE_DIR "/content/logsources", warnings).value();
  // Every sixtieth sample keeps the naive side within seconds.
  const auto samples = list_files(root + "/sigma/regression_data", {".json"}).value();
  std::string text;
  for (std::size_t i = 0; i < samples.size(); i += 5)
    text += read_file(samples[i], 1 << 24).value() + "\n";
  event::Batch batch = make_batch(text, event::RecordFormat::kJson);
  const Limits limits;
  formats::logs::Splitter splitter(event::RecordFormat::kJson, limits);
  batch.records = splitter.cut(batch.buffer.view(), true).records;
  ASSERT_GT(batch.records.size(), 2U);
  const Agreement agreement = compare(set, sources, true, batch);
  EXPECT_EQ(agreement.difference, "");
  EXPECT_GE(agreement.matches, kMatchesMin);
}

// What the conditions ask, by field: events made of it come near to matching.
void collect_texts(const Expression& expression,
                   std::map<std::string, std::set<std::string>>& all) {
  if (expression.kind == Expression::Kind::kLeaf) {
    const rules::Predicate& asked = expression.predicate;
    const bool text = asked.test != Test::kGlob && asked.test != Test::kRegex;
    all[expression.field].insert(text ? asked.text : "x");
  }
  for (const Expression& child : expression.children) collect_texts(child, all);
}

TEST(Matcher, AgreesWithTheNaiveEvaluatorOnFalcoRules) {
  const char* data = std::getenv("VEDETTE_DATA");
  const std::string root = data != nullptr ? data : VEDETTE_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::is_directory(root + "/falco/rules")) {
    GTEST_SKIP() << "no Falco rules: set VEDETTE_DATA";
  }
  rules::LoadOptions load;
  load.paths = {root + "/falco/rules"};
  const rules::RuleSet set = rules::load(load).value();
  std::map<std::string, std::set<std::string>> texts;
  for (const rules::Rule& rule : set.rules) collect_texts(rule.condition, texts);
  std::mt19937 random(7);
  const auto pick = [&random](std::size_t count) { return random() % count; };
  std::string events;
  for (int i = 0; i < 1500; ++i) {
    std::string json;
    for (const auto& [field, asked] : texts) {
      if (pick(3) == 0) continue;
      json += json.empty() ? '{' : ',';
      append_json_string(field, json);
      json += ':';
      append_json_string(*std::next(asked.begin(), static_cast<std::ptrdiff_t>(pick(asked.size()))),
                         json);
    }
    events += json + "}\n";
  }
  event::Batch batch = make_batch(events, event::RecordFormat::kJsonLines);
  const rules::LogSources sources;
  const Agreement agreement = compare(set, sources, false, batch);
  EXPECT_EQ(agreement.events, 1500U);
  EXPECT_EQ(agreement.difference, "");
  EXPECT_GT(agreement.matches, 100U);
}

// The values that an event of one rule, a leaf for the field "a", is shown with.
std::vector<std::string> shown(Test test, const std::string& operand, const std::string& json) {
  rules::RuleSet set;
  rules::Rule& rule = set.rules.emplace_back();
  rule.condition = Expression::make(Expression::Kind::kLeaf);
  rule.condition.field = "a";
  rule.condition.predicate.test = test;
  rule.condition.predicate.text = operand;
  rules::CompileOptions options;
  options.use_log_sources = false;
  const rules::LogSources sources;
  const auto program = rules::Program::compile(set, sources, options);
  Matcher matcher(*program, Matcher::Profile::kOff);
  const Limits limits;
  formats::logs::JsonDecoder decoder(program->tree(), limits);
  event::Event event(program->slot_count());
  const event::Batch batch = make_batch(json, event::RecordFormat::kJsonLines);
  decoder.start(batch);
  std::vector<std::string> values;
  if (!decoder.next(event)) return {"no event"};
  std::vector<event::MatchedField> fields;
  for (const std::uint32_t instance : matcher.match(event, [](auto&) {})) {
    matcher.matched_fields(instance, event, fields);
  }
  for (const event::MatchedField& field : fields) values.emplace_back(field.value);
  return values;
}

TEST(Matcher, ShowsTheValueOfAnArrayThatPasses) {
  using Values = std::vector<std::string>;
  EXPECT_EQ(shown(rules::Test::kEquals, "evil", R"({"a":["x","EVIL"]})"), Values{"EVIL"});
  EXPECT_EQ(shown(rules::Test::kEndsWith, "l", R"({"a":["x",{"b":1},null,"evil","y"]})"),
            Values{"evil"});
  EXPECT_EQ(shown(rules::Test::kRegex, "^e.il$", R"({"a":["x","evil"]})"), Values{"evil"});
  EXPECT_EQ(shown(rules::Test::kGreater, "4", R"({"a":[3,"x",5]})"), Values{"5"});
  EXPECT_EQ(shown(rules::Test::kEquals, "evil", R"({"a":"evil"})"), Values{"evil"});
}

}  // namespace
}  // namespace vedette::detect
