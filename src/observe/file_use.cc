// SPDX-License-Identifier: Apache-2.0
#include "observe/file_use.h"

#include <algorithm>
#include <array>

namespace vedette::observe {
namespace {

constexpr auto kPassing = std::to_array<std::string_view>(
    {"/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/tmp/", "/var/run/", "/var/cache/"});
constexpr auto kModels = std::to_array<std::string_view>(
    {".safetensors", ".gguf",    ".ggml",   ".onnx",      ".pt",     ".pth",   ".ckpt",
     ".pkl",         ".pickle",  ".joblib", ".h5",        ".hdf5",   ".keras", ".tflite",
     ".pb",          ".mlmodel", ".npz",    ".llamafile", ".engine", ".nemo"});
constexpr auto kJava = std::to_array<std::string_view>({".jar", ".war", ".ear", ".class", ".jmod"});
// Of weights in parts that have no name of their own: pytorch_model.bin, model-00001-of-00002.bin.
constexpr auto kModelNames =
    std::to_array<std::string_view>({"model", "weights", "ggml", "adapter"});

template <typename Range>
bool ends_with_any(std::string_view text, const Range& ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.ends_with(end); });
}

bool is_shared_object(std::string_view name) {
  const std::size_t at = name.find(".so");
  return at != std::string_view::npos && (at + 3 == name.size() || name[at + 3] == '.');
}

bool is_model(std::string_view path, std::string_view name) {
  // A list of folders for Python's path.
  if (name.ends_with(".pth") && path.find("-packages/") != std::string_view::npos) return false;
  if (ends_with_any(name, kModels)) return true;
  const bool plain = name.ends_with(".bin") || name.ends_with(".data");
  const bool named = std::ranges::any_of(kModelNames, [&](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
  return plain && (named || path.find("/models/") != std::string_view::npos);
}

}  // namespace

FileUse use_of(std::string_view path) {
  if (std::ranges::any_of(kPassing,
                          [&](std::string_view folder) { return path.starts_with(folder); })) {
    // Weights are often brought in at run time.
    return is_model(path, path.substr(path.rfind('/') + 1)) && !path.starts_with("/proc/") &&
                   !path.starts_with("/sys/")
               ? FileUse::kModel
               : FileUse::kPassing;
  }
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (!python_module(path).name.empty()) {
    return is_shared_object(name) ? FileUse::kSharedObject : FileUse::kPython;
  }
  if (is_shared_object(name)) return FileUse::kSharedObject;
  if (ends_with_any(name, kJava)) return FileUse::kJava;
  return is_model(path, name) ? FileUse::kModel : FileUse::kOther;
}

PythonModule python_module(std::string_view path) {
  for (const std::string_view folder : {"/site-packages/", "/dist-packages/"}) {
    const std::size_t at = path.rfind(folder);
    if (at == std::string_view::npos) continue;
    std::string_view name = path.substr(at + folder.size());
    const std::size_t slash = name.find('/');
    const bool alone = slash == std::string_view::npos;
    name = name.substr(0, slash);
    if (name == "__pycache__") {
      // "six.cpython-311.pyc" of a module that is one file.
      name = path.substr(at + folder.size() + slash + 1);
      return {path.substr(0, at + folder.size() - 1), name.substr(0, name.find('.'))};
    }
    if (name.ends_with(".pth") || name.ends_with(".dist-info") || name.ends_with(".egg-info")) {
      return {};
    }
    if (alone) name = name.substr(0, name.find('.'));
    return {path.substr(0, at + folder.size() - 1), name};
  }
  return {};
}

}  // namespace vedette::observe
