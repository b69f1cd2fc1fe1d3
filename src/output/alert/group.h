// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "event/sink.h"

namespace vedette::output {

constexpr std::size_t kGroupBytesMax = std::size_t{32} << 20;

// Folds the alerts of one rule in one container or on one host (a correlation's also of one group)
// into one, handed on to `inner` at the end of the run in the order of their first events. The one
// that is handed on is the first alert with the place and time of the newest, event_count over all,
// and first_time. Holds at most about `bytes_max`: beyond that the groups that began first are
// handed on early, and alerts that come later for them form new ones.
std::unique_ptr<event::Sink> make_group_sink(std::unique_ptr<event::Sink> inner,
                                             std::size_t bytes_max = kGroupBytesMax);

}  // namespace vedette::output
