// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/exchange/tflite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const models::TfliteModel model = models::read_tflite(bytes);
  CHECK(model.faults.size() <= models::TfliteModel::kFaultsMax);
  CHECK(model.custom.size() <= models::TfliteModel::kCustomMax);
  for (const models::TfliteModel::Custom& one : model.custom) CHECK(one.name.size() <= size);
  for (const auto& [name, content] : model.metadata)
    CHECK(name.size() + content.size() <= 2 * size);
  CHECK(models::flexbuffer_texts(bytes).size() <= models::kFlexTextsMax);
  return 0;
}
