// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "event/value.h"
#include "formats/logs/auditd_fields.h"
#include "formats/logs/decoder.h"

namespace vedette::formats::logs {

// Records of different events may stand mixed in a log (they come from different processors). A
// record joins the last event of its node and stamp when that event has a record among this many
// lines before it and none of them was its EOE.
inline constexpr std::size_t kAuditWindow = 64;

// LogDecoder of Linux audit logs: the records of one event, scattered over lines, become one event
// with the fields that AuditFields names. Events come in the order of their first records. `raw` is
// the event's lines; where lines of others stand between them, a copy without those, and `offset`
// that of the first line. What ausearch writes between events is no record.
class AuditdDecoder {
 public:
  AuditdDecoder(const event::FieldTree& tree, const Limits& limits)
      : tree_(tree), limits_(limits), fields_(limits.values_max) {}

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return groups_.size(); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Line {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::uint32_t next = kNone;  // of the same event
  };
  // The lines of one event, or one line that is no record.
  struct Group {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::size_t bytes = 0;
    bool is_record = true;
    bool contiguous = true;
    bool has_execve = false;
  };
  // Recent lines by their place modulo the window: which stamp, of which group.
  struct Recent {
    std::uint64_t hash = 0;  // 0: joins nothing
    std::uint32_t group = kNone;
  };

  void index_line(std::size_t offset, std::size_t size);
  std::uint32_t open_group(std::uint64_t hash) const;
  void close_group(std::uint32_t group);
  std::string_view text_of(const Group& group, event::Event& event) const;
  Result<void> decode(const event::Event& event, event::FieldWriter& writer);

  const event::FieldTree& tree_;
  // For everything(): the event's slots are filled, and adding to them again would double values.
  const event::FieldTree no_slots_ = event::FieldTree::Builder().build();
  const Limits& limits_;
  AuditFields fields_;
  std::string_view bytes_;  // of the batch
  std::vector<Line> lines_;
  std::vector<Group> groups_;
  std::array<Recent, kAuditWindow> recent_{};
  std::size_t line_count_ = 0;        // all lines, also those that are no records
  std::uint32_t last_group_ = kNone;  // of the last line that was not a separator
  std::size_t at_ = 0;                // the next group
  std::vector<RecordProblem> problems_;
};

// The end of the longest front of `bytes` that ends with a line and none of whose events goes on in
// the rest, so that decoding both apart equals decoding them together. 0 when there is none, or
// when fewer than kAuditWindow lines stand behind it. At the end of the input: everything.
std::size_t cut_auditd(std::string_view bytes, bool at_end);

}  // namespace vedette::formats::logs
