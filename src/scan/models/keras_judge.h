// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/packages/tree.h"
#include "scan/models/exchange/exchange_report.h"

namespace vedette::scan::models {

// Where a description of a Keras model stands: loaders of HDF5 and of a SavedModel do not ask for
// safe_mode.
enum class KerasForm : std::uint8_t { kArchive, kHdf5, kSavedModel };

// Judges what Keras would do for a description (config.json, model_config, training_config): code
// in Lambda layers, functions and classes that are resolved by name, files and addresses that
// layers read. Says nothing of other documents.
void judge_keras(const formats::packages::Node& root, KerasForm form, ExchangeReport& report);
// The same of its JSON text, which stands among other values.
void judge_keras_text(std::string_view text, KerasForm form, ExchangeReport& report);

}  // namespace vedette::scan::models
