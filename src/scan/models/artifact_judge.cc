// SPDX-License-Identifier: Apache-2.0
#include "scan/models/artifact_judge.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <optional>

#include "formats/models/shard_index.h"
#include "scan/models/document_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::ArtifactLayer;

constexpr std::size_t kTextMax = std::size_t{4} << 20;
constexpr std::size_t kShownMax = 200;

// By the end of a media type: what a file of that kind is called.
struct Kind {
  std::string_view ending;
  std::string_view name;
};
constexpr auto kKinds = std::to_array<Kind>({{".image.template", "template"},
                                             {".image.system", "system"},
                                             {".image.prompt", "prompt"},
                                             {".image.messages", "messages"},
                                             {".image.params", "params.json"},
                                             {".weight.v1.gguf", "model.gguf"},
                                             {".weight.v1.safetensors", "model.safetensors"},
                                             {".ai.gguf.v3", "model.gguf"},
                                             {".ai.safetensors", "model.safetensors"}});

// The code points of UTF-8; what is none is passed over.
std::optional<char32_t> next_point(std::string_view text, std::size_t& at) {
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at++]);
    const std::size_t more = first >= 0xF0 ? 3U : first >= 0xE0 ? 2U : first >= 0xC0 ? 1U : 0U;
    if (first >= 0x80 && more == 0) continue;
    if (more > text.size() - at) return std::nullopt;
    char32_t point = more == 0 ? first : first & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i)
      point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    return point;
  }
  return std::nullopt;
}

// Tags, which no font shows and models read as letters, and what turns the order of what is shown
// against the script's own. Flags of regions use tags behind U+1F3F4.
std::string hidden_text(std::string_view text) {
  std::string tags;
  bool turns = false;
  char32_t before = 0;
  bool in_flag = false;
  for (std::size_t at = 0; const auto point = next_point(text, at);) {
    const bool is_tag = *point >= 0xE0020 && *point <= 0xE007F;
    in_flag = is_tag && (in_flag || before == 0x1F3F4);
    if (is_tag && !in_flag && *point < 0xE007F && tags.size() < kShownMax)
      tags += static_cast<char>(*point - 0xE0000);
    turns = turns || *point == 0x202D || *point == 0x202E;
    before = *point;
  }
  if (!tags.empty()) return fmt::format("characters that are not shown and spell {}", tags);
  return turns ? "characters that turn the order of what is shown" : std::string();
}

}  // namespace

std::string name_of_layer(const ArtifactLayer& layer) {
  if (!layer.name.empty()) return layer.name;
  for (const Kind& kind : kKinds) {
    if (layer.media_type.ends_with(kind.ending)) return std::string(kind.name);
  }
  return {};
}

void judge_manifest(const ModelRules& rules, std::string_view path,
                    const formats::models::ArtifactManifest& manifest,
                    std::vector<event::Finding>& findings) {
  for (const ArtifactLayer& layer : manifest.layers) {
    // Other algorithms are none of ours; what has parts of a path is none at all.
    if (layer.digest.find_first_of("/\\") != std::string::npos ||
        layer.digest.find("..") != std::string::npos) {
      const std::string shown = layer.digest.substr(0, kShownMax);
      add_finding(rules[ModelRule::kPathEscapes], path, shown,
                  fmt::format("The manifest names the digest {}, which is a path: a server that "
                              "joins it reads or writes there (CVE-2024-37032)",
                              shown),
                  findings);
    }
    if (!layer.name.empty() && !formats::models::stays_in_folder(layer.name)) {
      const std::string shown = layer.name.substr(0, kShownMax);
      add_finding(rules[ModelRule::kPathEscapes], path, shown,
                  fmt::format("Unpacking the artefact writes {}, outside of its folder", shown),
                  findings);
    }
  }
}

void judge_layer_text(const ModelRules& rules, std::string_view path, const ArtifactLayer& layer,
                      std::string_view text, std::vector<event::Finding>& findings) {
  constexpr auto kTexts = std::to_array<std::string_view>(
      {".image.template", ".image.system", ".image.prompt", ".image.messages"});
  const bool is_text = std::ranges::any_of(
      kTexts, [&layer](std::string_view ending) { return layer.media_type.ends_with(ending); });
  if (!is_text) return;
  text = text.substr(0, kTextMax);
  if (const std::string part = hostile_template(text); !part.empty()) {
    add_finding(
        rules[ModelRule::kRunsCode], path, part,
        fmt::format("The template leaves Jinja's sandbox by {} where it is used as one", part),
        findings);
  }
  if (const std::string hidden = hidden_text(text); !hidden.empty()) {
    add_finding(rules[ModelRule::kHiddenText], path, hidden,
                fmt::format("What the model is told holds {}", hidden), findings);
  }
}

}  // namespace vedette::scan::models
