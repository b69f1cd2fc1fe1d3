// SPDX-License-Identifier: Apache-2.0
#include "formats/models/exchange/tflite.h"

#include <algorithm>
#include <fmt/format.h>

#include "formats/models/exchange/flatbuffer.h"
#include "formats/models/protobuf.h"

namespace vedette::formats::models {
namespace {

// Places of fields in schema.fbs.
namespace model {
constexpr std::uint16_t kOperatorCodes = 1;
constexpr std::uint16_t kSubgraphs = 2;
constexpr std::uint16_t kBuffers = 4;
constexpr std::uint16_t kMetadata = 6;
}  // namespace model
namespace operator_code {
constexpr std::uint16_t kDeprecatedBuiltin = 0;
constexpr std::uint16_t kCustom = 1;
constexpr std::uint16_t kBuiltin = 3;
constexpr std::uint64_t kCustomOperation = 32;  // BuiltinOperator.CUSTOM
}  // namespace operator_code
namespace subgraph {
constexpr std::uint16_t kTensors = 0;
constexpr std::uint16_t kInputs = 1;
constexpr std::uint16_t kOutputs = 2;
constexpr std::uint16_t kOperators = 3;
}  // namespace subgraph
namespace operation {
constexpr std::uint16_t kCode = 0;
constexpr std::uint16_t kInputs = 1;
constexpr std::uint16_t kOutputs = 2;
constexpr std::uint16_t kCustomOptions = 5;
constexpr std::uint16_t kLargeOptionsOffset = 9;
constexpr std::uint16_t kLargeOptionsSize = 10;
}  // namespace operation
constexpr std::uint16_t kTensorBuffer = 2;
namespace buffer {
constexpr std::uint16_t kData = 0;
constexpr std::uint16_t kOffset = 1;
constexpr std::uint16_t kSize = 2;
}  // namespace buffer
namespace metadata {
constexpr std::uint16_t kName = 0;
constexpr std::uint16_t kBuffer = 1;
}  // namespace metadata

class TfliteReader {
 public:
  explicit TfliteReader(std::string_view bytes) : bytes_(bytes), flat_(bytes) {}

  TfliteModel read() {
    root_ = flat_.root();
    buffers_ = root_.count(model::kBuffers);
    read_codes();
    read_buffers();
    const std::size_t subgraphs = root_.count(model::kSubgraphs);
    for (std::size_t i = 0; i < subgraphs && spend(); ++i)
      read_subgraph(root_.table_of(model::kSubgraphs, i));
    read_metadata();
    if (flat_.is_damaged()) fault("a table, list or text lies outside of the file");
    return std::move(out_);
  }

 private:
  bool spend(std::size_t count = 1) {
    spent_ += count;
    out_.is_cut = out_.is_cut || spent_ > TfliteModel::kEntriesMax;
    return !out_.is_cut;
  }

  void fault(std::string text) {
    if (out_.faults.size() < TfliteModel::kFaultsMax &&
        std::ranges::find(out_.faults, text) == out_.faults.end())
      out_.faults.push_back(std::move(text));
  }

  // For each code its place in `custom`; kNone for operations of TensorFlow Lite's own.
  void read_codes() {
    const std::size_t count = root_.count(model::kOperatorCodes);
    for (std::size_t i = 0; i < count && spend(); ++i) {
      const FlatTable code = root_.table_of(model::kOperatorCodes, i);
      const std::uint64_t builtin = std::max(code.number(operator_code::kDeprecatedBuiltin, 1),
                                             code.number(operator_code::kBuiltin, 4));
      codes_.push_back(kNone);
      if (builtin != operator_code::kCustomOperation) continue;
      if (out_.custom.size() >= TfliteModel::kCustomMax) {
        out_.is_cut = true;
        return;
      }
      codes_.back() = out_.custom.size();
      out_.custom.push_back({code.text(operator_code::kCustom), {}, 0});
    }
  }

  // What is larger than 2 GB stands behind the FlatBuffer; 0 and 1 say that it does not.
  bool lies_outside(std::uint64_t offset, std::uint64_t size) const {
    return offset > 1 && (offset > bytes_.size() || size > bytes_.size() - offset);
  }

  void read_buffers() {
    for (std::size_t i = 0; i < buffers_ && spend(); ++i) {
      const FlatTable one = root_.table_of(model::kBuffers, i);
      one.vector(buffer::kData, 1);
      const std::uint64_t offset = one.number(buffer::kOffset, 8);
      const std::uint64_t size = one.number(buffer::kSize, 8);
      if (lies_outside(offset, size))
        fault(fmt::format("buffer {} ({} bytes at {}) lies outside of the file", i, size, offset));
    }
  }

  void read_subgraph(const FlatTable& graph) {
    const std::size_t tensors = graph.count(subgraph::kTensors);
    for (std::size_t i = 0; i < tensors && spend(); ++i) {
      const std::uint64_t at = graph.table_of(subgraph::kTensors, i).number(kTensorBuffer, 4);
      if (at >= buffers_ && at != 0)
        fault(fmt::format("a tensor is in buffer {} of {}", at, buffers_));
    }
    check_tensors(graph.vector(subgraph::kInputs, 4), tensors);
    check_tensors(graph.vector(subgraph::kOutputs, 4), tensors);
    const std::size_t operators = graph.count(subgraph::kOperators);
    for (std::size_t i = 0; i < operators && spend(); ++i)
      read_operator(graph.table_of(subgraph::kOperators, i), tensors);
  }

  // -1 stands for an input that was left out.
  void check_tensors(std::string_view numbers, std::size_t tensors) {
    if (!spend(numbers.size() / 4)) return;
    for (std::size_t at = 0; at < numbers.size(); at += 4) {
      const auto index =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(FlatBuffer::number(numbers, at, 4)));
      if (index < -1 || (index >= 0 && static_cast<std::size_t>(index) >= tensors))
        return fault(fmt::format("an operator uses tensor {} of {}", index, tensors));
    }
  }

  void read_operator(const FlatTable& one, std::size_t tensors) {
    if (!one.exists()) return;
    ++out_.operators;
    check_tensors(one.vector(operation::kInputs, 4), tensors);
    check_tensors(one.vector(operation::kOutputs, 4), tensors);
    const std::uint64_t code = one.number(operation::kCode, 4);
    if (code >= codes_.size())
      return fault(fmt::format("an operator is operation {} of {}", code, codes_.size()));
    std::string_view options = one.vector(operation::kCustomOptions, 1);
    const std::uint64_t offset = one.number(operation::kLargeOptionsOffset, 8);
    const std::uint64_t size = one.number(operation::kLargeOptionsSize, 8);
    if (lies_outside(offset, size)) {
      fault("options of an operator lie outside of the file");
    } else if (offset > 1) {
      options = bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
    }
    const std::size_t place = codes_[static_cast<std::size_t>(code)];
    if (place != kNone) read_custom(out_.custom[place], options);
  }

  static void read_custom(TfliteModel::Custom& custom, std::string_view options) {
    ++custom.uses;
    const auto note = [&](std::string_view name) {
      constexpr std::size_t kNamesMax = 64;
      if (!name.empty() && custom.tensorflow.size() < kNamesMax &&
          std::ranges::find(custom.tensorflow, name) == custom.tensorflow.end())
        custom.tensorflow.push_back(name);
    };
    if (!custom.name.starts_with("Flex")) return;
    const std::vector<std::string_view> texts = flexbuffer_texts(options);
    if (texts.empty()) return;
    note(texts[0]);
    // NodeDef.op (tensorflow/core/framework/node_def.proto).
    if (texts.size() > 1) note(protobuf_bytes(texts[1], 2));
  }

  void read_metadata() {
    const std::size_t count = root_.count(model::kMetadata);
    for (std::size_t i = 0; i < count && spend(); ++i) {
      const FlatTable one = root_.table_of(model::kMetadata, i);
      const std::uint64_t at = one.number(metadata::kBuffer, 4);
      if (at >= buffers_) {
        fault(fmt::format("metadata is in buffer {} of {}", at, buffers_));
        continue;
      }
      const FlatTable place = root_.table_of(model::kBuffers, static_cast<std::size_t>(at));
      std::string_view content = place.vector(buffer::kData, 1);
      const std::uint64_t offset = place.number(buffer::kOffset, 8);
      const std::uint64_t size = place.number(buffer::kSize, 8);
      if (offset > 1 && !lies_outside(offset, size))
        content = bytes_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
      out_.metadata.emplace_back(one.text(metadata::kName), content);
    }
  }

  static constexpr std::size_t kNone = ~std::size_t{0};

  std::string_view bytes_;
  FlatBuffer flat_;
  FlatTable root_;
  std::size_t buffers_ = 0;
  std::vector<std::size_t> codes_;
  std::size_t spent_ = 0;
  TfliteModel out_;
};

}  // namespace

bool is_tflite(std::string_view bytes) { return bytes.size() > 8 && bytes.substr(4, 4) == "TFL3"; }

TfliteModel read_tflite(std::string_view bytes) { return TfliteReader(bytes).read(); }

// Read from its end: the width of the root, its type (six bits) and the width of what it holds
// (two), before them the root, an offset backwards (FlexBuffers in FlatBuffers' "Internals").
std::vector<std::string_view> flexbuffer_texts(std::string_view bytes) {
  constexpr std::uint64_t kVector = 10;
  constexpr std::uint64_t kText = 5;
  std::vector<std::string_view> texts;
  const auto number = [bytes](std::size_t at, std::size_t size) {
    return FlatBuffer::number(bytes, at, size);
  };
  if (bytes.size() < 3) return texts;
  const std::uint64_t type = number(bytes.size() - 2, 1);
  const std::uint64_t root_width = number(bytes.size() - 1, 1);
  if (type >> 2 != kVector || root_width == 0 || root_width > 8 || bytes.size() < 2 + root_width)
    return texts;
  const auto root = static_cast<std::size_t>(bytes.size() - 2 - root_width);
  const std::size_t width = std::size_t{1} << (type & 3);
  const std::uint64_t back = number(root, static_cast<std::size_t>(root_width));
  if (back > root || back == 0 || root - back < width) return texts;
  const auto begin = static_cast<std::size_t>(root - back);
  const std::uint64_t count = number(begin - width, width);
  if (count > kFlexTextsMax) return texts;
  const std::size_t types = begin + static_cast<std::size_t>(count) * width;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t kind = number(types + i, 1);
    const std::size_t at = begin + i * width;
    const std::uint64_t offset = number(at, width);
    const std::size_t size_width = std::size_t{1} << (kind & 3);
    if (kind >> 2 != kText || offset == 0 || offset > at || at - offset < size_width) return texts;
    const auto text = static_cast<std::size_t>(at - offset);
    const std::uint64_t size = number(text - size_width, size_width);
    if (size > bytes.size() - text) return texts;
    texts.push_back(bytes.substr(text, static_cast<std::size_t>(size)));
  }
  return texts;
}

}  // namespace vedette::formats::models
