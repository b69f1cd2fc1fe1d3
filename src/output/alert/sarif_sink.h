// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// sarif: one SARIF 2.1.0 log with one run (OASIS, 27 March 2020). Each alert is a result at its
// input and byte offset; rules that had results are described in tool.driver. Results are written
// as they come; only the rules met are held.
Result<std::unique_ptr<event::Sink>> make_sarif_sink(const SinkOptions& options);

}  // namespace vedette::output
