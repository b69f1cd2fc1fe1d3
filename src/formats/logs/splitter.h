// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"

namespace vedette::formats::logs {

// Cuts a stream into runs of whole records. One splitter follows one input from its first byte to
// its last.
class Splitter {
 public:
  Splitter(event::RecordFormat format, const Limits& limits);

  struct Cut {
    std::size_t size = 0;  // bytes at the front that belong to the next batch; 0: give more bytes
    // RecordFormat::kJson: the records within those bytes.
    std::vector<event::RecordSpan> records;
    // A record exceeded Limits::record_bytes_max; `size` bytes are to be dropped and the sentence
    // reported.
    std::string problem;
  };
  // `bytes` are those not yet cut off; at_end says that no more follow, and then everything is cut.
  // Called with the same bytes and more behind them while the answer is 0.
  Cut cut(std::string_view bytes, bool at_end);

  // What the batches cut from now on need to have seen; null for most formats.
  std::shared_ptr<const std::string> preamble() const { return preamble_; }

 private:
  Cut cut_lines(std::string_view bytes, bool at_end);
  Cut cut_json(std::string_view bytes, bool at_end);

  event::RecordFormat format_;
  const Limits& limits_;
  std::shared_ptr<const std::string> preamble_;
  bool dropping_ = false;  // inside a record that is too long
  // kJson: how the values are wrapped, see splitter.cc.
  std::size_t scanned_ = 0;
  std::size_t depth_ = 0;
  std::size_t wrapper_depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t record_start_ = 0;
};

}  // namespace vedette::formats::logs
