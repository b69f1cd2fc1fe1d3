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

// Messages of PaddlePaddle's framework.proto.
enum class Message : std::uint8_t { kProgram, kBlock, kOperation };
constexpr auto kParts = std::to_array<ProtobufPart<Message>>(
    {{Message::kProgram, 1, Message::kBlock}, {Message::kBlock, 4, Message::kOperation}});
constexpr std::uint32_t kOperationType = 3;
constexpr std::uint32_t kOperationAttribute = 4;
constexpr std::uint32_t kAttributeText = 5;

struct Operation {
  std::string_view name;
  ModelRule rule;
  std::string_view does;
  std::string_view place;      // the attribute that names a file
  bool is_usual_here = false;  // nothing is said of it where the file is in the model's folder
};
constexpr auto kOperations = std::to_array<Operation>({
    {"py_func", ModelRule::kUnknownCall, "calls a Python function that the loader registered", ""},
    {"py_layer", ModelRule::kUnknownCall, "calls Python code that the loader registered", ""},
    {"pylayer", ModelRule::kUnknownCall, "calls Python code that the loader registered", ""},
    {"run_program", ModelRule::kUnknownCall, "runs another program of the process", ""},
    {"read_file", ModelRule::kReadsFiles, "reads a file", "filename"},
    {"save", ModelRule::kChangesFiles, "writes a file", "file_path"},
    {"save_combine", ModelRule::kChangesFiles, "writes a file", "file_path"},
    {"sparse_tensor_save", ModelRule::kChangesFiles, "writes a file", "file_path"},
    {"load", ModelRule::kReadsFiles, "reads a file", "file_path", true},
    {"load_combine", ModelRule::kReadsFiles, "reads a file", "file_path", true},
    {"listen_and_serv", ModelRule::kUsesNetwork, "listens on the network", "endpoint"},
    {"heter_listen_and_serv", ModelRule::kUsesNetwork, "listens on the network", "endpoint"},
    {"send", ModelRule::kUsesNetwork, "sends tensors elsewhere", ""},
    {"recv", ModelRule::kUsesNetwork, "fetches tensors from elsewhere", ""},
    {"send_and_recv", ModelRule::kUsesNetwork, "sends tensors elsewhere", ""},
    {"checkpoint_notify", ModelRule::kUsesNetwork, "uses the network", "dir"},
    {"distributed_lookup_table", ModelRule::kUsesNetwork, "uses the network", ""},
});

const Operation* find(std::string_view name) {
  const auto* const found = std::ranges::find(kOperations, name, &Operation::name);
  return found == kOperations.end() ? nullptr : found;
}

void report_operation(const Operation& operation, std::string_view place, ExchangeReport& report) {
  if (operation.is_usual_here && !leads_outside(place)) return;
  const std::string where = place.empty() ? std::string() : fmt::format(", {}", shown(place));
  report.add(operation.rule, fmt::format("{}{}", operation.name, where),
             fmt::format("Running the program {} (operation {}{})", operation.does, operation.name,
                         where));
}

// The text of an attribute of an operation.
std::string_view attribute(std::string_view operation, std::string_view name) {
  ProtobufReader reader(operation);
  ProtobufField field;
  while (!name.empty() && reader.next(field)) {
    if (field.number == kOperationAttribute && field.wire == ProtobufField::Wire::kBytes &&
        protobuf_bytes(field.bytes, 1) == name)
      return protobuf_bytes(field.bytes, kAttributeText);
  }
  return {};
}

bool is_operation_name(std::string_view name) {
  constexpr std::size_t kNameMax = 128;
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

// Its number, that of the block around it, and operations with names.
bool is_block(std::string_view bytes) {
  bool number = false;
  bool outer = false;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number > 5) return false;
    const bool is_number = field.wire == ProtobufField::Wire::kNumber;
    if ((field.number == 1 || field.number == 2) != is_number && field.number != 5) return false;
    number = number || field.number == 1;
    outer = outer || field.number == 2;
    if (field.number == 4 && !is_operation_name(protobuf_bytes(field.bytes, kOperationType)))
      return false;
  }
  return reader.good() && number && outer;
}

bool is_program(std::string_view bytes) {
  bool block = false;
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number > 5 || field.wire != ProtobufField::Wire::kBytes) return false;
    if (field.number != 1) continue;
    if (!is_block(field.bytes)) return false;
    block = true;
  }
  return reader.good() && block;
}

}  // namespace

Claim judge_paddle(std::string_view bytes, ExchangeReport& report) {
  if (!bytes.starts_with('\x0A') || !is_program(bytes)) return Claim::kOther;
  const bool is_whole = formats::models::walk_protobuf<Message>(
      Message::kProgram, bytes, kParts, kMessagesMax,
      [&](Message message, std::string_view content) {
        if (message != Message::kOperation) return;
        const Operation* operation = find(protobuf_bytes(content, kOperationType));
        if (operation != nullptr)
          report_operation(*operation, attribute(content, operation->place), report);
      });
  if (!is_whole) report.set_cut();
  return Claim::kWhole;
}

// Programs since version 3 (serialize_deserialize of the intermediate representation): each
// operation has its name under "#" behind the number of its dialect ("1.conv2d"; what works in
// place ends in "_"), its attributes under "A" with names under "N" and values under "AT".
void judge_paddle_tree(const Node& root, ExchangeReport& report) {
  if (root["base_code"]["magic"].text != "pir") return;
  std::vector<const Node*> waiting = {&root["program"]};
  while (!waiting.empty()) {
    const Node& node = *waiting.back();
    waiting.pop_back();
    for (const Member& member : node.members) waiting.push_back(&member.value);
    if (!node.is_table()) continue;
    std::string_view name = node["#"].text;
    name.remove_prefix(std::min(name.rfind('.') + 1, name.size()));
    if (name.ends_with('_')) name.remove_suffix(1);
    const Operation* operation = find(name);
    if (operation == nullptr) continue;
    std::string_view place;
    for (const Member& one : node["A"].members) {
      if (!operation->place.empty() && one.value["N"].text == operation->place)
        place = one.value["AT"]["D"].text;
    }
    report_operation(*operation, place, report);
  }
}

}  // namespace vedette::scan::models
