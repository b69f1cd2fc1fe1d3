// SPDX-License-Identifier: Apache-2.0
#include "engine/event_reader.h"

#include "engine/decoders.h"
#include "ingest/file_source.h"

namespace vedette::engine {
namespace {

// Decodes one batch; false when the visitor has had enough.
template <typename Decoder>
bool visit_batch(Decoder& decoder, const event::Batch& batch, const rules::LogSources& log_sources,
                 std::uint64_t record_base, const std::function<bool(const ReadEvent&)>& visit,
                 event::InputReport& report) {
  event::Event event(0);
  std::vector<event::NamedValue> values;
  decoder.start(batch);
  bool wanted = true;
  while (wanted && decoder.next(event)) {
    ++report.events;
    values.clear();
    decoder.everything(event, values);
    detect::EventFields fields(log_sources);
    fields.add_all(values);
    if (event.raw_text == event::RawText::kLine) fields.set_line(event.raw);
    wanted = visit({batch.input->name, record_base + event.record + 1, fields});
  }
  report.skipped += decoder.problems().size();
  for (const formats::logs::RecordProblem& problem : decoder.problems()) {
    if (report.problems.size() >= event::InputReport::kProblemsKept) break;
    report.problems.push_back({DiagnosticKind::kError,
                               {batch.input->name, 0, 0, batch.offset + problem.offset},
                               problem.message,
                               {}});
  }
  return wanted;
}

}  // namespace

Result<std::vector<event::InputReport>> read_events(
    const DetectOptions& options, const rules::LogSources& log_sources,
    const std::function<bool(const ReadEvent&)>& visit) {
  TRY(const auto source,
      ingest::FileSource::create(options.inputs, options.format, options.limits));
  const event::FieldTree tree = event::FieldTree::Builder().build();
  Decoders decoders(tree, options.limits, options.recover);
  std::vector<event::InputReport> decoded;
  std::uint64_t record_base = 0;
  std::uint32_t current = 0;
  bool wanted = true;
  event::Batch batch;
  while (wanted && source->next(batch)) {
    const std::uint32_t index = batch.input->index;
    if (index != current) record_base = 0;
    current = index;
    if (decoded.size() <= index) decoded.resize(index + std::size_t{1});
    decoders.with(batch.input->format, [&](auto& decoder) {
      wanted = visit_batch(decoder, batch, log_sources, record_base, visit, decoded[index]);
      record_base += decoder.records();
    });
  }
  std::vector<event::InputReport> reports = source->reports();
  for (std::size_t i = 0; i < std::min(reports.size(), decoded.size()); ++i) {
    reports[i].events = decoded[i].events;
    reports[i].skipped += decoded[i].skipped;
    reports[i].problems.insert(reports[i].problems.end(), decoded[i].problems.begin(),
                               decoded[i].problems.end());
  }
  return reports;
}

}  // namespace vedette::engine
