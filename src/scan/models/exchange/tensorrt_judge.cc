// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMark = "ftrt";

// Plugins that come with TensorRT (libnvinfer_plugin), by the begin of their names.
constexpr auto kKnownPlugins =
    std::to_array<std::string_view>({"BatchTilePlugin_TRT",
                                     "BatchedNMS_TRT",
                                     "BatchedNMSDynamic_TRT",
                                     "Clip_TRT",
                                     "CoordConvAC",
                                     "CropAndResize",
                                     "DetectionLayer_TRT",
                                     "DisentangledAttention_TRT",
                                     "EfficientNMS_",
                                     "FlattenConcat_TRT",
                                     "GenerateDetection_TRT",
                                     "GridAnchor_TRT",
                                     "GridAnchorRect_TRT",
                                     "InstanceNormalization_TRT",
                                     "LReLU_TRT",
                                     "MultilevelCropAndResize_TRT",
                                     "MultilevelProposeROI_TRT",
                                     "MultiscaleDeformableAttnPlugin_TRT",
                                     "NMS_TRT",
                                     "NMSDynamic_TRT",
                                     "Normalize_TRT",
                                     "PriorBox_TRT",
                                     "ProposalLayer_TRT",
                                     "PyramidROIAlign_TRT",
                                     "RPROI_TRT",
                                     "Region_TRT",
                                     "Reorg_TRT",
                                     "ResizeNearest_TRT",
                                     "ROIAlign_TRT",
                                     "SpecialSlice_TRT"});

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Exporters put a description before it: its size in four bytes, and JSON.
std::string_view engine_of(std::string_view bytes) {
  if (bytes.starts_with(kMark)) return bytes;
  if (bytes.size() < 8 || bytes[4] != '{') return {};
  std::uint64_t size = 0;
  for (std::size_t i = 4; i-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes[i]);
  if (size > bytes.size() - 4) return {};
  const std::string_view rest = bytes.substr(4 + static_cast<std::size_t>(size));
  return rest.starts_with(kMark) ? rest : std::string_view();
}

// Types of plugins stand in it as texts and by custom end in "_TRT".
void judge_plugins(std::string_view engine, ExchangeReport& report) {
  constexpr std::string_view kEnd = "_TRT";
  constexpr std::size_t kPluginsMax = 50;
  constexpr std::size_t kNameMax = 128;
  std::vector<std::string_view> names;
  for (std::size_t at = engine.find(kEnd);
       at != std::string_view::npos && names.size() < kPluginsMax;
       at = engine.find(kEnd, at + kEnd.size())) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < kNameMax && is_word(engine[begin - 1])) --begin;
    const std::string_view name = engine.substr(begin, at + kEnd.size() - begin);
    const bool is_whole =
        begin + name.size() == engine.size() || !is_word(engine[begin + name.size()]);
    const bool is_known = std::ranges::any_of(
        kKnownPlugins, [name](std::string_view known) { return name.starts_with(known); });
    if (is_whole && !is_known && name.size() > kEnd.size() &&
        std::ranges::find(names, name) == names.end())
      names.push_back(name);
  }
  for (const std::string_view name : names) {
    report.add(ModelRule::kUnknownCall, shown(name),
               fmt::format("Running the engine calls the plugin {}, from a library that has to be "
                           "loaded for it",
                           shown(name)));
  }
}

// Code for graphics processors is in ELF, too; libraries for the machine are loaded where
// IRuntime::setEngineHostCodeAllowed(true) was called.
bool carries_library(std::string_view engine) {
  const std::string_view mark =
      "\x7F"
      "ELF"sv;
  for (std::size_t at = engine.find(mark); at != std::string_view::npos;
       at = engine.find(mark, at + mark.size())) {
    if (is_machine_program(engine.substr(at))) return true;
  }
  for (std::size_t at = engine.find("MZ"); at != std::string_view::npos;
       at = engine.find("MZ", at + 2)) {
    if (is_machine_program(engine.substr(at))) return true;
  }
  return false;
}

}  // namespace

Claim judge_tensorrt(std::string_view bytes, ExchangeReport& report) {
  const std::string_view engine = engine_of(bytes);
  if (engine.empty()) return Claim::kOther;
  report.add(ModelRule::kOpaque, "engine",
             "The engine of TensorRT is code for a graphics processor, which cannot be verified; "
             "build it yourself from the model that it was made of");
  judge_plugins(engine, report);
  if (carries_library(engine)) {
    report.add(ModelRule::kEmbeddedProgram, "library",
               "The engine carries a library for the machine, which a runtime loads where its "
               "engine_host_code_allowed is set");
  }
  return Claim::kShared;
}

}  // namespace vedette::scan::models
