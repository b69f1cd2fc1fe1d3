// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "formats/packages/tree.h"
#include "scan/models/exchange/exchange_report.h"

namespace vedette::scan::models {

// Where a description of a Keras model stands: loaders of HDF5 do not ask for safe_mode.
enum class KerasForm : std::uint8_t { kArchive, kHdf5 };

// Judges what Keras would do for a description (config.json, model_config, training_config): code
// in Lambda layers, functions and classes that are resolved by name, files and addresses that
// layers read. Says nothing of other documents.
void judge_keras(const formats::packages::Node& root, KerasForm form, ExchangeReport& report);

}  // namespace vedette::scan::models
