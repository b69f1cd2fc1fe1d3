// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/matcher.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

#include "formats/packages/owned_path.h"
#include "formats/versions/version_order.h"
#include "vulnerabilities/affected.h"
#include "vulnerabilities/ecosystem.h"

namespace vedette::vulnerabilities {
namespace {

using formats::advisories::Event;
using formats::advisories::EventKind;
using formats::packages::Ecosystem;
using formats::packages::Package;

// Of one package; more are not looked at.
constexpr std::size_t kCandidatesMax = 2000;
constexpr std::size_t kUpgradesTriedMax = 64;

bool is_git_only(const AffectedRecord& record) {
  const auto is_git = [](const Range& range) { return range.type == RangeType::kGit; };
  return !record.ranges.empty() && record.versions.empty() &&
         std::ranges::all_of(record.ranges, is_git);
}

}  // namespace

// What one advisory says of the package, with what it is about.
struct Matcher::Statement {
  AffectedRecord record;
  std::uint32_t distance = 0;  // of its ecosystem from the package's own
  bool of_distribution = false;
  bool hits = false;
};

namespace {

bool is_about(const AffectedRecord& record, std::uint32_t vulnerability) {
  return std::ranges::find(record.vulnerabilities, vulnerability) != record.vulnerabilities.end();
}

// Versions that `belongs` call fixed, later than this one, the smallest first.
template <typename Statements, typename Predicate>
std::vector<std::string> later_fixes(const Subject& subject, const Statements& statements,
                                     Predicate belongs) {
  const auto is_before = [&](const std::string& a, const std::string& b) {
    return formats::versions::compare(subject.ecosystem, a, b) < 0;
  };
  std::vector<std::string> fixes;
  for (const auto& statement : statements) {
    if (!belongs(statement.record)) continue;
    for (const Range& range : statement.record.ranges) {
      for (const Event& event : range.events) {
        if (event.kind == EventKind::kFixed && is_before(subject.version, event.version))
          fixes.push_back(event.version);
      }
    }
  }
  std::ranges::sort(fixes);
  fixes.erase(std::ranges::unique(fixes).begin(), fixes.end());
  std::ranges::stable_sort(fixes, is_before);
  if (fixes.size() > kCandidatesMax) fixes.resize(kCandidatesMax);
  return fixes;
}

template <typename Statements>
std::string fix_of(const Subject& subject, const Statements& statements,
                   std::uint32_t vulnerability) {
  const auto belongs = [&](const AffectedRecord& record) {
    return is_about(record, vulnerability);
  };
  for (std::string& fix : later_fixes(subject, statements, belongs)) {
    const bool remains = std::ranges::any_of(statements, [&](const auto& statement) {
      return belongs(statement.record) && is_affected(subject.ecosystem, fix, statement.record);
    });
    if (!remains) return std::move(fix);
  }
  return {};
}

// What an upgrade leaves.
struct Remains {
  std::set<std::uint32_t> hits;    // vulnerabilities of today
  std::set<std::uint32_t> others;  // that the package did not have
};

template <typename Statements>
Remains remains_at(Ecosystem ecosystem, std::string_view version, const Statements& statements,
                   const std::vector<Hit>& hits) {
  Remains remains;
  for (const auto& statement : statements) {
    if (!is_affected(ecosystem, version, statement.record)) continue;
    for (const std::uint32_t index : statement.record.vulnerabilities) {
      const bool is_hit = std::ranges::binary_search(hits, index, {}, &Hit::vulnerability);
      (is_hit ? remains.hits : remains.others).insert(index);
    }
  }
  return remains;
}

// No version before the latest of the hits' own fixes is free of all that can be fixed, so the
// search begins there.
template <typename Statements>
void choose_upgrade(const Subject& subject, const Statements& statements, PackageAnswer& answer) {
  std::string first;
  std::size_t fixable = 0;
  for (Hit& hit : answer.hits) {
    hit.fixed = fix_of(subject, statements, hit.vulnerability);
    if (hit.fixed.empty()) continue;
    ++fixable;
    if (first.empty() || formats::versions::compare(subject.ecosystem, hit.fixed, first) > 0)
      first = hit.fixed;
  }
  if (fixable == 0) return;
  bool is_clean = false;
  std::size_t tried = 0;
  for (const std::string& fix :
       later_fixes(subject, statements, [](const AffectedRecord&) { return true; })) {
    if (formats::versions::compare(subject.ecosystem, fix, first) < 0) continue;
    const Remains remains = remains_at(subject.ecosystem, fix, statements, answer.hits);
    const auto fixes = static_cast<std::uint32_t>(answer.hits.size() - remains.hits.size());
    const bool is_better = fixes > answer.upgrade_fixes ||
                           (fixes == answer.upgrade_fixes && !is_clean && remains.others.empty());
    if (fixes != 0 && is_better) {
      answer.upgrade = fix;
      answer.upgrade_fixes = fixes;
      is_clean = remains.others.empty();
    }
    if ((is_clean && answer.upgrade_fixes >= fixable) || ++tried == kUpgradesTriedMax) return;
  }
}

}  // namespace

Subject subject_of(const Package& package) {
  return {package.ecosystem, osv_ecosystems_of(package),
          comparable_name(package.ecosystem, advised_name(package)),
          std::string(advised_version(package))};
}

Matcher::Asked Matcher::asked(const Package& package) {
  if (package.relation == formats::packages::Relation::kRoot) return Asked::kRoot;
  if (osv_ecosystems_of(package).empty()) return Asked::kNoEcosystem;
  const bool has_version =
      formats::versions::is_version(package.ecosystem, advised_version(package));
  return has_version ? Asked::kYes : Asked::kNoVersion;
}

Result<const PackageAnswer*> Matcher::match(const Package& package) {
  static const PackageAnswer kNothing;
  if (asked(package) != Asked::kYes) return &kNothing;
  std::string key(names_of(package.ecosystem).purl);
  for (const std::string_view part :
       {std::string_view(package.distribution), advised_name(package), advised_version(package)})
    (key += '\0') += part;
  const auto known = answers_.find(key);
  if (known != answers_.end()) return &known->second;
  TRY(PackageAnswer found, answer(subject_of(package)));
  return &answers_.emplace(std::move(key), std::move(found)).first->second;
}

Result<std::vector<Matcher::Statement>> Matcher::statements(const Subject& subject) const {
  std::vector<Statement> all;
  std::uint32_t distance = 0;
  for (const std::string& ecosystem : subject.osv) {
    TRY(std::vector<AffectedRecord> records, database_.affected(ecosystem, subject.name));
    for (AffectedRecord& record : records) {
      Statement statement;
      statement.distance = distance;
      statement.hits = is_affected(subject.ecosystem, subject.version, record);
      statement.of_distribution = is_distribution(ecosystem);
      statement.record = std::move(record);
      all.push_back(std::move(statement));
    }
    ++distance;
  }
  return all;
}

// The nearest ecosystem that speaks of a vulnerability speaks for it.
void Matcher::leave_nearest(std::vector<Statement>& statements) {
  std::map<std::uint32_t, std::uint32_t> nearest;
  for (Statement& statement : statements) {
    std::erase_if(statement.record.vulnerabilities, [&](std::uint32_t index) {
      return nearest.try_emplace(index, statement.distance).first->second < statement.distance;
    });
  }
}

// Of its own builds a distribution knows better how grave it is.
Result<Rating> Matcher::rating_of(const Statement& statement) const {
  Rating of_package = rate(statement.record.severity);
  if (of_package.is_known) return of_package;
  if (!statement.of_distribution) return of_package;
  TRY(const AdvisoryRecord advisory, database_.advisory(statement.record.advisory));
  return rate(advisory.severity);
}

Result<PackageAnswer> Matcher::answer(const Subject& subject) const {
  PackageAnswer answer;
  TRY(std::vector<Statement> all, statements(subject));
  for (const Statement& statement : all) answer.git_only += is_git_only(statement.record) ? 1 : 0;
  if (std::ranges::none_of(all, &Statement::hits)) return answer;
  if (subject.osv.size() > 1) leave_nearest(all);
  for (const Statement& statement : all) {
    if (!statement.hits) continue;
    TRY(const Rating rating, rating_of(statement));
    for (const std::uint32_t index : statement.record.vulnerabilities) {
      auto hit = std::ranges::find(answer.hits, index, &Hit::vulnerability);
      if (hit == answer.hits.end()) {
        hit = answer.hits.insert(answer.hits.end(), Hit());
        hit->vulnerability = index;
      }
      hit->advisories.push_back(statement.record.advisory);
      hit->imports.insert(hit->imports.end(), statement.record.imports.begin(),
                          statement.record.imports.end());
      if (rating.is_known && (!hit->rating.is_known || rating.level > hit->rating.level))
        hit->rating = rating;
    }
  }
  for (Hit& hit : answer.hits) {
    std::ranges::sort(hit.advisories);
    hit.advisories.erase(std::ranges::unique(hit.advisories).begin(), hit.advisories.end());
    if (hit.rating.is_known) continue;
    TRY(const Vulnerability vulnerability, database_.vulnerability(hit.vulnerability));
    hit.rating = rate(vulnerability.severity);
  }
  std::ranges::sort(answer.hits, {}, &Hit::vulnerability);
  if (!answer.hits.empty()) choose_upgrade(subject, all, answer);
  return answer;
}

std::vector<bool> spoken_for_by_distribution(std::span<const Package> packages) {
  std::unordered_set<std::uint64_t> owned;
  for (const Package& package : packages) {
    if (package.distribution.empty()) continue;
    owned.insert(package.files.begin(), package.files.end());
  }
  std::vector<bool> spoken(packages.size());
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const Package& package = packages[i];
    spoken[i] =
        package.distribution.empty() && owned.contains(formats::packages::path_key(package.path));
  }
  return spoken;
}

}  // namespace vedette::vulnerabilities
