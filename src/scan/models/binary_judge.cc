// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/limits.h"
#include "formats/models/gguf.h"
#include "formats/packages/tree.h"
#include "scan/models/document_judge.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;
using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kHeaderMax = 100'000'000;  // of safetensors
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

  void report(ModelRule rule, const std::string& call, std::string message) {
    add_finding(rules_[rule], path_, call, std::move(message), findings_);
  }

  void gguf(std::string_view bytes) {
    const formats::models::GgufHead head = formats::models::read_gguf(bytes, bytes.size());
    for (const std::string& fault : head.faults) {
      report(ModelRule::kBroken, fault,
             fmt::format("The file breaks the rules of GGUF: {}", fault));
    }
    for (const auto& [key, text] : head.texts) {
      judge_target(text.substr(0, kTextMax));
      if (key.find("chat_template") == std::string_view::npos) continue;
      const std::string part = hostile_template(text.substr(0, kTextMax));
      if (part.empty()) continue;
      report(ModelRule::kRunsCode, part,
             fmt::format("The chat template leaves Jinja's sandbox by {} (CVE-2024-34359)", part));
    }
  }

  // The text has a bound on its size, its tensors lie in the file and do not overlap.
  void safetensors(std::string_view bytes, std::uint64_t size) {
    Limits limits;
    limits.values_max = 4'000'000;
    limits.file_bytes_max = kHeaderMax;
    if (size > kHeaderMax || size > bytes.size() - 8)
      return broken("its header is longer than the file, or than is allowed");
    const std::string_view text = bytes.substr(8, static_cast<std::size_t>(size));
    if (!text.starts_with('{')) return broken("its header does not begin with a brace");
    const auto tree = formats::packages::read_json(path_, text, limits);
    if (!tree.problems.empty() || !tree.root.is_table())
      return broken("its header is no JSON object");
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    std::vector<std::string_view> names;
    for (const Member& member : tree.root.members) {
      names.push_back(member.key);
      if (member.key == "__metadata__") {
        for (const Member& one : member.value.members) judge_target(one.value.text);
        const bool is_map = member.value.is_table() &&
                            std::ranges::all_of(member.value.members, [](const Member& one) {
                              return one.value.is_text();
                            });
        if (!is_map) broken("its metadata is no table of texts");
        judge_metadata(member.value);
        continue;
      }
      if (const std::string why = tensor_fault(member.value); !why.empty()) return broken(why);
      const Node& offsets = member.value["data_offsets"];
      ranges.emplace_back(count_of(offsets.members[0].value.text),
                          count_of(offsets.members[1].value.text));
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
  // Settings that libraries keep in a header, and make objects of.
  void judge_target(std::string_view text) {
    const std::string target = hostile_target(text);
    if (target.empty()) return;
    report(
        ModelRule::kRunsCode, target,
        fmt::format("Instantiating the settings in the header calls {} (CVE-2025-23304)", target));
  }

  // Loaders keep these texts: code among them is for something that runs it.
  void judge_metadata(const Node& metadata) {
    constexpr auto kCode = std::to_array<std::string_view>(
        {"os.system(", "subprocess.", "eval(", "exec(", "__import__(", "<script", "rm -rf ", "| sh",
         "|sh", "| bash", "curl http", "wget http"});
    for (const Member& one : metadata.members) {
      const std::string_view text = one.value.text;
      const auto* const found = std::ranges::find_if(kCode, [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
      });
      if (found == kCode.end()) continue;
      constexpr std::size_t kMetadataShown = 200;
      report(ModelRule::kEmbeddedProgram, std::string(*found),
             fmt::format("The metadata ({}) holds code: {}", one.key.substr(0, kMetadataShown),
                         text.substr(0, kMetadataShown)));
    }
  }

  // Of a tensor by itself: its shape and type give its bytes.
  static std::string tensor_fault(const Node& tensor) {
    // Bits of an element (safetensors' tensor.rs, "Dtype").
    constexpr auto kTypes = std::to_array<std::pair<std::string_view, std::uint64_t>>(
        {{"BOOL", 8},        {"U8", 8},         {"I8", 8},      {"F8_E5M2", 8}, {"F8_E4M3", 8},
         {"F8_E8M0", 8},     {"F4", 4},         {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"I16", 16},
         {"U16", 16},        {"F16", 16},       {"BF16", 16},   {"I32", 32},    {"U32", 32},
         {"F32", 32},        {"F64", 64},       {"I64", 64},    {"U64", 64},    {"C64", 64},
         {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}});
    const auto* const type = std::ranges::find(kTypes, tensor["dtype"].text,
                                               &std::pair<std::string_view, std::uint64_t>::first);
    if (type == kTypes.end()) return "a tensor has an unknown type";
    const Node& offsets = tensor["data_offsets"];
    if (offsets.members.size() != 2) return "a tensor has no offsets";
    std::uint64_t bits = type->second;
    for (const Member& size : tensor["shape"].members) {
      const std::uint64_t value = count_of(size.value.text);
      if (value != 0 && bits > (1ULL << 60) / value) return "the shape of a tensor overflows";
      bits *= value;
    }
    const std::uint64_t begin = count_of(offsets.members[0].value.text);
    const std::uint64_t end = count_of(offsets.members[1].value.text);
    if (end >= begin && bits != (end - begin) * 8)
      return "the shape of a tensor does not fit its bytes";
    return {};
  }

  static std::uint64_t count_of(std::string_view text) {
    std::uint64_t value = 0;
    for (const char c : text)
      value = c >= '0' && c <= '9' && value < (1ULL << 56)
                  ? value * 10 + static_cast<unsigned>(c - '0')
                  : (1ULL << 56);
    return value;
  }

  void broken(std::string_view why) {
    report(ModelRule::kBroken, std::string(why),
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

bool is_safetensors(std::string_view path, std::string_view bytes) {
  if (bytes.size() < 10 || bytes[8] != '{') return false;
  const std::uint64_t size = little_endian(bytes, 0, 8);
  return (size >= 2 && size <= kHeaderMax && size <= bytes.size() - 8) ||
         path.ends_with(".safetensors");
}

BinaryVerdict judge_binary(const ModelRules& rules, std::string_view path, std::string_view bytes,
                           std::vector<event::Finding>& findings) {
  Binary binary(rules, path, findings);
  if (formats::models::is_gguf(bytes)) {
    binary.gguf(bytes);
    return BinaryVerdict::kJudged;
  }
  if (is_safetensors(path, bytes)) {
    binary.safetensors(bytes, little_endian(bytes, 0, 8));
    return BinaryVerdict::kJudged;
  }
  if (is_program(bytes) && is_model_name(path)) {
    binary.report(ModelRule::kRunsCode, "executable",
                  "The file has a model's name and is a program: opening it runs it");
    return BinaryVerdict::kJudged;
  }
  return judge_graph(rules, path, bytes, findings);
}

}  // namespace vedette::scan::models
