// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/database_lookup.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "formats/versions/version_order.h"
#include "vulnerabilities/affected.h"
#include "vulnerabilities/ecosystem.h"

namespace vedette::engine {
namespace {

using formats::packages::Ecosystem;
using vulnerabilities::AdvisoryRecord;
using vulnerabilities::AffectedRecord;
using vulnerabilities::Database;
using vulnerabilities::Hit;
using vulnerabilities::Subject;

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    int value = 0;
    if (text[at] == '%' && at + 3 <= text.size()) {
      const char* const begin = text.data() + at + 1;
      const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
      if (error == std::errc() && end == begin + 2) {
        out += static_cast<char>(value);
        at += 2;
        continue;
      }
    }
    out += text[at];
  }
  return out;
}

// "requests@2.19.0", "@scope/name@1.0": what stands behind the last '@' that is not the first
// character.
void split_version(std::string_view text, std::string& name, std::string& version) {
  const std::size_t at = text.rfind('@');
  const bool has_version = at != std::string_view::npos && at != 0;
  name = text.substr(0, has_version ? at : text.size());
  version = has_version ? text.substr(at + 1) : "";
}

// "pkg:npm/%40scope/name@1.0?x=y". Maven's group and artifact are one name.
bool read_purl(std::string_view text, Subject& subject) {
  text = text.substr(4, text.find_first_of("?#") - 4);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  split_version(text.substr(slash + 1), subject.name, subject.version);
  subject.name = percent_decoded(subject.name);
  subject.version = percent_decoded(subject.version);
  const auto& names = formats::packages::kEcosystemNames;
  const auto* const row =
      std::ranges::find(names, text.substr(0, slash), &formats::packages::EcosystemNames::purl);
  if (row == names.end() || row->osv.empty()) return false;
  subject.ecosystem = static_cast<Ecosystem>(row - names.begin());
  subject.osv = {std::string(row->osv)};
  if (subject.ecosystem == Ecosystem::kMaven) std::ranges::replace(subject.name, '/', ':');
  return true;
}

// The longest ecosystem of the database that the text begins with, "Debian:12:curl".
std::string_view ecosystem_prefix(const Database& database, std::string_view text) {
  std::string_view longest;
  for (const Database::EcosystemCount& one : database.ecosystems()) {
    const std::size_t size = one.name.size();
    if (size > longest.size() && text.size() > size && text[size] == ':' &&
        text.starts_with(one.name))
      longest = text.substr(0, size);
  }
  return longest;
}

std::vector<Subject> subjects_of(const Database& database, std::string_view query) {
  Subject subject;
  if (query.starts_with("pkg:")) {
    if (!read_purl(query, subject)) return {};
    subject.name = vulnerabilities::comparable_name(subject.ecosystem, subject.name);
    return {subject};
  }
  const std::string_view prefix = ecosystem_prefix(database, query);
  if (!prefix.empty()) query.remove_prefix(prefix.size() + 1);
  split_version(query, subject.name, subject.version);
  if (!prefix.empty()) {
    subject.ecosystem = vulnerabilities::ecosystem_of(prefix);
    subject.osv = {std::string(prefix)};
    subject.name = vulnerabilities::comparable_name(subject.ecosystem, subject.name);
    return {subject};
  }
  std::map<std::string, Subject> found;  // by ecosystem
  // As written, and as PyPI compares it, which is what most others have in lower case.
  for (const std::string& name :
       {subject.name, vulnerabilities::comparable_name(Ecosystem::kPypi, subject.name)}) {
    for (const std::string& osv : database.ecosystems_with(name)) {
      const Ecosystem ecosystem = vulnerabilities::ecosystem_of(osv);
      found.try_emplace(osv, Subject{ecosystem, {osv}, name, subject.version});
    }
  }
  std::vector<Subject> subjects;
  for (auto& [osv, one] : found) subjects.push_back(std::move(one));
  return subjects;
}

Result<void> add_by_id(const Database& database, std::uint32_t index,
                       std::vector<KnownVulnerability>& found) {
  KnownVulnerability known;
  TRY(known.vulnerability, database.vulnerability(index));
  known.rating = vulnerabilities::rate(known.vulnerability.severity);
  found.push_back(std::move(known));
  return {};
}

Result<void> add_package(const Database& database, const Subject& subject,
                         std::vector<KnownVulnerability>& found) {
  TRY(const std::vector<AffectedRecord> records,
      database.affected(subject.osv.front(), subject.name));
  std::vector<Hit> hits;
  if (!subject.version.empty()) {
    TRY(vulnerabilities::PackageAnswer answer, vulnerabilities::Matcher(database).answer(subject));
    hits = std::move(answer.hits);
  }
  std::map<std::uint32_t, KnownVulnerability> by_index;
  for (const AffectedRecord& record : records) {
    if (!subject.version.empty() &&
        !vulnerabilities::is_affected(subject.ecosystem, subject.version, record))
      continue;
    TRY(const AdvisoryRecord advisory, database.advisory(record.advisory));
    for (const std::uint32_t index : advisory.vulnerabilities) {
      KnownVulnerability& known = by_index[index];
      known.advisories.push_back(advisory);
      known.affected.push_back(record);
    }
  }
  for (auto& [index, known] : by_index) {
    TRY(known.vulnerability, database.vulnerability(index));
    known.rating = vulnerabilities::rate(known.vulnerability.severity);
    known.package = subject.osv.front() + ' ' + subject.name;
    const auto hit = std::ranges::find(hits, index, &Hit::vulnerability);
    if (hit != hits.end()) {
      known.fixed = hit->fixed;
      known.rating = hit->rating;
    }
    found.push_back(std::move(known));
  }
  return {};
}

}  // namespace

Result<std::vector<KnownVulnerability>> look_up(const Database& database, std::string_view query) {
  std::vector<KnownVulnerability> found;
  const std::vector<std::uint32_t> named = database.named(query);
  for (const std::uint32_t index : named) TRY_VOID(add_by_id(database, index, found));
  if (!named.empty()) return found;
  for (const Subject& subject : subjects_of(database, query))
    TRY_VOID(add_package(database, subject, found));
  return found;
}

}  // namespace vedette::engine
