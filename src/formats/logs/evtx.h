// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/logs/decoder.h"
#include "formats/logs/evtx_plan.h"
#include "formats/logs/windows_xml_tree.h"

// Windows event log files (EVTX): a header of 4096 bytes, then chunks of 64 KiB, each with its own
// templates and names.
namespace vedette::formats::logs {

// Bytes of the longest front of `bytes` that ends with a chunk, all of them `at_end`; 0 when that
// needs more bytes. `first`: the file's header stands in front.
std::size_t cut_evtx(std::string_view bytes, bool at_end, bool first);

// A LogDecoder for batches of whole chunks, the first of a file with its header. Fields have the
// paths and texts of the JSON form that evtx_dump writes ("Event.System.EventID",
// "Event.EventData.Image"), but for its values of one field in several elements: those are one
// field with several values.
//
// Event::raw is the record, whose text is UTF-16; Event::raw_static holds the text of its template.
// Numbers, times, GUIDs and SIDs are text in neither. Texts are views into the batch; those of the
// templates live until the next call of next() or start().
//
// Damage is noted and costs as little as can be: a wrong checksum nothing, a broken record itself.
// With `recover`, records are also carved from the unused ends of chunks and from chunks whose
// header is destroyed.
class EvtxDecoder {
 public:
  EvtxDecoder(const event::FieldTree& tree, const Limits& limits, bool recover = false)
      : tree_(tree), limits_(limits), recover_(recover), plans_(tree, limits) {}

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }

 private:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  // Templates in templates that plans follow; real events have one.
  static constexpr std::size_t kPlanDepthMax = 8;
  enum class Phase : std::uint8_t { kBetweenChunks, kLive, kCarve };

  bool open_chunk();
  void check_chunk();
  bool find_record(Span& record);
  bool find_live_record(Span& record);
  bool carve_record(Span& record);
  bool resynchronize();
  bool plausible(std::size_t at, std::size_t end) const;
  bool decode(const Span& record, event::Event& event);
  bool run_plans(const Span& body, event::Event& event);
  Result<void> walk(const Span& body, event::Event& event);
  void note(std::size_t at, std::string message);

  const event::FieldTree& tree_;
  const Limits& limits_;
  bool recover_;
  evtx::PlanCache plans_;
  evtx::InstanceValues values_;
  XmlTree xml_;
  std::string_view bytes_;  // of the batch
  std::string_view chunk_;
  std::size_t chunk_at_ = 0;  // in the batch
  std::size_t next_chunk_ = 0;
  std::size_t at_ = 0;        // in the chunk
  std::size_t live_end_ = 0;  // of the chunk's records that are in use
  std::uint64_t last_identifier_ = 0;
  Phase phase_ = Phase::kBetweenChunks;
  Span last_;                                                  // the record returned last
  std::array<evtx::ListedInstance, kPlanDepthMax> instances_;  // of it, if plans decoded it
  std::size_t instance_count_ = 0;
  evtx::Lister lister_;
  std::uint64_t record_ = 0;
  std::vector<RecordProblem> problems_;
};

}  // namespace vedette::formats::logs
