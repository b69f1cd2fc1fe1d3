// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/json_writer.h"
#include "output/package/package_formats.h"

namespace vedette::output {

inline constexpr std::string_view kSubjectReference = "subject";

// CycloneDX 1.6 "metadata": when, by what, and the component of that type that the bill is about,
// under kSubjectReference.
void append_metadata(const PackageReportOptions& options, std::string_view type, JsonWriter& json);

}  // namespace vedette::output
