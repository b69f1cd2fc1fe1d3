// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/graph.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <utility>

#include "base/unicode.h"
#include "formats/models/pickle/literal.h"
#include "formats/models/pickle/operation.h"

namespace vedette::formats::models {
namespace {

// Globals that are names of their own; more are told apart no longer.
constexpr std::size_t kGlobalsMax = 50'000;
constexpr std::size_t kNameMax = 4096;

void append_quoted(std::string_view text, char quote, std::size_t size_max, std::string& out) {
  out += quote;
  const bool plain_utf8 = is_utf8(text);
  const std::size_t size = std::min(size_max, text.size());
  for (std::size_t i = 0; i < size; ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == quote || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !plain_utf8)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  // A character that was cut is left out.
  if (plain_utf8 && size < text.size()) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
  }
  if (size < text.size()) out += "…";
  out += quote;
}

class Renderer {
 public:
  Renderer(const ValueGraph& graph, const RenderLimits& limits, std::string& out)
      : graph_(graph), limits_(limits), out_(out) {}

  // Bounded by RenderLimits::depth.
  void value(ValueId id, std::size_t depth) {  // NOLINT(misc-no-recursion)
    if (out_.size() > limits_.total || depth > limits_.depth) {
      out_ += "…";
      return;
    }
    const Value& one = graph_[id];
    switch (one.kind) {
      case ValueKind::kUnknown:
        out_ += "?";
        break;
      case ValueKind::kNone:
        out_ += "None";
        break;
      case ValueKind::kBoolean:
        out_ += one.number != 0 ? "True" : "False";
        break;
      case ValueKind::kInteger:
        out_ += one.text.empty() ? std::to_string(one.number) : std::string(one.text.substr(0, 80));
        break;
      case ValueKind::kFloat:
        out_ += one.text.empty() ? fmt::format("{}", std::bit_cast<double>(one.number))
                                 : std::string(one.text);
        break;
      case ValueKind::kString:
        append_quoted(one.text, '"', limits_.text, out_);
        break;
      case ValueKind::kBytes:
        out_ += 'b';
        append_quoted(one.text, '"', limits_.text, out_);
        break;
      case ValueKind::kGlobal:
        out_ += one.text;
        if (!one.name.empty()) (out_ += '.') += one.name;
        break;
      case ValueKind::kExtension:
        out_ += fmt::format("copyreg.extension({})", one.number);
        break;
      default:
        composed(one, depth);
    }
  }

 private:
  void composed(const Value& one, std::size_t depth) {  // NOLINT(misc-no-recursion)
    switch (one.kind) {
      case ValueKind::kTuple:
        list("(", one.parts, one.parts.size() == 1 ? ",)" : ")", depth);
        break;
      case ValueKind::kList:
        list("[", one.parts, "]", depth);
        break;
      case ValueKind::kSet:
        list("{", one.parts, "}", depth);
        break;
      case ValueKind::kDictionary:
        dictionary(one, depth);
        break;
      case ValueKind::kCall:
        call(one, depth);
        break;
      default:
        list("persistent_load(", one.parts, ")", depth);
    }
  }

  void list(std::string_view open, const std::vector<ValueId>& parts, std::string_view close,
            std::size_t depth) {  // NOLINT(misc-no-recursion)
    out_ += open;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i != 0) out_ += ", ";
      if (i == limits_.parts) {
        out_ += "…";
        break;
      }
      value(parts[i], depth + 1);
    }
    out_ += close;
  }

  void dictionary(const Value& one, std::size_t depth) {  // NOLINT(misc-no-recursion)
    out_ += '{';
    for (std::size_t i = 0; i + 1 < one.parts.size(); i += 2) {
      if (i != 0) out_ += ", ";
      if (i / 2 == limits_.parts) {
        out_ += "…";
        break;
      }
      value(one.parts[i], depth + 1);
      out_ += ": ";
      value(one.parts[i + 1], depth + 1);
    }
    out_ += '}';
  }

  void call(const Value& one, std::size_t depth) {  // NOLINT(misc-no-recursion)
    value(one.parts[0], depth + 1);
    if (one.form == CallForm::kNewObject) out_ += ".__new__";
    const Value& arguments = graph_[one.parts[1]];
    if (arguments.kind == ValueKind::kTuple) {
      list("(", arguments.parts, "", depth);
    } else {
      out_ += "(*";
      value(one.parts[1], depth + 1);
    }
    if (one.parts.size() > 2) {
      out_ += ", **";
      value(one.parts[2], depth + 1);
    }
    out_ += ')';
  }

  const ValueGraph& graph_;
  const RenderLimits& limits_;
  std::string& out_;
};

}  // namespace

ValueGraph::ValueGraph() { values_.emplace_back(); }

ValueId ValueGraph::add(ValueKind kind, std::string_view text, std::uint64_t offset) {
  if (is_full()) return kUnknownValue;
  Value value;
  value.kind = kind;
  value.text = text;
  value.offset = offset;
  values_.push_back(std::move(value));
  return static_cast<ValueId>(values_.size() - 1);
}

ValueId ValueGraph::add_number(ValueKind kind, std::int64_t number, std::uint64_t offset) {
  ValueId* known = nullptr;
  if (kind == ValueKind::kNone) known = &constants_[0];
  if (kind == ValueKind::kBoolean) known = &constants_[number != 0 ? 2 : 1];
  if (kind == ValueKind::kInteger && number >= 0 && number < kSmallMax)
    known = &small_numbers_[static_cast<std::size_t>(number)];
  if (known != nullptr && *known != kUnknownValue) return *known;
  const ValueId id = add(kind, {}, offset);
  if (id != kUnknownValue) values_[id].number = number;
  if (known != nullptr) *known = id;
  return id;
}

ValueId ValueGraph::add_literal(const Operation& operation) {
  if (values_.size() >= kLiteralsMax) return add_late(operation);
  const std::optional<Literal> literal = read_literal(operation);
  if (!literal) return kUnknownValue;
  if (literal->kind == ValueKind::kInteger && literal->text.empty())
    return add_number(literal->kind, literal->number, operation.offset);
  const std::string_view text = literal->made.empty() ? literal->text : keep(literal->made);
  const ValueId id = add(literal->kind, text, operation.offset);
  if (id != kUnknownValue) values_[id].number = literal->number;
  return id;
}

ValueId ValueGraph::add_late(const Operation& operation) {
  if (operation.offset >= kLate) return kUnknownValue;
  const ValueId id = kLate | static_cast<ValueId>(operation.offset);
  if (operation.text.size() >= kLateTextShortest && late_texts_.size() < kLateTextsMax)
    late_texts_.push_back(id);
  return id;
}

Value& ValueGraph::late_value(ValueId id) const {
  LateValue& late = late_[next_late_];
  next_late_ = (next_late_ + 1) % kLateKept;
  late.value = {};
  late.value.offset = id & ~kLate;
  Operation operation;
  if (!OperationReader(source_, late.value.offset).next(operation)) return late.value;
  std::optional<Literal> literal = read_literal(operation);
  if (!literal) return late.value;
  late.value.kind = literal->kind;
  late.value.number = literal->number;
  late.text = std::move(literal->made);
  late.value.text = late.text.empty() ? literal->text : late.text;
  return late.value;
}

ValueId ValueGraph::add_parts(ValueKind kind, std::vector<ValueId> parts, std::uint64_t offset) {
  const ValueId id = add(kind, {}, offset);
  if (id == kUnknownValue) return id;
  const std::size_t room = std::max(kPartsSure, kPartsMax - std::min(kPartsMax, parts_));
  parts.resize(std::min({parts.size(), kPartsKept, room}));
  parts_ += parts.size();
  values_[id].parts = std::move(parts);
  return id;
}

ValueId ValueGraph::add_global(std::string_view module, std::string_view name,
                               std::uint64_t offset) {
  std::string key(module.substr(0, kNameMax));
  (key += '\n') += name.substr(0, kNameMax);
  if (const auto known = globals_.find(key); known != globals_.end()) return known->second;
  if (globals_.size() >= kGlobalsMax) {
    has_lost_globals_ = true;
    return kUnknownValue;
  }
  Value value;
  value.kind = ValueKind::kGlobal;
  value.text = arena_.copy(module.substr(0, kNameMax));
  value.name = arena_.copy(name.substr(0, kNameMax));
  value.offset = offset;
  values_.push_back(std::move(value));
  const auto id = static_cast<ValueId>(values_.size() - 1);
  globals_.emplace(std::move(key), id);
  return id;
}

void ValueGraph::append(ValueId container, ValueId part) {
  if (container == kUnknownValue) return;
  std::vector<ValueId>& parts = values_[container].parts;
  if (parts.size() >= (parts_ < kPartsMax ? kPartsKept : kPartsSure)) return;
  parts.push_back(part);
  ++parts_;
}

std::string_view ValueGraph::keep(std::string_view text) {
  if (text_bytes_ + text.size() > kTextMax) return {};
  text_bytes_ += text.size();
  return arena_.copy(text);
}

std::string render(const ValueGraph& graph, ValueId id, const RenderLimits& limits) {
  std::string out;
  Renderer(graph, limits, out).value(id, 0);
  return out;
}

}  // namespace vedette::formats::models
