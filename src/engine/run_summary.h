// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engine/batch_worker.h"
#include "engine/compiled_rules.h"
#include "engine/ordered_output.h"
#include "event/sink.h"
#include "event/source.h"

namespace vedette::engine {

using Workers = std::vector<std::unique_ptr<BatchWorker>>;

// What a run did, after its threads ended and `output` was finished: counts of events, rules and
// inputs. Times are the caller's to add.
event::Summary summarise(const std::shared_ptr<const CompiledRules>& compiled,
                         const OrderedOutput& output, const Workers& workers,
                         const event::Source& source, bool profile);

// What a worker must bring for these sinks.
WorkerOptions worker_options(const std::vector<event::Sink*>& sinks);

}  // namespace vedette::engine
