// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "base/result.h"
#include "scan/models/model_scanner.h"

// The first byte chooses the name, by whose ending formats without a mark are known.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::scan::models;
  constexpr auto kNames = std::to_array<std::string_view>(
      {"model.pkl", "config.json", "tokenizer_config.json", "model.keras", "model.h5",
       "saved_model.pb", "model.onnx", "model.gguf", "model.safetensors", "book.ipynb",
       "model.pmml", "template.jinja", "model.bin", "model.zip"});
  if (size == 0) return 0;
  static const models::ModelRules kRules;
  models::ModelScanner scanner(kRules);
  std::vector<vedette::event::Finding> findings;
  scanner.scan(kNames[data[0] % kNames.size()], {reinterpret_cast<const char*>(data) + 1, size - 1},
               findings);
  for (const vedette::event::Finding& finding : findings) CHECK(finding.rule != nullptr);
  return 0;
}
