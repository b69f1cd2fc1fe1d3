// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/alert.h"
#include "rules/model.h"

namespace vedette::rules {

// One kind of event that a rule can ask for, as content/logsources/*.yml describes it: events for
// which `when` holds belong to category/product/service, and the fields that rules name may be
// called otherwise there.
struct LogSourceEntry {
  LogSource source;
  Expression when;
  std::map<std::string, std::string, std::less<>>
      fields;  // rule's field name -> event's field name
  std::string file;
  std::uint32_t line = 0;
};

// All of content/logsources/. Immutable after load.
struct LogSources {
  std::vector<LogSourceEntry> entries;
  // Paths below which an event's fields stand under their bare names ("winlog.event_data").
  std::vector<std::string> containers;
  // Keys of a record below which the record itself stands ("_source").
  std::vector<std::string> envelopes;
  // Further paths of a field ("Channel" <- "winlog.channel", "Event.System.Channel"), best first.
  std::map<std::string, std::vector<std::string>, std::less<>> aliases;
  // Fields that play a role for people, best first, and those that hold the event's time.
  std::array<std::vector<std::string>, event::kRoleCount> roles;
  std::vector<std::string> time;
};

// Reads every *.yml of a folder; the format is described in docs/log-sources.md.
Result<LogSources> load_log_sources(const std::string& folder, std::vector<Diagnostic>& warnings);

// Whether a rule that asks for `wanted` may see the events of an entry: each part that the rule
// names must be the entry's (Sigma rules specification 2.1.0, "Log Source"); letters' case is
// ignored.
bool covers(const LogSource& wanted, const LogSource& entry);

}  // namespace vedette::rules
