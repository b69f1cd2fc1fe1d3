// SPDX-License-Identifier: Apache-2.0
#include "scan/models/torch_operations.h"

#include <algorithm>
#include <array>

namespace vedette::scan::models {
namespace {

struct Row {
  std::string_view name;  // with a '*' at the end: all that begin so
  ModelRule rule;
  std::string_view does;
};

// Behind "torch." and "ops."; operators of "aten" may stand without it.
constexpr auto kRows = std::to_array<Row>({
    {"save", ModelRule::kChangesFiles, "writes a file"},
    {"from_file", ModelRule::kReadsFiles, "reads a file"},
    {"load", ModelRule::kLoadsCode, "loads another model"},
    {"load_library", ModelRule::kLoadsCode, "loads a library"},
    {"classes.load_library", ModelRule::kLoadsCode, "loads a library"},
    {"ops.load_library", ModelRule::kLoadsCode, "loads a library"},
    {"image.read_file", ModelRule::kReadsFiles, "reads a file"},
    {"image.write_file", ModelRule::kChangesFiles, "writes a file"},
    {"io.read_file", ModelRule::kReadsFiles, "reads a file"},
    {"io.write_file", ModelRule::kChangesFiles, "writes a file"},
    {"video_reader.read_video_from_file", ModelRule::kReadsFiles, "reads a file"},
    {"video_reader.probe_video_from_file", ModelRule::kReadsFiles, "reads a file"},
    {"torchaudio.sox_io_save*", ModelRule::kChangesFiles, "writes a file"},
    {"torchaudio.sox_io_*", ModelRule::kReadsFiles, "reads a file"},
    {"torchaudio.ffmpeg_*", ModelRule::kReadsFiles, "opens a file or an address"},
    {"rpc.rpc_sync", ModelRule::kUsesNetwork, "calls another machine"},
    {"rpc.rpc_async", ModelRule::kUsesNetwork, "calls another machine"},
    {"rpc.remote", ModelRule::kUsesNetwork, "calls another machine"},
});

// Namespaces of operators that PyTorch and its libraries register.
constexpr auto kSpaces = std::to_array<std::string_view>(
    {"aten",         "prim",         "prims",    "quantized",  "_quantized",       "torchvision",
     "torchaudio",   "torchtext",    "image",    "io",         "video_reader",     "rpc",
     "c10d",         "_caffe2",      "profiler", "sparse",     "mkldnn",           "onednn",
     "prepacked",    "xnnpack",      "inductor", "fbgemm",     "mkldnn_prepacked", "vulkan_prepack",
     "metal",        "cuda",         "mkl",      "debugprims", "static_runtime",   "torch_scatter",
     "torch_sparse", "torch_cluster"});

}  // namespace

TorchOperation find_torch_operation(std::string_view module, std::string_view name) {
  if (module == "torch" && name.starts_with("ops.")) {
    module = "ops";
    name.remove_prefix(4);
  }
  if (module == "builtins" && (name == "eval" || name == "exec"))
    return {TorchOperation::Kind::kDangerous, ModelRule::kRunsCode, "runs code", {}};
  if (module != "torch" && module != "ops") return {};
  const std::string_view space = name.substr(0, name.find('.'));
  const std::string_view short_name = space == "aten" && name.size() > 5 ? name.substr(5) : name;
  for (const Row& row : kRows) {
    const bool is_it = row.name.ends_with('*')
                           ? short_name.starts_with(row.name.substr(0, row.name.size() - 1))
                           : short_name == row.name;
    if (is_it) return {TorchOperation::Kind::kDangerous, row.rule, row.does, {}};
  }
  if (module == "ops" && space.size() < name.size() &&
      std::ranges::find(kSpaces, space) == kSpaces.end())
    return {TorchOperation::Kind::kForeign, ModelRule::kCustomOperation, {}, space};
  return {};
}

}  // namespace vedette::scan::models
