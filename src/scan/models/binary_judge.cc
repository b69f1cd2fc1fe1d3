// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/limits.h"
#include "formats/packages/tree.h"
#include "scan/models/document_judge.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;
using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kHeaderMax = 100'000'000;  // of safetensors
constexpr std::size_t kSearchedMax = std::size_t{64} << 20;
constexpr std::size_t kPlacesMax = 256;
constexpr std::size_t kTextMax = std::size_t{4} << 20;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  for (std::size_t i = size; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

class Binary {
 public:
  Binary(const ModelRules& rules, std::string_view path, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  void report(ModelRule rule, std::string call, std::string message) {
    const auto same = [&](const event::Finding& finding) {
      return finding.rule == &rules_[rule] && finding.redacted == call;
    };
    if (findings_.size() < 50 && std::ranges::none_of(findings_, same))
      findings_.push_back(make_finding(rules_[rule], path_, 0, call, std::move(message)));
  }

  // Descriptions of Keras are attributes whose text stands in one piece, between bytes that are no
  // text. Each piece is looked at once, so that the work grows with the file alone.
  void hdf5(std::string_view bytes) {
    constexpr std::string_view kMark = "\"class_name\"";
    std::size_t at = 0;
    for (std::size_t mark = bytes.find(kMark); mark != std::string_view::npos;
         mark = bytes.find(kMark, at)) {
      std::size_t begin = mark;
      while (begin > at && is_text(bytes[begin - 1])) --begin;
      std::size_t end = mark;
      while (end < bytes.size() && is_text(bytes[end])) ++end;
      description(bytes.substr(begin, end - begin));
      at = end;
    }
  }

  void description(std::string_view piece) {
    for (std::size_t open = piece.find('{'); open != std::string_view::npos;
         open = piece.find('{', open)) {
      const std::string_view text = json_at(piece.substr(open));
      // Without an end it is judged by its words.
      if (text.empty()) {
        if (piece.find("ambda") != std::string_view::npos) {
          report(ModelRule::kRunsCode, "Lambda",
                 "A description of the model that breaks off names a Lambda layer, whose byte code "
                 "runs at load");
        }
        return;
      }
      if (text.find("class_name") != std::string_view::npos)
        judge_document(rules_, path_, text, findings_);
      open += text.size();
    }
  }

  static bool is_text(char c) {
    return static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  static std::string_view json_at(std::string_view bytes) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const char c = bytes[i];
      if (quoted) {
        if (c == '\\') ++i;
        quoted = c != '"' || bytes[i] != '"';
        continue;
      }
      quoted = c == '"';
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) return bytes.substr(0, i + 1);
    }
    return {};
  }

  // NodeDef.op and FunctionDef's are field 2: 0x12, size, name.
  void tensorflow(std::string_view bytes) {
    struct Operation {
      std::string_view name;
      ModelRule rule;
      std::string_view does;
    };
    constexpr auto kOperations = std::to_array<Operation>({
        {"PyFunc", ModelRule::kRunsCode, "calls Python code"},
        {"PyFuncStateless", ModelRule::kRunsCode, "calls Python code"},
        {"EagerPyFunc", ModelRule::kRunsCode, "calls Python code"},
        {"ReadFile", ModelRule::kReadsFiles, "reads files"},
        {"WriteFile", ModelRule::kChangesFiles, "writes files"},
        {"MatchingFiles", ModelRule::kReadsFiles, "lists files"},
        {"WholeFileReaderV2", ModelRule::kReadsFiles, "reads files"},
        {"FixedLengthRecordDataset", ModelRule::kReadsFiles, "reads files"},
        {"TextLineDataset", ModelRule::kReadsFiles, "reads files"},
        {"TFRecordDataset", ModelRule::kReadsFiles, "reads files"},
        {"DebugIdentityV2", ModelRule::kChangesFiles, "writes files"},
        {"DebugIdentityV3", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
        {"RpcCall", ModelRule::kUsesNetwork, "uses the network"},
        {"DistributedSave", ModelRule::kChangesFiles, "writes files"},
        {"PrintV2", ModelRule::kUnknownCall, "writes to a file or the log"},
    });
    for (const Operation& operation : kOperations) {
      std::string field = "\x12";
      field += static_cast<char>(operation.name.size());
      field += operation.name;
      if (bytes.find(field) == std::string_view::npos) continue;
      report(operation.rule, std::string(operation.name),
             fmt::format("Running the graph {} (operation {})", operation.does, operation.name));
    }
  }

  // StringStringEntryProto: key "location", then the path. It has to stay beside the model.
  void onnx(std::string_view bytes) {
    constexpr std::string_view kKey = "\x0A\x08location\x12";
    std::size_t at = bytes.find(kKey);
    for (std::size_t count = 0; at != std::string_view::npos && count < 100'000; ++count) {
      at += kKey.size();
      const std::string_view rest = bytes.substr(at, 4096);
      if (rest.empty()) return;
      const std::size_t size = static_cast<unsigned char>(rest[0]) & 0x7F;
      const std::string_view place = rest.substr(1, size);
      const bool leaves = place.starts_with('/') || place.starts_with('\\') ||
                          place.find("..") != std::string_view::npos ||
                          (place.size() > 1 && place[1] == ':') ||
                          place.find("://") != std::string_view::npos;
      if (leaves) {
        report(ModelRule::kReadsFiles, std::string(place),
               fmt::format("The model reads tensors from {}, outside of its folder "
                           "(CVE-2022-25882, CVE-2024-27318)",
                           place));
      }
      at = bytes.find(kKey, at);
    }
    for (const std::string_view name : {"PyOp"sv, "PythonOp"sv, "PyFunc"sv}) {
      std::string field = "\x22";
      field += static_cast<char>(name.size());
      field += name;
      if (bytes.find(field) != std::string_view::npos) {
        report(ModelRule::kRunsCode, std::string(name),
               fmt::format("Running the graph calls Python code (operation {})", name));
      }
    }
  }

  // Key, type 8, size, text.
  void gguf(std::string_view bytes) {
    std::size_t at = bytes.find("chat_template");
    for (std::size_t count = 0; at != std::string_view::npos && count < kPlacesMax; ++count) {
      at += 13;
      // "chat_template.tool_use" and its like.
      std::size_t type = at;
      while (type < bytes.size() && type < at + 64 && bytes[type] != '\x08') ++type;
      const std::uint64_t size = little_endian(bytes, type + 4, 8);
      const std::string_view text =
          type + 12 < bytes.size()
              ? bytes.substr(type + 12,
                             static_cast<std::size_t>(std::min<std::uint64_t>(size, kTextMax)))
              : std::string_view();
      if (const std::string_view part = hostile_template(text); !part.empty()) {
        report(
            ModelRule::kRunsCode, std::string(part),
            fmt::format("The chat template leaves Jinja's sandbox by {} (CVE-2024-34359)", part));
      }
      at = bytes.find("chat_template", at);
    }
  }

  // The text has a bound on its size, its tensors lie in the file and do not overlap.
  void safetensors(std::string_view bytes, std::uint64_t size) {
    Limits limits;
    limits.values_max = 4'000'000;
    limits.file_bytes_max = kHeaderMax;
    const std::string_view text = bytes.substr(8, static_cast<std::size_t>(size));
    const auto tree = formats::packages::read_json(path_, text, limits);
    if (!tree.problems.empty() || !tree.root.is_table())
      return broken("its header is no JSON object");
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    std::vector<std::string_view> names;
    for (const Member& member : tree.root.members) {
      names.push_back(member.key);
      if (member.key == "__metadata__") continue;
      const Node& offsets = member.value["data_offsets"];
      if (offsets.members.size() != 2) return broken("a tensor has no offsets");
      const auto number = [&offsets](std::size_t index) {
        std::uint64_t value = 0;
        for (const char c : offsets.members[index].value.text)
          value = c >= '0' && c <= '9' && value < (1ULL << 56)
                      ? value * 10 + static_cast<unsigned>(c - '0')
                      : UINT64_MAX;
        return value;
      };
      ranges.emplace_back(number(0), number(1));
    }
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) broken("a tensor is there twice");
    std::ranges::sort(ranges);
    std::uint64_t end = 0;
    for (const auto& [from, to] : ranges) {
      if (to < from || to > bytes.size() - 8 - size)
        return broken("a tensor lies outside of the file");
      if (from < end) return broken("tensors overlap");
      if (from > end) return broken("bytes between tensors belong to none");
      end = to;
    }
    if (end < bytes.size() - 8 - size) broken("bytes behind the last tensor belong to none");
  }

 private:
  void broken(std::string_view why) {
    report(ModelRule::kArchiveLies, std::string(why),
           fmt::format("The file breaks the rules of safetensors: {}", why));
  }

  const ModelRules& rules_;
  std::string_view path_;
  std::vector<event::Finding>& findings_;
};

bool is_program(std::string_view bytes) {
  return bytes.starts_with(
             "\x7F"
             "ELF"sv) ||
         bytes.starts_with("MZqFpD"sv) || (bytes.starts_with("MZ"sv) && bytes.size() > 64) ||
         bytes.starts_with("\xCF\xFA\xED\xFE"sv) || bytes.starts_with("#!/"sv);
}

bool is_model_name(std::string_view path) {
  constexpr auto kEndings = std::to_array<std::string_view>(
      {".llamafile", ".gguf", ".bin", ".pt", ".pth", ".onnx", ".pkl", ".safetensors", ".h5",
       ".keras", ".joblib", ".ckpt", ".model", ".tflite", ".npy"});
  return std::ranges::any_of(kEndings, [path](std::string_view e) { return path.ends_with(e); });
}

}  // namespace

BinaryVerdict judge_binary(const ModelRules& rules, std::string_view path, std::string_view bytes,
                           std::vector<event::Finding>& findings) {
  Binary binary(rules, path, findings);
  if (bytes.starts_with("\x89HDF\r\n"sv)) {
    binary.hdf5(bytes);
    return BinaryVerdict::kJudged;
  }
  const std::string_view searched = bytes.substr(0, kSearchedMax);
  const BinaryVerdict in_part =
      searched.size() == bytes.size() ? BinaryVerdict::kJudged : BinaryVerdict::kJudgedInPart;
  if (bytes.starts_with("GGUF"sv)) {
    binary.gguf(searched);
    return BinaryVerdict::kJudged;  // texts stand before the tensors
  }
  const std::uint64_t size = little_endian(bytes, 0, 8);
  if (bytes.size() > 10 && size >= 2 && size <= kHeaderMax && size <= bytes.size() - 8 &&
      bytes[8] == '{') {
    binary.safetensors(bytes, size);
    return BinaryVerdict::kJudged;
  }
  if (path.ends_with(".pb") || path.ends_with(".pbtxt") || path.ends_with(".meta")) {
    binary.tensorflow(searched);
    return in_part;
  }
  if (path.ends_with(".onnx") || path.ends_with(".ort")) {
    binary.onnx(bytes);
    return BinaryVerdict::kJudged;
  }
  if (is_program(bytes) && is_model_name(path)) {
    binary.report(ModelRule::kRunsCode, "executable",
                  "The file has a model's name and is a program: opening it runs it");
    return BinaryVerdict::kJudged;
  }
  return BinaryVerdict::kOther;
}

}  // namespace vedette::scan::models
