// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// falco: Falco's own JSON (json_output: true), one object a line, for whatever reads Falco's
// alerts. Times are UTC. What is no Falco rule is written with its title as message, the fields
// that made it match, and the priority nearest to its level.
Result<std::unique_ptr<event::Sink>> make_falco_sink(const SinkOptions& options);

}  // namespace vedette::output
