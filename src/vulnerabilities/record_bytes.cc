// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/record_bytes.h"

namespace vedette::vulnerabilities {
namespace {

using formats::advisories::Event;
using formats::advisories::EventKind;
using formats::advisories::Import;

// A byte that is no value of an enumeration makes the record a damaged one further up; here it must
// only be no value outside of it.
template <typename Enum>
Enum read_enum(BlobReader& blob, Enum last) {
  const std::uint64_t value = blob.number();
  return value <= static_cast<std::uint64_t>(last) ? static_cast<Enum>(value) : Enum{};
}

void write_severity(const std::vector<Severity>& severity, BlobWriter& blob) {
  blob.list(severity, [&](const Severity& one) {
    blob.number(static_cast<std::uint64_t>(one.type));
    blob.text(one.text);
  });
}

std::vector<Severity> read_severity(BlobReader& blob) {
  std::vector<Severity> severity;
  blob.list([&] {
    const SeverityType type = read_enum(blob, SeverityType::kOther);
    severity.push_back({type, blob.text()});
  });
  return severity;
}

void write_range(const Range& range, BlobWriter& blob) {
  blob.number(static_cast<std::uint64_t>(range.type));
  blob.text(range.repository);
  blob.list(range.events, [&](const Event& event) {
    blob.number(static_cast<std::uint64_t>(event.kind));
    blob.text(event.version);
  });
}

Range read_range(BlobReader& blob) {
  Range range;
  range.type = read_enum(blob, RangeType::kGit);
  range.repository = blob.text();
  blob.list([&] {
    const EventKind kind = read_enum(blob, EventKind::kLimit);
    range.events.push_back({kind, blob.text()});
  });
  return range;
}

InputRecord read_input(BlobReader& blob) {
  InputRecord input;
  input.name = blob.text();
  input.kind = blob.text();
  input.digest = blob.text();
  input.date = blob.text();
  input.records = blob.number();
  input.unreadable = blob.number();
  input.withdrawn = blob.number();
  return input;
}

}  // namespace

void write(const Vulnerability& record, BlobWriter& blob) {
  blob.text(record.id);
  blob.texts(record.names);
  blob.text(record.summary);
  write_severity(record.severity, blob);
  blob.number((record.exploited ? 1U : 0U) | (record.ransomware ? 2U : 0U));
  blob.text(record.exploited_since);
  blob.real(record.probability);
  blob.real(record.percentile);
  blob.texts(record.exploits);
}

Vulnerability read_vulnerability(BlobReader& blob) {
  Vulnerability record;
  record.id = blob.text();
  record.names = blob.texts();
  record.summary = blob.text();
  record.severity = read_severity(blob);
  const std::uint64_t flags = blob.number();
  record.exploited = (flags & 1) != 0;
  record.ransomware = (flags & 2) != 0;
  record.exploited_since = blob.text();
  record.probability = blob.real();
  record.percentile = blob.real();
  record.exploits = blob.texts();
  return record;
}

void write(const AdvisoryRecord& record, BlobWriter& blob) {
  blob.text(record.id);
  blob.text(record.modified);
  blob.text(record.published);
  blob.text(record.summary);
  blob.text(record.details);
  write_severity(record.severity, blob);
  blob.list(record.references, [&](const Reference& reference) {
    blob.text(reference.type);
    blob.text(reference.url);
  });
  blob.list(record.vulnerabilities, [&](std::uint32_t index) { blob.number(index); });
  blob.number(record.input);
  blob.text(record.place);
}

AdvisoryRecord read_advisory(BlobReader& blob) {
  AdvisoryRecord record;
  record.id = blob.text();
  record.modified = blob.text();
  record.published = blob.text();
  record.summary = blob.text();
  record.details = blob.text();
  record.severity = read_severity(blob);
  blob.list([&] {
    std::string type = blob.text();
    record.references.push_back({std::move(type), blob.text()});
  });
  blob.list([&] { record.vulnerabilities.push_back(blob.number32()); });
  record.input = blob.number32();
  record.place = blob.text();
  return record;
}

void write(const AffectedRecord& record, BlobWriter& blob) {
  blob.number(record.advisory);
  blob.list(record.vulnerabilities, [&](std::uint32_t index) { blob.number(index); });
  blob.list(record.ranges, [&](const Range& range) { write_range(range, blob); });
  blob.texts(record.versions);
  blob.list(record.imports, [&](const Import& one) {
    blob.text(one.path);
    blob.texts(one.symbols);
  });
  write_severity(record.severity, blob);
}

AffectedRecord read_affected(BlobReader& blob) {
  AffectedRecord record;
  record.advisory = blob.number32();
  blob.list([&] { record.vulnerabilities.push_back(blob.number32()); });
  blob.list([&] { record.ranges.push_back(read_range(blob)); });
  record.versions = blob.texts();
  blob.list([&] {
    std::string path = blob.text();
    record.imports.push_back({std::move(path), blob.texts()});
  });
  record.severity = read_severity(blob);
  return record;
}

void write(const DatabaseSummary& record, BlobWriter& blob) {
  blob.text(record.date);
  for (const std::uint64_t count :
       {record.advisories, record.vulnerabilities, record.packages, record.affected,
        record.exploited, record.with_probability, record.with_exploits, record.git_only,
        record.without_package}) {
    blob.number(count);
  }
  blob.list(record.inputs, [&](const InputRecord& input) {
    blob.text(input.name);
    blob.text(input.kind);
    blob.text(input.digest);
    blob.text(input.date);
    blob.number(input.records);
    blob.number(input.unreadable);
    blob.number(input.withdrawn);
  });
  blob.list(record.lifecycles, [&](const Lifecycle& lifecycle) {
    blob.text(lifecycle.product);
    blob.text(lifecycle.release);
    blob.text(lifecycle.end);
    blob.number(lifecycle.ended ? 1 : 0);
  });
}

DatabaseSummary read_summary(BlobReader& blob) {
  DatabaseSummary record;
  record.date = blob.text();
  for (std::uint64_t* count : {&record.advisories, &record.vulnerabilities, &record.packages,
                               &record.affected, &record.exploited, &record.with_probability,
                               &record.with_exploits, &record.git_only, &record.without_package}) {
    *count = blob.number();
  }
  blob.list([&] { record.inputs.push_back(read_input(blob)); });
  blob.list([&] {
    Lifecycle lifecycle;
    lifecycle.product = blob.text();
    lifecycle.release = blob.text();
    lifecycle.end = blob.text();
    lifecycle.ended = blob.number() != 0;
    record.lifecycles.push_back(std::move(lifecycle));
  });
  return record;
}

}  // namespace vedette::vulnerabilities
