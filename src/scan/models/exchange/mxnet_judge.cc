// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <initializer_list>

#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using formats::packages::Member;
using formats::packages::Node;

struct Operation {
  std::string_view name;
  std::string_view attribute;
  std::string_view does;
};
// native_op-inl.h and ndarray_op-inl.h read the text as a pointer and call what it points to while
// the graph is read; plugin/torch/torch_module-inl.h and torch_criterion-inl.h run the text.
constexpr auto kOperations = std::to_array<Operation>({
    {"_Native", "info", "calls functions at an address that the file gives"},
    {"_NDArray", "info", "calls functions at an address that the file gives"},
    {"TorchModule", "lua_string", "runs Lua code of the file"},
    {"TorchCriterion", "lua_string", "runs Lua code of the file"},
});

// Arrays as ndarray.cc stores them.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view bytes) : bytes_(bytes) {}

  // Empty: nothing is wrong, or it is of a kind that is not known here.
  std::string fault() {
    at_ = 16;  // behind the mark and what is reserved
    const std::uint64_t count = number(8);
    for (std::uint64_t i = 0; i < count && fault_.empty() && is_known_; ++i) read_array();
    if (!is_known_ || !fault_.empty()) return fault_;
    const std::uint64_t names = number(8);
    for (std::uint64_t i = 0; i < names && fault_.empty(); ++i) take(number(8));
    if (fault_.empty() && names != 0 && names != count)
      return fmt::format("{} arrays have {} names", count, names);
    return fault_;
  }

 private:
  void take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      fault_ = "an array or its name is longer than the file";
    } else {
      at_ += static_cast<std::size_t>(size);
    }
  }

  std::uint64_t number(std::size_t size) {
    if (size > bytes_.size() - at_) {
      fault_ = "it ends within an array";
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += size;
    return value;
  }

  void read_array() {
    const std::uint64_t mark = number(4);
    if (mark == 0xF993FAC9 || mark == 0xF993FACA) {
      // Arrays that are stored sparsely have more shapes.
      if (number(4) != 0) is_known_ = false;
    }
    if (!is_known_ || !fault_.empty()) return;
    // Before there were marks the count of dimensions stood there, and they took four bytes each.
    const bool is_old = mark < 0xF993FAC8;
    const std::uint64_t dimensions = is_old ? mark : number(4);
    constexpr std::uint64_t kNotSet = 0xFFFFFFFF;
    if (dimensions == kNotSet || (dimensions == 0 && mark != 0xF993FACA)) return;
    constexpr std::uint64_t kDimensionsMax = 64;
    if (dimensions > kDimensionsMax) {
      fault_ = fmt::format("an array has {} dimensions", dimensions);
      return;
    }
    std::uint64_t elements = 1;
    for (std::uint64_t i = 0; i < dimensions && fault_.empty(); ++i) {
      const std::uint64_t size = number(is_old ? 4 : 8);
      if (size != 0 && elements > (1ULL << 56) / size) fault_ = "the shape of an array overflows";
      if (fault_.empty()) elements *= size;
    }
    if (fault_.empty()) number(8);  // of which processor
    // float32, float64, float16, uint8, int32, int8, int64, bool, int16 … bfloat16 (mshadow).
    constexpr std::array<std::uint8_t, 13> kSizes = {4, 8, 2, 1, 4, 1, 8, 1, 2, 2, 4, 8, 2};
    const std::uint64_t type = fault_.empty() ? number(4) : 0;
    constexpr std::uint64_t kTypesMax = 100;  // far more than there will be
    if (type > kTypesMax) {
      fault_ = fmt::format("an array has type {}", type);
    } else if (type >= kSizes.size()) {
      is_known_ = false;
    } else if (fault_.empty()) {
      take(elements * kSizes[static_cast<std::size_t>(type)]);
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string fault_;
  bool is_known_ = true;
};

}  // namespace

// The mark of lists of arrays (.params) is 0x112, in eight bytes as the next, which are reserved.
Claim judge_mxnet_arrays(std::string_view bytes, ExchangeReport& report) {
  using std::string_view_literals::operator""sv;
  if (!bytes.starts_with("\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv)) return Claim::kOther;
  if (const std::string fault = ArrayReader(bytes).fault(); !fault.empty())
    report.add_fault("MXNet's arrays", fault);
  return Claim::kWhole;
}

// A graph of symbols (…-symbol.json): nodes with operations, whose settings stand under one of
// three names, by the version.
void judge_mxnet_graph(const Node& root, ExchangeReport& report) {
  if (!root["nodes"].is_list()) return;
  for (const Member& node : root["nodes"].members) {
    const std::string_view name = node.value["op"].text;
    const auto* const operation = std::ranges::find(kOperations, name, &Operation::name);
    if (operation == kOperations.end()) continue;
    for (const std::string_view settings : {"attrs", "attr", "param"}) {
      const std::string_view value = node.value[settings][operation->attribute].text;
      if (value.empty()) continue;
      report.add(ModelRule::kRunsCode, fmt::format("{}({})", name, shown(value)),
                 fmt::format("Loading the graph {}: {} (operation {})", operation->does,
                             shown(value), name));
    }
  }
}

}  // namespace vedette::scan::models
