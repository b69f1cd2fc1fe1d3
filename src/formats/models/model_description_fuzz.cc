// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/model_description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::formats::models;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  models::ModelDescription model;
  models::read_model_card("README.md", text, model);
  models::read_model_config("config.json", text, model);
  CHECK(model.datasets.size() <= models::ModelDescription::kNamesMax);
  return 0;
}
