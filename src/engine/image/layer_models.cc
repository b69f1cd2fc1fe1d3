// SPDX-License-Identifier: Apache-2.0
#include "engine/image/layer_models.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

#include "engine/image/sparse_bytes.h"
#include "scan/secrets/masked_text.h"

namespace vedette::engine {
namespace {

using std::string_view_literals::operator""sv;

constexpr auto kEndings = std::to_array<std::string_view>({".safetensors",
                                                           ".pt",
                                                           ".pth",
                                                           ".ckpt",
                                                           ".gguf",
                                                           ".onnx",
                                                           ".h5",
                                                           ".hdf5",
                                                           ".keras",
                                                           ".pkl",
                                                           ".pickle",
                                                           ".joblib",
                                                           ".dill",
                                                           ".npy",
                                                           ".npz",
                                                           ".tflite",
                                                           ".llamafile",
                                                           ".skops",
                                                           ".pmml",
                                                           ".mlmodel",
                                                           ".msgpack",
                                                           ".nemo",
                                                           ".ubj",
                                                           ".cbm",
                                                           "pytorch_model.bin",
                                                           "saved_model.pb",
                                                           ".index.json",
                                                           "tokenizer_config.json"});
constexpr std::size_t kStep = std::size_t{64} << 10;

// Its structure stands before the tensors.
bool begins_with_structure(std::string_view head) {
  return head.starts_with("GGUF"sv) || (head.size() > 8 && head[8] == '{');
}

bool is_pickle(std::string_view head) {
  return head.size() > 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
}

}  // namespace

bool LayerModels::is_model(std::string_view path, std::string_view head) {
  return is_pickle(head) || head.starts_with("GGUF"sv) || head.starts_with("\x89HDF\r\n"sv) ||
         (head.starts_with("PK"sv) && path.ends_with(".bin")) ||
         std::ranges::any_of(kEndings, [path](std::string_view e) { return path.ends_with(e); });
}

void LayerModels::look(std::string_view path, std::string_view content,
                       std::vector<event::Finding>& findings, ingest::SkipTally& skipped) {
  using Kind = scan::models::ModelLoss::Kind;
  using ingest::SkipReason;
  const std::size_t before = findings.size();
  scanner_.scan(path, content, findings);
  for (std::size_t i = before; i < findings.size(); ++i) {
    event::Finding& finding = findings[i];
    const std::string place = finding.place.path;
    finding.message = scan::secrets::masked_text(finding.message, place, masking_);
    finding.redacted = scan::secrets::masked_text(finding.redacted, place, masking_);
  }
  for (const scan::models::ModelLoss& loss : scanner_.losses()) {
    skipped.add(loss.kind == Kind::kLimit    ? SkipReason::kArchiveLimit
                : loss.kind == Kind::kSealed ? SkipReason::kSealed
                                             : SkipReason::kDamaged,
                loss.path, loss.message);
  }
}

Result<void> LayerModels::look_at_large(std::string_view path, std::uint64_t size,
                                        formats::archive::TarReader& reader,
                                        std::vector<event::Finding>& findings,
                                        ingest::SkipTally& skipped) {
  if (size > kFileBytesMax) return failure(ErrorCode::kLimit, "a model of more than 1 TiB");
  TRY(SparseBytes model, SparseBytes::of(size));
  const auto block = std::make_unique_for_overwrite<char[]>(kStep);
  const std::uint64_t tail = size - std::min<std::uint64_t>(size, kTailMax);
  for (std::uint64_t at = 0; at < size;) {
    TRY(const std::size_t got, reader.read(block.get(), kStep));
    if (got == 0) break;
    if (at < kHeadMax || at + got > tail) model.put(at, {block.get(), got});
    at += got;
  }
  if (!begins_with_structure(model.bytes().substr(0, kStep)) && size > kHeadMax + kTailMax) {
    skipped.add(ingest::SkipReason::kArchiveLimit, path,
                fmt::format("a model, of which the first {} and the last {} MiB were looked at",
                            kHeadMax >> 20, kTailMax >> 20));
  }
  look(path, model.bytes(), findings, skipped);
  return {};
}

}  // namespace vedette::engine
