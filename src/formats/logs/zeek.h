// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "event/value.h"
#include "formats/logs/decoder.h"

namespace vedette::formats::logs {

// LogDecoder of Zeek's tab-separated logs (Zeek's Ascii writer). The header lines name the columns;
// they are no records, may change in the middle of a file, and those that a batch needs but does
// not hold come in Batch::preamble. Fields are the columns by their names ("id.orig_h"), sets and
// vectors with one value per element, `_path` of #path, and EventTime, the column ts of type time.
// An unset column is absent, an empty one is empty text. "\xHH" is undone.
class ZeekDecoder {
 public:
  ZeekDecoder(const event::FieldTree& tree, const Limits& limits) : tree_(tree), limits_(limits) {}

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }

 private:
  struct Column {
    std::string_view name;  // in the batch or its preamble
    event::FieldTree::Node node = event::FieldTree::kNone;
    bool is_container = false;  // set[…] or vector[…]
    bool is_number = false;
    bool is_time = false;  // ts
  };
  // Where values of one event go.
  struct Target {
    event::Event& event;
    std::vector<event::NamedValue>* everything;  // may be null
  };

  void read_header(std::string_view line);
  void set_columns(std::string_view names);
  void set_types(std::string_view types);
  std::string_view take_line();
  Result<void> decode(std::string_view line, Target target) const;
  // Returns how many values the column has, at most `count_max`.
  std::size_t write_column(const Column& column, std::string_view text, Target target,
                           std::size_t count_max) const;
  void write(std::string_view name, event::FieldTree::Node node, const event::Value& value,
             Target target) const;

  const event::FieldTree& tree_;
  const Limits& limits_;
  std::string_view bytes_;  // of the batch
  std::size_t at_ = 0;
  std::uint64_t record_ = 0;
  char separator_ = '\t';
  std::string_view set_separator_ = ",";
  std::string_view empty_ = "(empty)";
  std::string_view unset_ = "-";
  std::string_view path_;
  event::FieldTree::Node path_node_ = event::FieldTree::kNone;
  event::FieldTree::Node time_node_ = event::FieldTree::kNone;
  std::vector<Column> columns_;
  std::vector<RecordProblem> problems_;
};

// The newest run of header lines within `bytes`, which must end with a whole line, for the preamble
// of batches cut behind them; empty when `bytes` hold none. A run that `bytes` end in is returned
// as far as it goes: the rest of it then stands at the front of the next batch.
std::string zeek_preamble(std::string_view bytes);

}  // namespace vedette::formats::logs
