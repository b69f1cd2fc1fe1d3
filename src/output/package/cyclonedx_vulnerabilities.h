// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_writer.h"
#include "base/result.h"
#include "event/finding.h"
#include "output/writer.h"

namespace vedette::output {

// CycloneDX 1.6 "vulnerabilities", one for each finding, as each has an analysis and advice of its
// own. Components are referred to by their Package URLs.
Result<void> append_vulnerabilities(const std::vector<event::Finding>& findings, Writer& writer,
                                    JsonWriter& json);

}  // namespace vedette::output
