// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <utility>

#include "formats/models/protobuf.h"
#include "scan/models/document_judge.h"
#include "scan/models/place.h"
#include "scan/models/tensorflow_operations.h"

namespace vedette::scan::models {
namespace {

using formats::models::protobuf_bytes;
using formats::models::ProtobufField;
using formats::models::ProtobufReader;

constexpr std::size_t kNameMax = 256;  // of an operation

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '>' || c == '/' || c == '-' || c == ':';
  });
}

// Whether it leads out of the folder that it is taken from, by either kind of slash.
bool leads_out(std::string_view place) {
  if (place.starts_with('/') || place.starts_with('\\') || (place.size() > 1 && place[1] == ':') ||
      place.find("://") != std::string_view::npos)
    return true;
  return climbs_out(place);
}

// Of a tensor that lies in another file (onnx.proto3, TensorProto.external_data).
bool is_external_key(std::string_view key) {
  constexpr auto kKeys =
      std::to_array<std::string_view>({"location", "offset", "length", "checksum", "basepath"});
  // ONNX Runtime keeps what it has packed beforehand, too.
  return std::ranges::find(kKeys, key) != kKeys.end() || key.starts_with("prepacked");
}

bool is_count(std::string_view text) {
  constexpr std::size_t kDigitsMax = 18;
  return !text.empty() && text.size() <= kDigitsMax &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Messages of one kind lie in messages of another; which field of which holds what, as the .proto
// files say.
enum class Message : std::uint8_t {
  // onnx.proto3
  kOnnxModel,
  kOnnxGraph,
  kOnnxNode,
  kOnnxAttribute,
  kOnnxTensor,
  kOnnxSparseTensor,
  kOnnxFunction,
  kOnnxTraining,
  // tensorflow/core/protobuf/saved_model.proto, meta_graph.proto, framework/graph.proto
  kSavedModel,
  kMetaGraph,
  kGraph,
  kNode,
  kLibrary,
  kFunction,
};

struct Part {
  Message outer;
  std::uint32_t field;
  Message inner;
};
constexpr auto kParts = std::to_array<Part>({
    {Message::kOnnxModel, 7, Message::kOnnxGraph},
    {Message::kOnnxModel, 20, Message::kOnnxTraining},
    {Message::kOnnxModel, 25, Message::kOnnxFunction},
    {Message::kOnnxTraining, 1, Message::kOnnxGraph},
    {Message::kOnnxTraining, 2, Message::kOnnxGraph},
    {Message::kOnnxGraph, 1, Message::kOnnxNode},
    {Message::kOnnxGraph, 5, Message::kOnnxTensor},
    {Message::kOnnxGraph, 15, Message::kOnnxSparseTensor},
    {Message::kOnnxNode, 5, Message::kOnnxAttribute},
    {Message::kOnnxFunction, 7, Message::kOnnxNode},
    {Message::kOnnxAttribute, 5, Message::kOnnxTensor},
    {Message::kOnnxAttribute, 6, Message::kOnnxGraph},
    {Message::kOnnxAttribute, 10, Message::kOnnxTensor},
    {Message::kOnnxAttribute, 11, Message::kOnnxGraph},
    {Message::kOnnxAttribute, 22, Message::kOnnxSparseTensor},
    {Message::kOnnxSparseTensor, 1, Message::kOnnxTensor},
    {Message::kOnnxSparseTensor, 2, Message::kOnnxTensor},
    {Message::kSavedModel, 2, Message::kMetaGraph},
    {Message::kMetaGraph, 2, Message::kGraph},
    {Message::kGraph, 1, Message::kNode},
    {Message::kGraph, 2, Message::kLibrary},
    {Message::kLibrary, 1, Message::kFunction},
    {Message::kFunction, 3, Message::kNode},
});

class Graph {
 public:
  Graph(const ModelRules& rules, std::string_view path, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  // op: "PyFunc"
  void walk_text(std::string_view text) {
    constexpr std::string_view kKey = "op:";
    for (std::size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at)) {
      at += kKey.size();
      const std::size_t begin = text.find_first_not_of(" \t", at);
      if (begin == std::string_view::npos || (text[begin] != '"' && text[begin] != '\'')) continue;
      const std::size_t end = text.find(text[begin], begin + 1);
      if (end == std::string_view::npos) return;
      judge_operation(text.substr(begin + 1, end - begin - 1));
    }
  }

  // False where there are more messages than are looked at. No recursion: what waits is a list.
  bool walk(Message root, std::string_view bytes) {
    std::vector<std::pair<Message, std::string_view>> waiting = {{root, bytes}};
    std::size_t count = 0;
    while (!waiting.empty()) {
      const auto [message, content] = waiting.back();
      waiting.pop_back();
      if (++count > kGraphMessagesMax) return false;
      judge(message, content);
      ProtobufReader reader(content);
      ProtobufField field;
      while (reader.next(field)) {
        if (field.wire != ProtobufField::Wire::kBytes) continue;
        for (const Part& part : kParts) {
          if (part.outer == message && part.field == field.number)
            waiting.emplace_back(part.inner, field.bytes);
        }
      }
    }
    return true;
  }

 private:
  void report(ModelRule rule, std::string_view call, std::string message) {
    add_finding(rules_[rule], path_, std::string(call), std::move(message), findings_);
  }

  void judge(Message message, std::string_view content) {
    if (message == Message::kOnnxNode) judge_onnx_node(content);
    if (message == Message::kOnnxTensor) judge_onnx_tensor(content);
    if (message == Message::kNode) {
      judge_operation(protobuf_bytes(content, 2));
      if (protobuf_bytes(content, 2) == "PrintV2") judge_print(content);
    }
  }

  // tf.print() writes to the standard error, or to the file that an attribute names.
  void judge_print(std::string_view content) {
    constexpr std::string_view kFile = "file://";
    ProtobufReader reader(content);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.number != 5 || field.wire != ProtobufField::Wire::kBytes) continue;
      if (protobuf_bytes(field.bytes, 1) != "output_stream") continue;
      const std::string_view stream = protobuf_bytes(protobuf_bytes(field.bytes, 2), 2);
      if (!stream.starts_with(kFile)) continue;
      const std::string_view place = stream.substr(kFile.size(), kValueMax);
      report(ModelRule::kChangesFiles, place,
             fmt::format("Running the graph writes to {} (operation PrintV2)", place));
    }
  }

  void judge_operation(std::string_view name) {
    if (const TensorflowOperation* operation = find_tensorflow_operation(name)) {
      report(operation->rule, name,
             fmt::format("Running the graph {} (operation {})", operation->does, name));
    }
  }

  void judge_onnx_node(std::string_view content) {
    const std::string_view name = protobuf_bytes(content, 4);
    for (const std::string_view code : {"PyOp", "PythonOp", "PyCustomOp", "PyFunc"}) {
      if (name == code)
        report(ModelRule::kRunsCode, name,
               fmt::format("Running the graph calls Python code (operation {})", name));
    }
    if (name == "EPContext") judge_context(content);
  }

  // ONNX Runtime's nodes for what a device's library compiled: that lies in a file of its own,
  // which has to stay beside the model, or in the attribute.
  void judge_context(std::string_view node) {
    ProtobufReader reader(node);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.number != 5 || field.wire != ProtobufField::Wire::kBytes) continue;
      if (protobuf_bytes(field.bytes, 1) != "ep_cache_context") continue;
      const std::string_view place = protobuf_bytes(field.bytes, 4);
      if (place.size() > 1024 || place.find('\0') != std::string_view::npos || !leads_out(place))
        continue;
      report(ModelRule::kLoadsCode, place,
             fmt::format("Loading gives {}, outside of the model's folder, to a device's library",
                         place));
    }
  }

  // external_data is a list of keys and values; "location" is a path that has to stay beside the
  // model, and the library sets any other key as an attribute of its own object.
  void judge_onnx_tensor(std::string_view content) {
    judge_onnx_size(content);
    ProtobufReader reader(content);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.number != 13 || field.wire != ProtobufField::Wire::kBytes) continue;
      const std::string_view key = protobuf_bytes(field.bytes, 1);
      const std::string_view value = protobuf_bytes(field.bytes, 2).substr(0, kValueMax);
      if (key == "location" && leads_out(value)) {
        report(ModelRule::kReadsFiles, value,
               fmt::format("The model reads tensors from {}, outside of its folder "
                           "(CVE-2022-25882, CVE-2024-27318)",
                           value));
      } else if (key == "location" && value.contains('\0')) {
        // A loader in C reads the name up to there.
        report(ModelRule::kBroken, "location",
               "The file breaks the rules of ONNX: the place of a tensor's data holds a zero");
      } else if ((key == "offset" || key == "length") && !is_count(value)) {
        report(ModelRule::kBroken, value,
               fmt::format("The file breaks the rules of ONNX: the {} of a tensor's data is {}",
                           key, value));
      } else if (!is_external_key(key)) {
        const std::string_view shown = key.substr(0, kNameMax);
        report(ModelRule::kIndirectCall, shown,
               fmt::format("A tensor's place in another file sets {}, which is none of ONNX' keys "
                           "(CVE-2026-34445)",
                           shown));
      }
    }
  }

  // The library takes as many numbers from raw_data as the shape says, and writers write as many.
  void judge_onnx_size(std::string_view content) {
    // Bits of an element by TensorProto.DataType; 0 for texts and what is unknown.
    constexpr std::array<std::uint8_t, 17> kBits = {0, 32, 8,  8,  16, 16, 32,  64, 0,
                                                    8, 16, 64, 32, 64, 64, 128, 16};
    ProtobufReader reader(content);
    ProtobufField field;
    std::uint64_t bits = 0;
    std::uint64_t elements = 1;
    std::size_t raw = 0;
    bool is_raw = false;
    const auto multiply = [&elements](std::uint64_t size) {
      constexpr std::uint64_t kElementsMax = std::uint64_t{1} << 48;
      elements = size != 0 && elements > kElementsMax / size ? kElementsMax : elements * size;
    };
    while (reader.next(field)) {
      const bool is_number = field.wire == ProtobufField::Wire::kNumber;
      if (field.number == 1 && is_number) multiply(field.value);
      if (field.number == 1 && !is_number) {  // all of them packed
        for (std::size_t at = 0; at < field.bytes.size();) multiply(packed_number(field.bytes, at));
      }
      if (field.number == 2 && is_number)
        bits = field.value < kBits.size() ? kBits[field.value] : 0;
      if (field.number == 9 && !is_number) {
        is_raw = true;
        raw = field.bytes.size();
      }
    }
    if (!is_raw || bits == 0 || elements * bits / 8 == raw) return;
    report(ModelRule::kBroken, "raw_data",
           fmt::format("The file breaks the rules of ONNX: a tensor of {} numbers has {} bytes "
                       "(CVE-2024-27319)",
                       elements, raw));
  }

  static std::uint64_t packed_number(std::string_view bytes, std::size_t& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < bytes.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    return value;
  }

  static constexpr std::size_t kValueMax = 1024;

  const ModelRules& rules_;
  std::string_view path_;
  std::vector<event::Finding>& findings_;
};

// Which kind of graph it is by what its outermost fields are. All of them are gone through, which
// costs nothing: what is in them is skipped.
bool is_onnx(std::string_view bytes) {
  constexpr std::uint64_t kVersionMax = 100;
  bool version = false;
  bool graph = false;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == 1)
      version = field.wire == ProtobufField::Wire::kNumber && field.value <= kVersionMax;
    if (field.number == 7) graph = field.wire == ProtobufField::Wire::kBytes;
    constexpr std::array<std::uint32_t, 11> kKnown = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25};
    if (std::ranges::find(kKnown, field.number) == kKnown.end() && field.number > 40) return false;
  }
  return reader.good() && version && graph;
}

// A graph whose first node has an operation with a name.
bool is_graph(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  bool node = false;
  while (reader.next(field)) {
    if (field.number > 10) return false;
    if (node || field.number != 1) continue;
    if (field.wire != ProtobufField::Wire::kBytes ||
        !is_identifier(protobuf_bytes(field.bytes, 2)) ||
        !is_identifier(protobuf_bytes(field.bytes, 1)))
      return false;
    node = true;
  }
  return reader.good() && node;
}

bool is_meta_graph(std::string_view bytes) {
  const std::string_view graph = protobuf_bytes(bytes, 2);
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number > 20) return false;
  }
  return reader.good() && is_graph(graph);
}

bool is_saved_model(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  bool meta = false;
  while (reader.next(field)) {
    if (field.number > 2) return false;
    if (field.number == 1 && field.wire != ProtobufField::Wire::kNumber) return false;
    if (field.number == 2) meta = meta || is_meta_graph(field.bytes);
  }
  return reader.good() && meta;
}

}  // namespace

void judge_graph_text(const ModelRules& rules, std::string_view path, std::string_view text,
                      std::vector<event::Finding>& findings) {
  Graph(rules, path, findings).walk_text(text);
}

BinaryVerdict judge_graph(const ModelRules& rules, std::string_view path, std::string_view bytes,
                          std::vector<event::Finding>& findings) {
  if (bytes.size() < 8) return BinaryVerdict::kOther;
  const auto first = static_cast<unsigned char>(bytes[0]);
  // The tags of fields 1 and 2: everything else is left alone without a look.
  if (first != 0x08 && first != 0x0A && first != 0x12) return BinaryVerdict::kOther;
  struct Kind {
    Message root;
    bool (*is_it)(std::string_view bytes);
  };
  constexpr auto kKinds = std::to_array<Kind>({{Message::kOnnxModel, is_onnx},
                                               {Message::kSavedModel, is_saved_model},
                                               {Message::kMetaGraph, is_meta_graph},
                                               {Message::kGraph, is_graph}});
  for (const Kind& kind : kKinds) {
    if (!kind.is_it(bytes)) continue;
    return Graph(rules, path, findings).walk(kind.root, bytes) ? BinaryVerdict::kJudged
                                                               : BinaryVerdict::kJudgedInPart;
  }
  return BinaryVerdict::kOther;
}

}  // namespace vedette::scan::models
