// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "formats/findings/finding_report.h"

namespace vedette::engine {

// What several tools found stays once: findings of others' reports (FindingReport::is_foreign) that
// an earlier report has go into that finding, which keeps its own words and takes their places and
// what is graver. Our own reports come first, whatever their order. The same: equal identities, or
// one version of one package with a vulnerability by one of its names. Answers how many went.
std::size_t merge_others(std::vector<formats::findings::FindingReport>& reports);

}  // namespace vedette::engine
