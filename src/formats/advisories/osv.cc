// SPDX-License-Identifier: Apache-2.0
#include "formats/advisories/osv.h"

#include <array>
#include <string>

#include "formats/advisories/json.h"

// https://ossf.github.io/osv-schema/
namespace vedette::formats::advisories {
namespace {

std::vector<std::string> texts_of(const Json& array) {
  std::vector<std::string> texts;
  array.for_each([&](const Json& element) {
    if (!element.text().empty()) texts.emplace_back(element.text());
  });
  return texts;
}

struct SeverityRow {
  std::string_view name;
  SeverityType type;
};
constexpr std::array<SeverityRow, 3> kSeverityRows = {SeverityRow{"CVSS_V2", SeverityType::kCvss2},
                                                      SeverityRow{"CVSS_V3", SeverityType::kCvss3},
                                                      SeverityRow{"CVSS_V4", SeverityType::kCvss4}};

std::vector<Severity> severity_of(const Json& array) {
  std::vector<Severity> severity;
  array.for_each([&](const Json& element) {
    Severity one;
    for (const SeverityRow& row : kSeverityRows) {
      if (row.name == element["type"].text()) one.type = row.type;
    }
    one.text = element["score"].text();
    if (!one.text.empty()) severity.push_back(std::move(one));
  });
  return severity;
}

struct EventRow {
  std::string_view key;
  EventKind kind;
};
constexpr std::array<EventRow, 4> kEventRows = {
    EventRow{"introduced", EventKind::kIntroduced}, EventRow{"fixed", EventKind::kFixed},
    EventRow{"last_affected", EventKind::kLastAffected}, EventRow{"limit", EventKind::kLimit}};

void add_events(const Json& object, std::vector<Event>& events) {
  for (const EventRow& row : kEventRows) {
    const std::string_view version = object[row.key].text();
    if (!version.empty()) events.push_back({row.kind, std::string(version)});
  }
}

Range range_of(const Json& object) {
  Range range;
  const std::string_view type = object["type"].text();
  if (type == "SEMVER") range.type = RangeType::kSemver;
  if (type == "GIT") range.type = RangeType::kGit;
  range.repository = object["repo"].text();
  object["events"].for_each([&](const Json& event) { add_events(event, range.events); });
  return range;
}

Affected affected_of(const Json& object) {
  Affected affected;
  affected.ecosystem = object["package"]["ecosystem"].text();
  affected.name = object["package"]["name"].text();
  object["ranges"].for_each([&](const Json& range) { affected.ranges.push_back(range_of(range)); });
  affected.versions = texts_of(object["versions"]);
  object["ecosystem_specific"]["imports"].for_each([&](const Json& element) {
    Import one;
    one.path = element["path"].text();
    one.symbols = texts_of(element["symbols"]);
    affected.imports.push_back(std::move(one));
  });
  affected.severity = severity_of(object["severity"]);
  return affected;
}

}  // namespace

struct OsvReader::Impl {
  JsonDocument document;
};

OsvReader::OsvReader() : impl_(std::make_unique<Impl>()) {}
OsvReader::OsvReader(OsvReader&&) noexcept = default;
OsvReader& OsvReader::operator=(OsvReader&&) noexcept = default;
OsvReader::~OsvReader() = default;

Result<Advisory> OsvReader::read(std::string_view json, const Limits& limits) {
  if (json.size() > limits.record_bytes_max) {
    return failure(ErrorCode::kLimit, "an OSV record of " + std::to_string(json.size()) +
                                          " bytes, " + std::to_string(limits.record_bytes_max) +
                                          " are allowed");
  }
  TRY(const Json root, impl_->document.parse(json));
  Advisory advisory;
  advisory.id = root["id"].text();
  if (advisory.id.empty()) {
    return failure(ErrorCode::kInvalid, "expected an OSV record with an \"id\", found none");
  }
  advisory.modified = root["modified"].text();
  advisory.published = root["published"].text();
  advisory.withdrawn = root["withdrawn"].text();
  advisory.aliases = texts_of(root["aliases"]);
  advisory.upstream = texts_of(root["upstream"]);
  advisory.summary = root["summary"].text();
  advisory.details = root["details"].text();
  advisory.severity = severity_of(root["severity"]);
  // GitHub's word, of which there often is no vector.
  if (const std::string_view word = root["database_specific"]["severity"].text(); !word.empty())
    advisory.severity.push_back({SeverityType::kOther, std::string(word)});
  root["references"].for_each([&](const Json& reference) {
    Reference one;
    one.type = reference["type"].text();
    one.url = reference["url"].text();
    advisory.references.push_back(std::move(one));
  });
  root["affected"].for_each(
      [&](const Json& element) { advisory.affected.push_back(affected_of(element)); });
  return advisory;
}

}  // namespace vedette::formats::advisories
