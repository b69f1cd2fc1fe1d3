// SPDX-License-Identifier: Apache-2.0
#include "engine/event_reader.h"

#include <utility>

#include "engine/decoders.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "formats/logs/format.h"
#include "ingest/file_source.h"

namespace vedette::engine {
namespace {

// Decodes whole events of batch after batch: no field is projected, everything() lists all of them.
class Reader {
 public:
  Reader(const DetectOptions& options, const rules::LogSources& log_sources,
         const std::function<bool(const ReadEvent&)>& visit)
      : log_sources_(log_sources),
        visit_(visit),
        tree_(event::FieldTree::Builder().build()),
        decoders_(tree_, options.limits, options.recover) {}

  // False when visit() wants no more.
  bool read(const event::Batch& batch, std::vector<Diagnostic>& problems) {
    if (batch.input->index != input_) {
      input_ = batch.input->index;
      records_before_ = 0;
    }
    bool more = true;
    decoders_.with(batch.input->format,
                   [&](auto& decoder) { more = read_with(decoder, batch, problems); });
    return more;
  }

 private:
  template <typename Decoder>
  bool read_with(Decoder& decoder, const event::Batch& batch, std::vector<Diagnostic>& problems) {
    decoder.start(batch);
    bool more = true;
    while (more && decoder.next(event_)) {
      detect::EventFields fields(log_sources_);
      values_.clear();
      decoder.everything(event_, values_);
      fields.add_all(values_);
      if (event_.raw_text == event::RawText::kLine) fields.set_line(event_.raw);
      more = visit_({batch.input->name, records_before_ + event_.record + 1, fields});
    }
    records_before_ += decoder.records();
    for (const formats::logs::RecordProblem& problem : decoder.problems()) {
      problems.push_back({DiagnosticKind::kError,
                          {batch.input->name, 0, 0, batch.offset + problem.offset},
                          problem.message,
                          ""});
    }
    return more;
  }

  const rules::LogSources& log_sources_;
  const std::function<bool(const ReadEvent&)>& visit_;
  event::FieldTree tree_;
  Decoders decoders_;
  event::Event event_{0};
  std::vector<event::NamedValue> values_;
  std::uint32_t input_ = 0;
  std::uint64_t records_before_ = 0;  // in the batches of this input that came before
};

}  // namespace

Result<std::vector<event::InputReport>> read_events(
    const DetectOptions& options, const rules::LogSources& log_sources,
    const std::function<bool(const ReadEvent&)>& visit) {
  TRY(const auto source,
      ingest::FileSource::create(options.inputs, options.format, options.limits));
  Reader reader(options, log_sources, visit);
  event::Batch batch;
  std::vector<Diagnostic> problems;
  while (source->next(batch) && reader.read(batch, problems)) {
  }
  std::vector<event::InputReport> reports = source->reports();
  for (Diagnostic& problem : problems) {
    for (event::InputReport& report : reports) {
      if (report.name != problem.place.file) continue;
      ++report.skipped;
      if (report.problems.size() < event::InputReport::kProblemsKept) {
        report.problems.push_back(std::move(problem));
      }
      break;
    }
  }
  return reports;
}

}  // namespace vedette::engine
