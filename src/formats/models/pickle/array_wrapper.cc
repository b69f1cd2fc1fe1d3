// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/array_wrapper.h"

#include <charconv>

namespace vedette::formats::models {
namespace {

// The size of one element by the text that numpy.dtype() is given: "f8", "<i4", "U12", "O8", "b1".
std::optional<std::uint64_t> element_size(std::string_view code) {
  if (!code.empty() &&
      (code.front() == '<' || code.front() == '>' || code.front() == '|' || code.front() == '=')) {
    code.remove_prefix(1);
  }
  if (code.size() < 2) return code == "?" ? std::optional<std::uint64_t>(1) : std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), size);
  if (error != std::errc() || size > (1U << 20)) return std::nullopt;
  if (code.front() == 'U') size *= 4;
  // datetime64 and timedelta64: "M8", with the unit behind.
  return size;
}

}  // namespace

ValueId entry_of(const ValueGraph& graph, ValueId dictionary, std::string_view key) {
  const Value& value = graph[dictionary];
  if (value.kind != ValueKind::kDictionary) return kUnknownValue;
  for (std::size_t i = 0; i + 1 < value.parts.size(); i += 2) {
    const Value& name = graph[value.parts[i]];
    if (name.kind == ValueKind::kString && name.text == key) return value.parts[i + 1];
  }
  return kUnknownValue;
}

bool is_array_wrapper(std::string_view module, std::string_view name) {
  return name == "NumpyArrayWrapper" && module.ends_with("numpy_pickle");
}

bool is_array_wrapper(const ValueGraph& graph, ValueId object) {
  const Value& made = graph[object];
  if (made.kind != ValueKind::kCall) return false;
  const Value& type = graph[made.parts[0]];
  return type.kind == ValueKind::kGlobal && is_array_wrapper(type.text, type.name);
}

std::optional<RawArray> raw_array_of(const ValueGraph& graph, ValueId wrapper, ValueId state) {
  if (!is_array_wrapper(graph, wrapper)) return std::nullopt;
  const Value& dtype = graph[entry_of(graph, state, "dtype")];
  if (dtype.kind != ValueKind::kCall) return std::nullopt;
  const Value& arguments = graph[dtype.parts[1]];
  if (arguments.kind != ValueKind::kTuple || arguments.parts.empty()) return std::nullopt;
  const Value& code = graph[arguments.parts[0]];
  if (code.kind != ValueKind::kString) return std::nullopt;
  RawArray array;
  array.is_objects = code.text.find('O') != std::string_view::npos;
  const std::optional<std::uint64_t> size = element_size(code.text);
  const Value& shape = graph[entry_of(graph, state, "shape")];
  if (!size || shape.kind != ValueKind::kTuple) return std::nullopt;
  array.size = *size;
  for (const ValueId part : shape.parts) {
    const Value& dimension = graph[part];
    if (dimension.kind != ValueKind::kInteger || dimension.number < 0 ||
        __builtin_mul_overflow(array.size, static_cast<std::uint64_t>(dimension.number),
                               &array.size)) {
      return std::nullopt;
    }
  }
  const ValueId padding = entry_of(graph, state, "numpy_array_alignment_bytes");
  array.has_padding = graph[padding].kind == ValueKind::kInteger;
  return array;
}

}  // namespace vedette::formats::models
