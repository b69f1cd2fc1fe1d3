// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "formats/models/model_description.h"
#include "output/package/package_formats.h"

namespace vedette::output {

// An ML-BOM: CycloneDX 1.6 with a machine-learning-model for each model, its card and its files.
// Of `options` writer, subject, version and now are used.
Result<void> write_model_bill(const std::vector<formats::models::ModelComponent>& models,
                              const PackageReportOptions& options);

}  // namespace vedette::output
