// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/binary_archive.h"
#include "event/finding.h"
#include "ingest/skip_tally.h"
#include "rules/secret/model.h"

// How findings and what belongs to them lie in a cache. They hold no secret, so neither does it.
namespace vedette::engine {

// Changes with what is written here.
inline constexpr std::uint32_t kStoredFindingsVersion = 1;

template <typename Archive, typename Commit>
void describe_commit(Archive& archive, Commit& commit) {
  archive.value(commit.id);
  archive.value(commit.author);
  archive.value(commit.email);
  archive.value(commit.time);
  archive.value(commit.subject);
}

constexpr auto kStoredPlace = [](auto& archive, auto& place) {
  archive.value(place.path);
  archive.value(place.line);
  archive.value(place.column);
  archive.value(place.end_line);
  archive.value(place.end_column);
  archive.value(place.offset);
  archive.value(place.size);
  archive.value(place.object);
  archive.optional(place.commit, [](auto& inner, auto& commit) { describe_commit(inner, commit); });
};

constexpr auto kStoredEvidence = [](auto& archive, auto& evidence) {
  archive.value(evidence.name);
  archive.value(evidence.text);
  archive.value(evidence.weight);
};

// All but the rule.
template <typename Archive, typename Described>
void describe_finding(Archive& archive, Described& finding) {
  archive.value(finding.kind);
  archive.value(finding.identity);
  archive.value(finding.severity);
  archive.value(finding.confidence);
  archive.value(finding.probability);
  kStoredPlace(archive, finding.place);
  archive.value(finding.message);
  archive.value(finding.redacted);
  archive.value(finding.excerpt.line);
  archive.value(finding.excerpt.mark);
  archive.value(finding.excerpt.mark_size);
  archive.list(finding.evidence, kStoredEvidence);
  archive.list(finding.also_at, kStoredPlace);
}

// Rules are written by their place in `rules`. False: a finding is of none of them.
bool write_findings(ArchiveWriter& writer, const std::vector<event::Finding>& findings,
                    const rules::secret::SecretRuleSet& rules);
// False: these are not findings of such rules.
bool read_findings(ArchiveReader& reader, std::vector<event::Finding>& findings,
                   const rules::secret::SecretRuleSet& rules);

void write_skipped(ArchiveWriter& writer, const ingest::SkipTally& skipped);
void read_skipped(ArchiveReader& reader, ingest::SkipTally& skipped);

}  // namespace vedette::engine
