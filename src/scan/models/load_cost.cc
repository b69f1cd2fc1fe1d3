// SPDX-License-Identifier: Apache-2.0
#include "scan/models/load_cost.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace vedette::scan::models {
namespace {

using formats::models::kUnknownValue;
using formats::models::Value;
using formats::models::ValueGraph;
using formats::models::ValueId;
using formats::models::ValueKind;

constexpr std::int64_t kMuch = std::int64_t{1} << 30;
constexpr std::size_t kGraphMax = 100'000;
constexpr std::uint64_t kUnfoldedMin = std::uint64_t{1} << 30;
constexpr std::uint64_t kUnfoldedRatio = std::uint64_t{1} << 16;
constexpr std::uint64_t kFull = std::numeric_limits<std::uint64_t>::max();

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

// Numbers that do not fit have their digits, or a word, as text.
bool is_large(const Value& value) {
  constexpr std::size_t kDigitsMax = 18;
  return value.kind == ValueKind::kInteger &&
         (value.number >= kMuch || value.text == "<long>" || value.text.size() > kDigitsMax);
}

bool is_container(const Value& value) {
  return value.kind == ValueKind::kTuple || value.kind == ValueKind::kList ||
         value.kind == ValueKind::kDictionary || value.kind == ValueKind::kSet;
}

// Parts of each container, each as often as it is reached.
class Unfolding {
 public:
  explicit Unfolding(const ValueGraph& graph) : graph_(graph), sizes_(graph.size(), 0) {}

  ValueId find() {
    for (ValueId id = 1; id < sizes_.size(); ++id) parts_ += graph_[id].parts.size();
    for (ValueId id = 1; id < sizes_.size(); ++id) {
      if (!is_container(graph_[id])) continue;
      const std::uint64_t size = measure(id);
      if (size >= kUnfoldedMin && size / kUnfoldedRatio >= parts_) return id;
    }
    return kUnknownValue;
  }

 private:
  // Nothing that holds itself is counted there again.
  std::uint64_t measure(ValueId root) {
    std::vector<std::pair<ValueId, std::size_t>> open;  // and its next part
    if (begin(root)) open.emplace_back(root, 0);
    while (!open.empty()) {
      auto& [id, next] = open.back();
      const std::vector<ValueId>& parts = graph_[id].parts;
      if (next < parts.size()) {
        const ValueId part = parts[next++];
        if (part < sizes_.size() && is_container(graph_[part]) && begin(part))
          open.emplace_back(part, 0);
        continue;
      }
      std::uint64_t size = 1;
      for (const ValueId part : parts) {
        const std::uint64_t add =
            part < sizes_.size() && is_container(graph_[part]) ? sizes_[part] : 1;
        size = add > kFull - size ? kFull : size + add;
      }
      sizes_[id] = size;
      open.pop_back();
    }
    return sizes_[root];
  }

  // False where it is measured or being measured.
  bool begin(ValueId id) {
    if (sizes_[id] != 0) return false;
    sizes_[id] = 1;
    return true;
  }

  const ValueGraph& graph_;
  std::vector<std::uint64_t> sizes_;  // 0: not begun
  std::uint64_t parts_ = 0;
};

}  // namespace

bool makes_much(const ValueGraph& graph, const Value& call, std::string_view callee) {
  const Value& arguments = graph[call.parts[1]];
  const bool is_sized =
      is_one_of(callee, {"builtins.bytearray", "builtins.bytes", "builtins.pow", "operator.mul",
                         "operator.imul", "operator.pow", "operator.ipow", "operator.lshift",
                         "numpy.zeros", "numpy.ones", "numpy.empty"});
  const bool goes_through =
      is_one_of(callee, {"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset",
                         "builtins.sorted", "builtins.sum", "builtins.max", "builtins.min",
                         "collections.deque", "array.array"});
  return std::ranges::any_of(arguments.parts, [&](ValueId id) {
    const Value& value = graph[id];
    if (is_sized && is_large(value)) return true;
    if (!goes_through || value.kind != ValueKind::kCall) return false;
    const Value& maker = graph[value.parts[0]];
    if (maker.kind != ValueKind::kGlobal || !is_one_of(maker.name, {"range", "xrange", "repeat"}))
      return false;
    return std::ranges::any_of(graph[value.parts[1]].parts,
                               [&graph](ValueId part) { return is_large(graph[part]); });
  });
}

ValueId find_unfolding(const ValueGraph& graph) {
  if (graph.size() > kGraphMax) return kUnknownValue;
  return Unfolding(graph).find();
}

}  // namespace vedette::scan::models
