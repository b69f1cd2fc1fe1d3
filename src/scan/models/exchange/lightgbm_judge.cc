// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/exchange/tree_check.h"

namespace vedette::scan::models {
namespace {

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::int64_t> numbers(std::string_view text) {
  std::vector<std::int64_t> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end != 0) out.push_back(number_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Lines "name=value" of one tree, as tree.cpp writes them (Tree::ToString).
class LightgbmJudge {
 public:
  explicit LightgbmJudge(ExchangeReport& report) : report_(report) {}

  // False where nothing more is to be said.
  bool line(std::string_view line) {
    const std::size_t equal = line.find('=');
    const std::string_view name = line.substr(0, equal);
    const std::string_view value =
        equal == std::string_view::npos ? std::string_view() : line.substr(equal + 1);
    if (name == "Tree" || name == "end of trees") {
      const bool good = judge();
      tree_ = {};
      leaves_ = 0;
      tree_.features = features_;
      return good && name == "Tree";
    }
    if (name == "max_feature_idx") features_ = number_of(value) + 1;
    if (name == "num_leaves") leaves_ = number_of(value);
    if (name == "left_child") tree_.left = numbers(value);
    if (name == "right_child") tree_.right = numbers(value);
    if (name == "split_feature") tree_.feature = numbers(value);
    return true;
  }

  bool judge() {
    std::string fault = tree_fault(tree_, LeafForm::kBelow);
    const auto nodes = static_cast<std::int64_t>(tree_.left.size());
    if (fault.empty() && nodes != 0 && leaves_ != nodes + 1)
      fault = fmt::format("a tree of {} nodes has {} leaves", nodes, leaves_);
    if (fault.empty()) return true;
    report_.add_fault("LightGBM", fault);
    return false;
  }

 private:
  ExchangeReport& report_;
  TreeArrays tree_;
  std::int64_t leaves_ = 0;
  std::int64_t features_ = 0;
};

}  // namespace

Claim judge_lightgbm(std::string_view bytes, ExchangeReport& report) {
  if (!bytes.starts_with("tree\n") && !bytes.starts_with("tree\r\n")) return Claim::kOther;
  if (bytes.substr(0, 64).find("version=v") == std::string_view::npos) return Claim::kOther;
  LightgbmJudge judge(report);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!judge.line(line)) return Claim::kShared;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  judge.judge();
  return Claim::kShared;
}

}  // namespace vedette::scan::models
