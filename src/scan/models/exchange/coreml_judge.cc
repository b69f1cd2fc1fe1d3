// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/models/exchange/protobuf_tree.h"
#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::protobuf_bytes;
using formats::models::ProtobufField;
using formats::models::ProtobufPart;
using formats::models::ProtobufReader;
using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kMessagesMax = 4'000'000;

// Messages of coremltools' mlmodel/format: Model.proto, NeuralNetwork.proto, CustomModel.proto,
// LinkedModel.proto and MIL.proto. Entries are those of maps.
enum class Message : std::uint8_t {
  kModel,
  kPipeline,
  kPipelineOf,
  kNetwork,
  kLayer,
  kCustomLayer,
  kLoop,
  kBranch,
  kCustomModel,
  kLinkedModel,
  kLinkedFile,
  kProgram,
  kFunctionEntry,
  kFunction,
  kBlockEntry,
  kBlock,
  kOperation,
  kArgumentEntry,
  kArgument,
  kBinding,
  kValueEntry,
  kValue,
  kBlobFile,
};

constexpr auto kParts = std::to_array<ProtobufPart<Message>>({
    {Message::kModel, 200, Message::kPipelineOf},
    {Message::kModel, 201, Message::kPipelineOf},
    {Message::kModel, 202, Message::kPipeline},
    {Message::kModel, 303, Message::kNetwork},
    {Message::kModel, 403, Message::kNetwork},
    {Message::kModel, 500, Message::kNetwork},
    {Message::kModel, 502, Message::kProgram},
    {Message::kModel, 555, Message::kCustomModel},
    {Message::kModel, 556, Message::kLinkedModel},
    {Message::kPipelineOf, 1, Message::kPipeline},
    {Message::kPipeline, 1, Message::kModel},
    {Message::kNetwork, 1, Message::kLayer},
    {Message::kLayer, 500, Message::kCustomLayer},
    {Message::kLayer, 605, Message::kBranch},
    {Message::kLayer, 615, Message::kLoop},
    {Message::kBranch, 1, Message::kNetwork},
    {Message::kBranch, 2, Message::kNetwork},
    {Message::kLoop, 3, Message::kNetwork},
    {Message::kLoop, 4, Message::kNetwork},
    {Message::kLinkedModel, 1, Message::kLinkedFile},
    {Message::kProgram, 2, Message::kFunctionEntry},
    {Message::kFunctionEntry, 2, Message::kFunction},
    {Message::kFunction, 3, Message::kBlockEntry},
    {Message::kBlockEntry, 2, Message::kBlock},
    {Message::kBlock, 3, Message::kOperation},
    {Message::kOperation, 2, Message::kArgumentEntry},
    {Message::kOperation, 4, Message::kBlock},
    {Message::kOperation, 5, Message::kValueEntry},
    {Message::kArgumentEntry, 2, Message::kArgument},
    {Message::kArgument, 1, Message::kBinding},
    {Message::kBinding, 2, Message::kValue},
    {Message::kValueEntry, 2, Message::kValue},
    {Message::kValue, 5, Message::kBlobFile},
});

// A version, a description, and one of the types of models, which have large numbers.
bool is_coreml(std::string_view bytes) {
  constexpr std::uint64_t kVersionMax = 100;
  if (!bytes.starts_with('\x08')) return false;
  bool version = false;
  bool type = false;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    const bool is_bytes = field.wire == ProtobufField::Wire::kBytes;
    if (field.number == 1)
      version = field.wire == ProtobufField::Wire::kNumber && field.value <= kVersionMax;
    if (field.number >= 200 && field.number <= 3000 && is_bytes) type = true;
    if (field.number != 1 && field.number != 2 && field.number != 10 &&
        (field.number < 200 || field.number > 3000))
      return false;
  }
  return reader.good() && version && type;
}

class CoremlJudge {
 public:
  explicit CoremlJudge(ExchangeReport& report) : report_(report) {}

  void see(Message message, std::string_view content) {
    if (message == Message::kCustomLayer || message == Message::kCustomModel) {
      const std::string_view name = protobuf_bytes(content, 10);  // className
      classes_.push_back(name.empty() ? "a class without a name" : name);
    } else if (message == Message::kLinkedFile) {
      judge_link(content);
    } else if (message == Message::kBlobFile) {
      judge_blob(protobuf_bytes(content, 1));
    }
  }

  void conclude() { report_.add_custom("classes of the application", std::move(classes_)); }

 private:
  // Names and paths are StringParameters, whose first field is the default.
  void judge_link(std::string_view content) {
    const std::string_view name = protobuf_bytes(protobuf_bytes(content, 1), 1);
    std::string_view search = protobuf_bytes(protobuf_bytes(content, 2), 1);
    if (leads_outside(name)) return report_link(name, name);
    while (!search.empty()) {
      const std::size_t end = std::min(search.find(':'), search.size());
      const std::string_view one = search.substr(0, end);
      if (leads_outside(one)) return report_link(name, one);
      search.remove_prefix(std::min(end + 1, search.size()));
    }
  }

  void report_link(std::string_view name, std::string_view where) {
    report_.add(ModelRule::kReadsFiles, shown(where),
                fmt::format("Loading the model loads another one, {}, from {}, outside of its "
                            "folder",
                            shown(name), shown(where)));
  }

  // Weights beside the model are named "@model_path/weights/weight.bin".
  void judge_blob(std::string_view name) {
    constexpr std::string_view kHere = "@model_path/";
    const std::string_view place = name.starts_with(kHere) ? name.substr(kHere.size()) : name;
    if (!leads_outside(place)) return;
    report_.add(
        ModelRule::kReadsFiles, shown(name),
        fmt::format("Loading the model reads weights from {}, outside of its folder", shown(name)));
  }

  ExchangeReport& report_;
  std::vector<std::string_view> classes_;
};

}  // namespace

Claim judge_coreml(std::string_view bytes, ExchangeReport& report) {
  if (!is_coreml(bytes)) return Claim::kOther;
  CoremlJudge judge(report);
  const bool is_whole = formats::models::walk_protobuf<Message>(
      Message::kModel, bytes, kParts, kMessagesMax,
      [&](Message message, std::string_view content) { judge.see(message, content); });
  judge.conclude();
  if (!is_whole) report.set_cut();
  return Claim::kWhole;
}

// Manifest.json of a package (.mlpackage): which file is the model, which are its weights.
void judge_coreml_manifest(const Node& root, ExchangeReport& report) {
  const Node& entries = root["itemInfoEntries"];
  if (!entries.is_table()) return;
  for (const Member& entry : entries.members) {
    const std::string_view place = entry.value["path"].text;
    if (!leads_outside(place)) continue;
    report.add(ModelRule::kReadsFiles, shown(place),
               fmt::format("Loading the package reads {}, outside of its folder", shown(place)));
  }
}

}  // namespace vedette::scan::models
