// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/stored_findings.h"

#include <cstddef>
#include <utility>

namespace vedette::engine {
namespace {

bool is_sound(const event::Finding& finding) {
  return finding.kind <= event::FindingClass::kCompliance &&
         finding.severity <= event::Level::kCritical &&
         finding.confidence <= event::Confidence::kHigh;
}

constexpr auto kDiagnostic = [](auto& archive, auto& problem) {
  archive.value(problem.kind);
  archive.value(problem.place.file);
  archive.value(problem.place.line);
  archive.value(problem.place.column);
  archive.value(problem.place.offset);
  archive.value(problem.message);
  archive.value(problem.hint);
};

}  // namespace

bool write_findings(ArchiveWriter& writer, const std::vector<event::Finding>& findings,
                    const rules::secret::SecretRuleSet& rules) {
  writer.value(static_cast<std::uint32_t>(findings.size()));
  for (const event::Finding& finding : findings) {
    std::uint32_t rule = 0;
    while (rule < rules.rules.size() && &rules.rules[rule].info != finding.rule) ++rule;
    if (rule == rules.rules.size()) return false;
    writer.value(rule);
    describe_finding(writer, finding);
  }
  return true;
}

bool read_findings(ArchiveReader& reader, std::vector<event::Finding>& findings,
                   const rules::secret::SecretRuleSet& rules) {
  std::uint32_t count = 0;
  reader.value(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t rule = 0;
    reader.value(rule);
    event::Finding finding;
    describe_finding(reader, finding);
    if (!reader.is_reading() || rule >= rules.rules.size() || !is_sound(finding)) return false;
    finding.rule = &rules.rules[rule].info;
    findings.push_back(std::move(finding));
  }
  return reader.is_reading();
}

void write_skipped(ArchiveWriter& writer, const ingest::SkipTally& skipped) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ingest::SkipReason::kCount); ++i) {
    const auto& tally = skipped.of(static_cast<ingest::SkipReason>(i));
    writer.value(tally.count);
    writer.value(tally.bytes);
    writer.list(tally.examples, kDiagnostic);
  }
}

void read_skipped(ArchiveReader& reader, ingest::SkipTally& skipped) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(ingest::SkipReason::kCount); ++i) {
    ingest::SkipTally::Tally tally;
    reader.value(tally.count);
    reader.value(tally.bytes);
    reader.list(tally.examples, kDiagnostic);
    if (reader.is_reading()) skipped.add(static_cast<ingest::SkipReason>(i), tally);
  }
}

}  // namespace vedette::engine
