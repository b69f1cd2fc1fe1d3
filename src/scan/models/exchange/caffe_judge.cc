// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/models/exchange/protobuf_tree.h"
#include "formats/models/exchange/text_proto.h"
#include "scan/models/callee.h"
#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::protobuf_bytes;
using formats::models::ProtobufField;
using formats::models::ProtobufReader;
using formats::models::TextProtoEvent;
using formats::models::TextProtoReader;

// Fields of NetParameter and LayerParameter in caffe.proto.
constexpr std::uint32_t kNetLayer = 100;
constexpr std::uint32_t kNetLayerV1 = 2;
constexpr std::uint32_t kLayerType = 2;
constexpr std::uint32_t kLayerPython = 130;      // module, layer, param_str
constexpr std::uint32_t kLayerHdf5Output = 113;  // file_name

bool is_word(std::string_view text) {
  constexpr std::size_t kWordMax = 128;
  return !text.empty() && text.size() <= kWordMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Caffe imports the module and calls the layer's name in it while the net is made
// (layer_factory.cpp, GetPythonLayer).
void judge_python(std::string_view module, std::string_view layer, ExchangeReport& report) {
  const std::string name = fmt::format("{}.{}", shown(module), shown(layer));
  const Callee callee = look_up(module, layer);
  if (callee.capability >= Capability::kIndirect) {
    report.add(ModelRule::kRunsCode, name,
               fmt::format("Loading the net imports {} and calls {}, which {}", shown(module),
                           callee.name, to_string(callee.capability)));
    return;
  }
  report.add(ModelRule::kUnknownCall, name,
             fmt::format("Loading the net imports the Python module {} and calls {} of it; a Caffe "
                         "that is built without WITH_PYTHON_LAYER refuses it",
                         shown(module), shown(layer)));
}

void judge_output(std::string_view file, ExchangeReport& report) {
  if (!leads_outside(file)) return;
  report.add(ModelRule::kChangesFiles, shown(file),
             fmt::format("Loading the net writes {}, outside of its folder (layer HDF5Output)",
                         shown(file)));
}

void judge_layer(std::string_view layer, ExchangeReport& report) {
  const std::string_view python = protobuf_bytes(layer, kLayerPython);
  if (protobuf_bytes(layer, kLayerType) == "Python" || !python.empty())
    judge_python(protobuf_bytes(python, 1), protobuf_bytes(python, 2), report);
  judge_output(protobuf_bytes(protobuf_bytes(layer, kLayerHdf5Output), 1), report);
}

// Layers and nothing that a net does not have. A layer of the first kind has its type as a number.
bool is_caffe(std::string_view bytes) {
  constexpr auto kFields = std::to_array<std::uint32_t>({1, 2, 3, 4, 5, 6, 7, 8, 100});
  bool has_layer = false;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (std::ranges::find(kFields, field.number) == kFields.end()) return false;
    const bool is_layer = field.number == kNetLayer || field.number == kNetLayerV1;
    if (!is_layer && field.number != 1) continue;
    if (field.wire != ProtobufField::Wire::kBytes) return false;
    if (field.number == kNetLayer && !is_word(protobuf_bytes(field.bytes, kLayerType)))
      return false;
    // The first field of a graph or a program is a message; a net's is its name.
    if (field.number == 1 && std::ranges::any_of(field.bytes, [](char c) {
          return static_cast<unsigned char>(c) < ' ';
        }))
      return false;
    has_layer = has_layer || field.number == kNetLayer;
  }
  return reader.good() && has_layer;
}

class CaffeText {
 public:
  explicit CaffeText(ExchangeReport& report) : report_(report) {}

  void see(const TextProtoEvent& event, std::size_t depth) {
    if (event.kind == TextProtoEvent::Kind::kOpen) {
      names_.resize(depth);
      names_.back() = event.name;
      if (depth == 1) layer_ = {};
      if (depth == 1 && (event.name == "layer" || event.name == "layers")) is_net_ = true;
    } else if (event.kind == TextProtoEvent::Kind::kClose) {
      names_.resize(depth);
      if (depth == 0) judge();
    } else if (depth == 1 && event.name == "type") {
      layer_.type = event.value;
    } else if (depth == 2 && names_[1] == "python_param") {
      layer_.has_python = true;
      if (event.name == "module") layer_.module = event.value;
      if (event.name == "layer") layer_.layer = event.value;
    } else if (depth == 2 && names_[1] == "hdf5_output_param" && event.name == "file_name") {
      layer_.output = event.value;
    }
    is_typed_ = is_typed_ || (is_net_ && !layer_.type.empty());
  }
  bool is_net() const { return is_net_ && is_typed_; }

 private:
  struct Layer {
    std::string type;
    std::string module;
    std::string layer;
    std::string output;
    bool has_python = false;
  };

  void judge() {
    if (layer_.type == "Python" || layer_.has_python)
      judge_python(layer_.module, layer_.layer, report_);
    judge_output(layer_.output, report_);
  }

  ExchangeReport& report_;
  std::vector<std::string_view> names_;  // of the messages that are open, in the text
  Layer layer_;
  bool is_net_ = false;
  bool is_typed_ = false;
};

bool may_be_net(std::string_view text) {
  constexpr std::size_t kHeadMax = 65'536;
  const std::string_view head = text.substr(0, kHeadMax);
  return head.find('\0') == std::string_view::npos &&
         (head.find("layer") != std::string_view::npos) &&
         head.find("type") != std::string_view::npos && head.find('{') != std::string_view::npos &&
         !head.starts_with('{') && !head.starts_with('<');
}

}  // namespace

Claim judge_caffe(std::string_view bytes, ExchangeReport& report) {
  // The tags of a name, a layer of either kind, an input.
  const bool may_be = bytes.starts_with('\x0A') || bytes.starts_with("\xA2\x06") ||
                      bytes.starts_with('\x12') || bytes.starts_with('\x1A');
  if (!may_be || !is_caffe(bytes)) return Claim::kOther;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number == kNetLayer) judge_layer(field.bytes, report);
  }
  return Claim::kWhole;
}

// A net as text (.prototxt). What stands before an error is judged.
Claim judge_caffe_text(std::string_view bytes, ExchangeReport& report) {
  constexpr std::size_t kTextMax = std::size_t{64} << 20;
  if (!may_be_net(bytes)) return Claim::kOther;
  if (bytes.size() > kTextMax) report.set_cut();
  TextProtoReader reader(bytes.substr(0, kTextMax));
  CaffeText net(report);
  TextProtoEvent event;
  while (reader.next(event)) net.see(event, reader.depth());
  return net.is_net() ? Claim::kShared : Claim::kOther;
}

}  // namespace vedette::scan::models
