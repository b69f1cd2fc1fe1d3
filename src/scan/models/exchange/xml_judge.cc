// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "base/limits.h"
#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;
using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kXmlMax = std::size_t{256} << 20;
constexpr std::size_t kValuesMax = 4'000'000;

// The letters of a text in UTF-16, by its mark; others as they are.
std::string plain(std::string_view bytes) {
  const bool is_little = bytes.starts_with("\xFF\xFE");
  if (!is_little && !bytes.starts_with("\xFE\xFF")) return {};
  std::string out;
  out.reserve(bytes.size() / 2);
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    const char high = bytes[is_little ? i + 1 : i];
    out += high == 0 ? bytes[is_little ? i : i + 1] : '?';
  }
  return out;
}

// Another document type's address: that of PMML's own place is in old files of its libraries.
void judge_type(std::string_view text, ExchangeReport& report) {
  const std::size_t begin = text.find("<!DOCTYPE");
  if (begin == std::string_view::npos) return;
  const std::string_view type =
      text.substr(begin, std::min(text.find_first_of("[>", begin), text.size()) - begin);
  if (type.find("SYSTEM") == std::string_view::npos &&
      type.find("PUBLIC") == std::string_view::npos)
    return;
  const std::size_t last = type.find_last_of("\"'");
  if (last == std::string_view::npos || last == 0) return;
  const std::size_t first = type.rfind(type[last], last - 1);
  if (first == std::string_view::npos) return;
  const std::string_view address = type.substr(first + 1, last - first - 1);
  if (address.starts_with("http://www.dmg.org/") || address.starts_with("https://www.dmg.org/") ||
      !leads_outside(address))
    return;
  report.add(
      ModelRule::kReadsFiles, shown(address),
      fmt::format("Reading this document with its document type fetches {} (XXE); switch off "
                  "external entities and document types",
                  shown(address)));
}

// What XInclude puts in place of an element.
void judge_inclusion(std::string_view text, ExchangeReport& report) {
  if (text.find("http://www.w3.org/2001/XInclude") == std::string_view::npos) return;
  const std::size_t at = text.find(":include ");
  if (at == std::string_view::npos) return;
  constexpr std::string_view kKey = "href=";
  const std::string_view element = text.substr(at, text.find('>', at) - at);
  const std::size_t key = element.find(kKey);
  if (key == std::string_view::npos || key + kKey.size() + 1 >= element.size()) return;
  std::string_view place = element.substr(key + kKey.size() + 1);
  place = place.substr(0, place.find(element[key + kKey.size()]));
  if (leads_outside(place))
    report.add(ModelRule::kReadsFiles, shown(place),
               fmt::format("Reading this document with XInclude reads {}", shown(place)));
}

void judge_entities(std::string_view text, ExchangeReport& report) {
  const std::size_t entity = text.find("<!ENTITY");
  if (entity == std::string_view::npos) return;
  const std::string_view rest = text.substr(entity);
  if (rest.find("SYSTEM") != std::string_view::npos ||
      rest.find("PUBLIC") != std::string_view::npos) {
    report.add(ModelRule::kReadsFiles, "<!ENTITY SYSTEM>",
               "Reading this document with external entities reads files or addresses (XXE)");
  } else {
    report.add(ModelRule::kIndirectCall, "<!ENTITY>",
               "The document defines entities, which can grow without bound when read");
  }
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value
                                                                         : ~std::uint64_t{0};
}

// Layers of OpenVINO's networks (openvino_ir.rst); those of "extension" come from a library that
// the application adds. Those of openvino_tokenizers are known to work on texts only.
class NetJudge {
 public:
  explicit NetJudge(ExchangeReport& report) : report_(report) {}

  void layer(const Node& layer) {
    const std::string_view type = layer["@type"].text;
    if (layer["@version"].text == "extension" || type == "Custom") {
      const bool is_known = std::ranges::find(kTokenizers, type) != kTokenizers.end();
      if (is_known) {
        tokenizers_.push_back(type);
      } else {
        report_.add(ModelRule::kUnknownCall, shown(type),
                    fmt::format("Reading the model needs a library with the operation {} "
                                "(an extension), which Core.add_extension() would load",
                                shown(type)));
      }
    }
    if (const std::string_view library = layer["@library"].text; !library.empty()) {
      report_.add(ModelRule::kLoadsCode, shown(library),
                  fmt::format("A layer names a library to load, {}", shown(library)));
    }
    if (type == "Const" && layer["data"].is_table()) constant(layer["data"]);
  }

  void conclude() {
    report_.add_custom("operations of openvino_tokenizers", std::move(tokenizers_));
  }

 private:
  static constexpr auto kTokenizers =
      std::to_array<std::string_view>({"BPETokenizer",
                                       "ByteFallback",
                                       "BytesToChars",
                                       "CaseFold",
                                       "CharsMapNormalization",
                                       "CharsToBytes",
                                       "CombineSegments",
                                       "EqualStr",
                                       "FuzeRagged",
                                       "NormalizeUnicode",
                                       "RaggedTensorPack",
                                       "RaggedToDense",
                                       "RaggedToRagged",
                                       "RaggedToSparse",
                                       "RegexNormalization",
                                       "RegexSplit",
                                       "SentencepieceDetokenizer",
                                       "SentencepieceStreamDetokenizer",
                                       "SentencepieceTokenizer",
                                       "SpecialTokensSplit",
                                       "StringTensorPack",
                                       "StringTensorUnpack",
                                       "StringToHashBucket",
                                       "TrieTokenizer",
                                       "Truncate",
                                       "UnigramTokenizer",
                                       "UTF8Validate",
                                       "VocabDecoder",
                                       "VocabEncoder",
                                       "WordpieceTokenizer"});

  void constant(const Node& data) {
    const std::uint64_t offset = number_of(data["@offset"].text);
    const std::uint64_t size = number_of(data["@size"].text);
    constexpr std::uint64_t kNone = ~std::uint64_t{0};
    if (offset == kNone || size == kNone || size > kNone / 2 - std::min(offset, kNone / 2))
      return report_.add_fault("OpenVINO", "a constant has no place in the weights");
    const std::uint64_t bits = bits_of(data["@element_type"].text);
    std::string_view shape = data["@shape"].text;
    if (bits == 0 || !data.has("@shape")) return;
    std::uint64_t wanted = bits;
    while (!shape.empty()) {
      const std::size_t end = std::min(shape.find(','), shape.size());
      std::string_view one = shape.substr(0, end);
      while (one.starts_with(' ')) one.remove_prefix(1);
      const std::uint64_t count = one.empty() ? 1 : number_of(one);
      if (count != 0 && wanted > (1ULL << 60) / count)
        return report_.add_fault("OpenVINO", "the shape of a constant overflows");
      wanted *= count;
      shape.remove_prefix(std::min(end + 1, shape.size()));
    }
    if ((wanted + 7) / 8 > size) {
      report_.add_fault("OpenVINO", fmt::format("a constant of {} bytes has {} in the weights",
                                                (wanted + 7) / 8, size));
    }
  }

  static std::uint64_t bits_of(std::string_view type) {
    constexpr auto kTypes = std::to_array<std::pair<std::string_view, std::uint64_t>>({{"f64", 64},
                                                                                       {"f32", 32},
                                                                                       {"f16", 16},
                                                                                       {"bf16", 16},
                                                                                       {"i64", 64},
                                                                                       {"i32", 32},
                                                                                       {"i16", 16},
                                                                                       {"i8", 8},
                                                                                       {"u64", 64},
                                                                                       {"u32", 32},
                                                                                       {"u16", 16},
                                                                                       {"u8", 8}});
    const auto* const found =
        std::ranges::find(kTypes, type, &std::pair<std::string_view, std::uint64_t>::first);
    return found == kTypes.end() ? 0 : found->second;
  }

  ExchangeReport& report_;
  std::vector<std::string_view> tokenizers_;
};

// Of PMML: functions that JPMML loads as Java classes by their name (FunctionRegistry.java), and
// scripts that products put into extensions.
void judge_pmml(std::string_view name, const Node& element, ExchangeReport& report) {
  if (name == "Apply") {
    const std::string_view function = element["@function"].text;
    if (function.find('.') == std::string_view::npos || function.starts_with("org.jpmml.")) return;
    report.add(ModelRule::kUnknownCall, shown(function),
               fmt::format("Evaluating the model makes JPMML load the Java class {} from the class "
                           "path",
                           shown(function)));
    return;
  }
  if (name != "Extension") return;
  constexpr auto kCode = std::to_array<std::string_view>(
      {"<script", "javascript", "Runtime.getRuntime", "ProcessBuilder", "ScriptEngine", "os.system",
       "subprocess", "eval("});
  for (const std::string_view text : {element.text, element["@value"].text, element["@name"].text,
                                      element["@extender"].text, element["script"].text}) {
    for (const std::string_view word : kCode) {
      if (text.find(word) == std::string_view::npos) continue;
      report.add(
          ModelRule::kUnknownCall, word,
          fmt::format("An extension of the model holds code ({}), which a product that knows "
                      "the extension may run",
                      word));
      return;
    }
  }
}

void walk(const Node& root, ExchangeReport& report) {
  NetJudge net(report);
  std::vector<std::pair<std::string_view, const Node*>> waiting = {{"", &root}};
  const bool is_net = root.has("net");
  while (!waiting.empty()) {
    const auto [name, node] = waiting.back();
    waiting.pop_back();
    if (is_net && name == "layer") net.layer(*node);
    if (!is_net) judge_pmml(name, *node, report);
    for (const Member& member : node->members) {
      if (member.value.is_table()) waiting.emplace_back(member.key, &member.value);
    }
  }
  net.conclude();
}

}  // namespace

Claim judge_xml(std::string_view bytes, ExchangeReport& report) {
  const std::string wide = plain(bytes);
  std::string_view text = wide.empty() ? bytes : std::string_view(wide);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), text.size()));
  constexpr auto kBegins =
      std::to_array<std::string_view>({"<?xml", "<PMML", "<!DOCTYPE", "<net", "<!--"});
  if (std::ranges::none_of(kBegins, [text](auto begin) { return text.starts_with(begin); }))
    return Claim::kOther;
  judge_inclusion(text, report);
  judge_entities(text, report);
  Limits limits;
  limits.values_max = kValuesMax;
  limits.depth_max = 256;
  limits.file_bytes_max = kXmlMax;
  const formats::packages::Tree tree = formats::packages::read_xml(report.path(), bytes, limits);
  const bool is_model = tree.root.has("PMML") || tree.root.has("net");
  if (is_model) judge_type(text, report);
  if (is_model) walk(tree.root, report);
  return Claim::kWhole;
}

}  // namespace vedette::scan::models
