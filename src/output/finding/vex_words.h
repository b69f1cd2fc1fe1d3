// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "event/finding.h"

// Words of the formats for statements of producers (VEX), from each other's.
namespace vedette::output {

// OpenVEX's and CSAF's word for a justification in any of the formats' words; empty: they have none
// for it, so that it must be told in prose.
std::string_view openvex_justification(std::string_view word);
// CycloneDX's.
std::string_view cyclonedx_justification(std::string_view word);
// CycloneDX's analysis.state.
std::string_view cyclonedx_state(event::VexStatus status);

}  // namespace vedette::output
