// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "event/batch.h"
#include "formats/logs/cut.h"
#include "formats/logs/json_splitter.h"

namespace vedette::formats::logs {

// Cuts a stream into runs of whole records. One splitter follows one input from its first byte to
// its last. Cost: formats of lines look at the bytes behind the last line end only; kJson looks at
// every byte once. Memory: no state grows with the input.
//
// What kJson takes for the input's layout stands in json_splitter.h.
class Splitter {
 public:
  // `limits` outlives the splitter.
  Splitter(event::RecordFormat format, const Limits& limits);

  // `bytes` are those not yet cut off; at_end says that no more follow, and then everything is cut
  // (in several steps when part of it is to be dropped). While the answer's size is 0, the next
  // call has the same bytes and more behind them; else the bytes behind the cut and perhaps more.
  Cut cut(std::string_view bytes, bool at_end);

  // What the batches cut from now on need to have seen (ask before cut()); null for most formats.
  std::shared_ptr<const std::string> preamble() const { return preamble_; }

 private:
  struct Row;
  static const Row kRows[];

  Cut cut_lines(std::string_view bytes, bool at_end);
  Cut cut_zeek(std::string_view bytes, bool at_end);
  Cut cut_chunks(std::string_view bytes, bool at_end);
  Cut cut_elements(std::string_view bytes, bool at_end);
  Cut cut_audit_events(std::string_view bytes, bool at_end);
  Cut cut_json(std::string_view bytes, bool at_end);
  Cut cut_kernel(std::string_view bytes, bool at_end);
  Cut drop_line(std::string_view bytes, bool at_end);

  const Row& row_;
  const Limits& limits_;
  JsonSplitter json_;
  std::shared_ptr<const std::string> preamble_;
  std::size_t scanned_ = 0;  // bytes at the front that hold no line end
  bool dropping_ = false;    // inside a line that is too long
  bool in_header_ = false;   // of a Zeek log, which the last cut ended in
  bool first_ = true;        // nothing was cut yet
};

}  // namespace vedette::formats::logs
