// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include "formats/models/exchange/ubjson.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/exchange/tree_check.h"

namespace vedette::scan::models {
namespace {

using formats::models::UbjsonDocument;
using formats::models::UbjsonNode;
using formats::packages::Member;
using formats::packages::Node;

// Names of XGBoost's doc/model.schema.
constexpr std::string_view kLeft = "left_children";
constexpr std::string_view kRight = "right_children";
constexpr std::string_view kFeature = "split_indices";

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::int64_t> numbers(const Node& list) {
  std::vector<std::int64_t> out;
  out.reserve(list.members.size());
  for (const Member& member : list.members) out.push_back(number_of(member.value.text));
  return out;
}

// A list of one type, or one of single numbers.
std::vector<std::int64_t> numbers(const UbjsonDocument& document, const UbjsonNode* list) {
  std::vector<std::int64_t> out;
  if (list == nullptr) return out;
  for (std::uint64_t i = 0; i < list->count; ++i) out.push_back(ubjson_number(*list, i));
  for (const UbjsonNode* one = document.at(list->first); one != nullptr;
       one = document.at(one->next))
    out.push_back(ubjson_number(*one, 0));
  return out;
}

const UbjsonNode* find(const UbjsonDocument& document, const UbjsonNode* table,
                       std::string_view key) {
  return table == nullptr ? nullptr : document.find(*table, key);
}

void judge_trees(const UbjsonDocument& document, ExchangeReport& report) {
  const UbjsonNode* learner = find(document, document.at(0), "learner");
  const UbjsonNode* settings = find(document, learner, "learner_model_param");
  const UbjsonNode* features = find(document, settings, "num_feature");
  const UbjsonNode* booster = find(document, learner, "gradient_booster");
  // DART holds a booster of trees.
  if (const UbjsonNode* inner = find(document, booster, "gbtree")) booster = inner;
  const UbjsonNode* trees = find(document, find(document, booster, "model"), "trees");
  if (trees == nullptr) return;
  for (const UbjsonNode* one = document.at(trees->first); one != nullptr;
       one = document.at(one->next)) {
    const TreeArrays tree{numbers(document, find(document, one, kLeft)),
                          numbers(document, find(document, one, kRight)),
                          numbers(document, find(document, one, kFeature)),
                          features == nullptr ? 0 : number_of(features->bytes)};
    const std::string fault = tree_fault(tree, LeafForm::kNone);
    if (!fault.empty()) return report.add_fault("XGBoost", fault);
  }
}

}  // namespace

// A table that begins with the length of a name as XGBoost writes it, in eight bytes.
Claim judge_xgboost_binary(std::string_view bytes, ExchangeReport& report) {
  if (!bytes.starts_with("{L")) return Claim::kOther;
  const UbjsonDocument document = formats::models::read_ubjson(bytes);
  if (document.nodes.empty() || find(document, document.at(0), "learner") == nullptr)
    return Claim::kOther;
  if (document.is_cut) {
    report.set_cut();
  } else if (!document.is_whole) {
    report.add_fault("Universal Binary JSON", "a value is longer than the file or of no kind");
  }
  judge_trees(document, report);
  return Claim::kWhole;
}

void judge_xgboost_tree(const Node& root, ExchangeReport& report) {
  const Node& learner = root["learner"];
  if (!learner.is_table()) return;
  const std::int64_t features = number_of(learner["learner_model_param"]["num_feature"].text);
  const Node& booster = learner["gradient_booster"];
  const Node& model = booster.has("gbtree") ? booster["gbtree"]["model"] : booster["model"];
  for (const Member& one : model["trees"].members) {
    const TreeArrays tree{numbers(one.value[kLeft]), numbers(one.value[kRight]),
                          numbers(one.value[kFeature]), features};
    const std::string fault = tree_fault(tree, LeafForm::kNone);
    if (!fault.empty()) return report.add_fault("XGBoost", fault);
  }
}

}  // namespace vedette::scan::models
