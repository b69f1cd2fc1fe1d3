// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/vex_statements.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>
#include <utility>

#include "formats/packages/purl.h"
#include "formats/packages/text.h"
#include "scan/vulnerabilities/product_match.h"

namespace vedette::scan::vulnerabilities {

using formats::packages::lower;
using formats::packages::Package;
using formats::packages::PackageFile;
using formats::packages::PurlParts;
using formats::vex::VexIdentity;
using formats::vex::VexProduct;
using formats::vex::VexStatement;

namespace {

struct PackagePlace {
  std::size_t file = 0;
  std::uint32_t package = 0;
};

// What was scanned, in the shape that questions are asked in.
class Surroundings {
 public:
  Surroundings(const std::vector<PackageFile>& files, const ScannedProduct& scanned)
      : files_(files), scanned_(scanned) {
    for (const std::string& purl : scanned.purls) {
      if (auto parts = formats::packages::split_purl(purl)) purls_.push_back(std::move(*parts));
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::vector<Package>& packages = files[i].list.packages;
      for (std::uint32_t at = 0; at < packages.size(); ++at)
        places_[formats::packages::purl_of(packages[at])].push_back({i, at});
    }
  }

  const std::vector<PackagePlace>* places_of(const std::string& purl) const {
    const auto found = places_.find(purl);
    return found == places_.end() || purl.empty() ? nullptr : &found->second;
  }
  const Package& at(const PackagePlace& place) const {
    return files_[place.file].list.packages[place.package];
  }

  bool is_scanned(const VexIdentity& identity, const Package& package) const {
    for (const std::string& hash : identity.hashes) {
      if (std::ranges::find(scanned_.digests, hash) != scanned_.digests.end()) return true;
    }
    for (const std::string& purl : identity.purls) {
      const std::optional<PurlParts> pattern = formats::packages::split_purl(purl);
      if (!pattern) continue;
      for (const PurlParts& ours : purls_) {
        const bool is_image = ours.type == "oci" || ours.type == "docker";
        if (is_image ? image_matches(*pattern, ours) : purl_matches(*pattern, ours)) return true;
      }
    }
    // The system that the package is of.
    return !package.distribution.empty() &&
           std::ranges::any_of(identity.cpes, [&package](const std::string& cpe) {
             return cpe_is_of(cpe, package.distribution);
           });
  }

  // Whether the project's root of the file, or a package that needs this one, is the product.
  bool is_around(const VexIdentity& identity, const PackagePlace& place) {
    const std::vector<Package>& packages = files_[place.file].list.packages;
    for (const Package& package : packages) {
      if (package.relation == formats::packages::Relation::kRoot &&
          package_matches(identity, package))
        return true;
    }
    turn(place.file);
    std::vector<bool> seen(packages.size());
    std::vector<std::uint32_t> open = {place.package};
    seen[place.package] = true;
    while (!open.empty()) {
      const std::uint32_t at = open.back();
      open.pop_back();
      if (at != place.package && package_matches(identity, packages[at])) return true;
      for (const std::uint32_t above : needed_by_[at]) {
        if (seen[above]) continue;
        seen[above] = true;
        open.push_back(above);
      }
    }
    return false;
  }

 private:
  // Who needs whom, of one file at a time.
  void turn(std::size_t file) {
    if (turned_ == file) return;
    turned_ = file;
    const std::vector<Package>& packages = files_[file].list.packages;
    needed_by_.assign(packages.size(), {});
    for (std::uint32_t i = 0; i < packages.size(); ++i) {
      for (const std::uint32_t need : packages[i].needs) {
        if (need < needed_by_.size()) needed_by_[need].push_back(i);
      }
    }
  }

  const std::vector<PackageFile>& files_;  // the caller's
  const ScannedProduct& scanned_;          // the caller's
  std::vector<PurlParts> purls_;
  std::unordered_map<std::string, std::vector<PackagePlace>> places_;
  std::size_t turned_ = SIZE_MAX;
  std::vector<std::vector<std::uint32_t>> needed_by_;
};

bool holds(const VexProduct& product, const std::vector<PackagePlace>& places,
           Surroundings& around) {
  const Package& package = around.at(places.front());
  if (product.parts.empty())
    return package_matches(product.identity, package) ||
           around.is_scanned(product.identity, package);
  const bool is_part = std::ranges::any_of(product.parts, [&package](const VexIdentity& part) {
    return package_matches(part, package);
  });
  if (!is_part) return false;
  if (around.is_scanned(product.identity, package)) return true;
  // It is vulnerable wherever it is not in the product.
  return std::ranges::all_of(
      places, [&](const PackagePlace& place) { return around.is_around(product.identity, place); });
}

bool holds(const VexStatement& statement, const std::vector<PackagePlace>& places,
           Surroundings& around) {
  return std::ranges::any_of(statement.products, [&](const VexProduct& product) {
    return holds(product, places, around);
  });
}

std::string evidence_text(const event::FindingStatement& statement) {
  std::string text =
      fmt::format("{} says {}", statement.author.empty() ? statement.file : statement.author,
                  event::to_string(statement.status));
  if (!statement.justification.empty()) text += ": " + statement.justification;
  if (!statement.impact.empty()) text += fmt::format(" ({})", statement.impact);
  return text + fmt::format(" (VEX, {})", statement.file);
}

}  // namespace

void VexStatements::add(std::string file, formats::vex::VexDocument document) {
  sources_.push_back({std::move(file), std::move(document.id), std::move(document.author)});
  for (VexStatement& said : document.statements) {
    for (const std::string& name : said.vulnerabilities) {
      std::vector<std::size_t>& known = by_name_[lower(name)];
      if (known.empty() || known.back() != statements_.size()) known.push_back(statements_.size());
    }
    statements_.push_back({std::move(said), sources_.size() - 1});
  }
}

VexCounts VexStatements::apply(const std::vector<PackageFile>& files, const ScannedProduct& scanned,
                               std::vector<event::Finding>& findings) const {
  VexCounts counts;
  counts.statements = statements_.size();
  if (statements_.empty()) return counts;
  Surroundings around(files, scanned);
  std::vector<bool> used(statements_.size());
  for (event::Finding& finding : findings) {
    if (!finding.vulnerability) continue;
    const std::vector<PackagePlace>* const places = around.places_of(finding.vulnerability->purl);
    if (places == nullptr) continue;
    std::vector<std::size_t> candidates;
    for (const std::string& name : finding.vulnerability->names) {
      const auto found = by_name_.find(lower(name));
      if (found != by_name_.end())
        candidates.insert(candidates.end(), found->second.begin(), found->second.end());
    }
    std::ranges::sort(candidates);
    const auto rest = std::ranges::unique(candidates);
    candidates.erase(rest.begin(), rest.end());
    std::erase_if(candidates,
                  [&](std::size_t i) { return !holds(statements_[i].said, *places, around); });
    if (candidates.empty()) continue;
    for (const std::size_t i : candidates) used[i] = true;
    const std::size_t newest = *std::ranges::max_element(candidates, [this](auto a, auto b) {
      return std::pair(statements_[a].said.time, a) < std::pair(statements_[b].said.time, b);
    });
    const VexStatement& said = statements_[newest].said;
    const Source& source = sources_[statements_[newest].source];
    finding.vulnerability->statement = {said.status,   said.justification, said.impact, said.action,
                                        source.author, source.id,          source.file, said.time};
    finding.evidence.push_back({"vex", evidence_text(*finding.vulnerability->statement),
                                event::is_suppressed(finding) ? -5.0 : 0.0});
    counts.suppressed += event::is_suppressed(finding) ? 1 : 0;
  }
  counts.unused = static_cast<std::uint64_t>(std::ranges::count(used, false));
  return counts;
}

}  // namespace vedette::scan::vulnerabilities
