// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "formats/kernel/record_reader.h"
#include "formats/kernel/system_state.h"
#include "rules/enforcement.h"
#include "rules/model.h"
#include "sensor/enforcement.h"

namespace vedette::engine {

// What the loaded rules with `action: block` have the kernel deny. Immutable.
struct Enforcement {
  // By action and entry, as in the tables.
  std::array<std::vector<rules::EnforcementEntry>, VEDETTE_ACTIONS> entries;
  std::shared_ptr<const sensor::EnforcementTable> table;

  // The entries that agree with a container, or, for null, with the host.
  sensor::EntrySets sets_for(const formats::kernel::Container* container) const;
};

// Null when no rule blocks. The error says that there are more entries than the kernel looks at.
Result<std::shared_ptr<const Enforcement>> compile_enforcement(const rules::RuleSet& rules);

// Lets rules that block match the events that tell of what was denied for them.
void match_blocked_events(rules::RuleSet& rules);

// Follows the stream of records for what entries ask of containers. One thread.
class EnforcedContainers {
 public:
  struct Change {
    std::uint64_t cgroup = 0;
    bool gone = false;
    sensor::EntrySets sets = {};
  };

  explicit EnforcedContainers(std::shared_ptr<const Enforcement> enforcement)
      : enforcement_(std::move(enforcement)) {}

  // Takes whole records; what is to be changed in the kernel.
  std::vector<Change> take(std::string_view records);

 private:
  std::shared_ptr<const Enforcement> enforcement_;
  formats::kernel::SystemState state_;
  formats::kernel::RecordReader reader_;
  std::map<std::uint64_t, std::string> cgroups_;  // of containers, as far as known -> path
};

}  // namespace vedette::engine
