// SPDX-License-Identifier: Apache-2.0
#include "formats/models/protobuf.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/keras_judge.h"

// What Keras 2 keeps of a model that it saved as a SavedModel: each layer's description, in
// keras_metadata.pb beside the graph, or before TensorFlow 2.5 in the graph's file
// (tensorflow/python/keras/protobuf/saved_metadata.proto, saved_object_graph.proto).
namespace vedette::scan::models {
namespace {

using formats::models::protobuf_bytes;
using formats::models::ProtobufField;
using formats::models::ProtobufReader;

constexpr std::uint32_t kNodes = 1;
constexpr std::uint32_t kNodeIdentifier = 4;
constexpr std::uint32_t kNodeDescription = 5;
constexpr std::size_t kNodesMax = 1'000'000;

// Layers, models, optimizers, metrics: "_tf_keras_layer".
bool is_of_keras(std::string_view identifier) { return identifier.starts_with("_tf_keras_"); }

// keras_metadata.pb: a list of nodes and nothing else.
bool is_metadata(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  bool any = false;
  while (reader.next(field)) {
    if (field.number != kNodes || field.wire != ProtobufField::Wire::kBytes) return false;
    if (!any && !is_of_keras(protobuf_bytes(field.bytes, kNodeIdentifier))) return false;
    any = true;
  }
  return any;
}

void judge_metadata(std::string_view bytes, ExchangeReport& report) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  for (std::size_t count = 0; reader.next(field); ++count) {
    if (count >= kNodesMax) return report.set_cut();
    judge_keras_text(protobuf_bytes(field.bytes, kNodeDescription), KerasForm::kSavedModel, report);
  }
}

// The graph's file: versions, then meta graphs, each with a graph of the objects that it restores.
void judge_objects(std::string_view bytes, ExchangeReport& report) {
  constexpr std::uint32_t kMetaGraph = 2;
  constexpr std::uint32_t kObjectGraph = 7;
  constexpr std::uint32_t kUserObject = 4;
  constexpr std::uint32_t kUserIdentifier = 1;
  constexpr std::uint32_t kUserDescription = 3;
  ProtobufReader model(bytes);
  ProtobufField meta;
  std::size_t count = 0;
  while (model.next(meta)) {
    if (meta.number != kMetaGraph || meta.wire != ProtobufField::Wire::kBytes) continue;
    ProtobufReader objects(protobuf_bytes(meta.bytes, kObjectGraph));
    ProtobufField object;
    while (objects.next(object)) {
      if (++count > kNodesMax) return report.set_cut();
      if (object.number != kNodes || object.wire != ProtobufField::Wire::kBytes) continue;
      const std::string_view user = protobuf_bytes(object.bytes, kUserObject);
      if (!is_of_keras(protobuf_bytes(user, kUserIdentifier))) continue;
      judge_keras_text(protobuf_bytes(user, kUserDescription), KerasForm::kSavedModel, report);
    }
  }
}

}  // namespace

Claim judge_saved_keras(std::string_view bytes, ExchangeReport& report) {
  if (bytes.empty()) return Claim::kOther;
  // The tags of the first field: nodes; the version of the schema, or a meta graph.
  constexpr char kNodesTag = 0x0A;
  constexpr std::string_view kModelTags = "\x08\x12";
  if (bytes[0] == kNodesTag && is_metadata(bytes)) {
    judge_metadata(bytes, report);
    return Claim::kWhole;
  }
  // Its operations are judged with other graphs.
  if (kModelTags.contains(bytes[0])) judge_objects(bytes, report);
  return Claim::kOther;
}

}  // namespace vedette::scan::models
