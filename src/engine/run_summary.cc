// SPDX-License-Identifier: Apache-2.0
#include "engine/run_summary.h"

#include <algorithm>

#include "engine/refusal_groups.h"

namespace vedette::engine {
namespace {

void add_rule_hits(const CompiledRules& compiled, const OrderedOutput& output,
                   const Workers& workers, bool profile, event::Summary& summary) {
  for (std::size_t i = 0; i < compiled.rules.rules.size(); ++i) {
    event::RuleHits hits{&compiled.rules.rules[i].info, output.rule_hits()[i], 0, 0};
    for (const auto& worker : workers) {
      if (worker->costs().empty()) continue;
      hits.evaluations += worker->costs()[i].evaluations;
      hits.nanoseconds += worker->costs()[i].nanoseconds;
    }
    if (hits.hits != 0 || profile) summary.rules.push_back(hits);
  }
  for (std::size_t i = 0; i < compiled.rules.correlations.size(); ++i) {
    const std::uint64_t hits = output.correlation_hits()[i];
    if (hits != 0 || profile)
      summary.rules.push_back({&compiled.rules.correlations[i].info, hits, 0, 0});
  }
  std::stable_sort(
      summary.rules.begin(), summary.rules.end(),
      [](const event::RuleHits& a, const event::RuleHits& b) { return a.hits > b.hits; });
}

// What decoding counted, and what reading itself found wrong, by input.
void add_reports(const event::Source& source, const OrderedOutput& output,
                 event::Summary& summary) {
  for (const event::InputReport& read : source.reports()) {
    event::InputReport report = read;
    const std::size_t index = summary.inputs.size();
    if (index < output.reports().size() && !output.reports()[index].name.empty()) {
      const event::InputReport& decoded = output.reports()[index];
      report.events = decoded.events;
      report.skipped += decoded.skipped;
      report.unknown_source = decoded.unknown_source;
      if (report.bytes == 0) report.bytes = decoded.bytes;
      report.problems.insert(report.problems.end(), decoded.problems.begin(),
                             decoded.problems.end());
      if (report.problems.size() > event::InputReport::kProblemsKept) {
        report.problems.resize(event::InputReport::kProblemsKept);
      }
    }
    summary.skipped += read.skipped;
    summary.inputs.push_back(std::move(report));
  }
}

}  // namespace

event::Summary summarise(const std::shared_ptr<const CompiledRules>& compiled,
                         const OrderedOutput& output, const Workers& workers,
                         const event::Source& source, bool profile) {
  event::Summary summary = output.counts();
  summary.rules_loaded = compiled->rules.rules.size() + compiled->rules.correlations.size();
  summary.rules_refused = compiled->rules.refused.size();
  summary.refusals = group_refusals(compiled->rules.refused);
  summary.rule_set = compiled;
  if (compiled->correlator != nullptr) {
    summary.correlation_evictions = compiled->correlator->counts().evictions;
    summary.correlation_late = compiled->correlator->counts().late;
  }
  add_rule_hits(*compiled, output, workers, profile, summary);
  add_reports(source, output, summary);
  return summary;
}

WorkerOptions worker_options(const std::vector<event::Sink*>& sinks) {
  WorkerOptions worker;
  worker.details = false;
  for (const event::Sink* sink : sinks) {
    worker.details = worker.details || sink->wants_details();
    worker.whole_event = worker.whole_event || sink->wants_event();
  }
  return worker;
}

}  // namespace vedette::engine
