// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.h"
#include "rules/logsource.h"

namespace vedette::detect {

// A value of an event as the naive evaluator sees it, with its text decoded.
struct FieldValue {
  std::string path;
  event::Kind kind = event::Kind::kString;
  std::string text;
  std::size_t envelope_size = 0;  // of what LogSources::envelopes puts in front of the path

  bool has_text() const {
    return kind == event::Kind::kString || kind == event::Kind::kNumber ||
           kind == event::Kind::kBoolean;
  }
};

// Every field of one event, found by name: simple and slow, for the naive evaluator, `explain` and
// tests. Fields that occur several times under one path are an array's elements.
class EventFields {
 public:
  // `log_sources` tells under which paths a field may stand; it outlives this object.
  explicit EventFields(const rules::LogSources& log_sources) : log_sources_(log_sources) {}

  void add(std::string_view path, event::Kind kind, std::string_view text);
  void add_all(const std::vector<event::NamedValue>& values);
  // The record's text as a whole, which keywords look at too; only for records that are lines of
  // text.
  void set_line(std::string_view line);

  // The values of a field under the best of its paths that the event has; empty when it has none.
  std::vector<const FieldValue*> values(std::string_view field) const;
  const std::vector<FieldValue>& all() const { return values_; }
  const std::string& line() const { return line_; }

 private:
  const rules::LogSources& log_sources_;
  std::vector<FieldValue> values_;
  std::string line_;
};

}  // namespace vedette::detect
