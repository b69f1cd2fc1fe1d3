// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_findings.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/image/root_scan.h"
#include "formats/packages/purl_parts.h"
#include "formats/vex/vex.h"

namespace vedette::engine {
namespace {

void describe_layers(ImageScan& scan) {
  std::unordered_map<std::string_view, const ScannedLayer*> layers;
  for (const ScannedLayer& layer : scan.layers) layers.emplace(layer.digest, &layer);
  for (event::Finding& finding : scan.vulnerabilities) {
    std::optional<event::FindingLayer>& layer = finding.place.layer;
    const auto from = layer ? layers.find(layer->digest) : layers.end();
    if (from == layers.end()) continue;
    layer->instruction = from->second->instruction;
    layer->base = from->second->base;
  }
}

// What the image says of itself; told where it is not obeyed.
std::vector<OwnStatements> read_statements(bool are_obeyed, ImageScan& scan) {
  std::vector<OwnStatements> read;
  if (!are_obeyed && !scan.statements.empty()) {
    event::Skipped skipped;
    skipped.reason =
        "documents of the image that may excuse its vulnerabilities (obeyed with --image-vex)";
    skipped.count = scan.statements.size();
    scan.summary.skipped.push_back(std::move(skipped));
  }
  const auto add = [&](const ImageDocument& one, std::string name) {
    Result<formats::vex::VexDocument> document =
        formats::vex::read_vex(one.path, one.bytes, Limits());
    if (document) {
      read.push_back({std::move(name), std::move(*document)});
    } else {
      scan.summary.problems.push_back(
          {DiagnosticKind::kWarning, {one.path, 0, 0, 0}, document.error().message, ""});
    }
  };
  if (are_obeyed) {
    for (const ImageDocument& one : scan.statements) add(one, one.path + " of the image");
  }
  for (const ImageDocument& one : scan.attached) add(one, one.path);
  return read;
}

scan::vulnerabilities::ScannedProduct product_of(const ImageScan& scan) {
  scan::vulnerabilities::ScannedProduct product;
  if (const std::string purl = image_purl(scan); !purl.empty()) product.purls.push_back(purl);
  for (const std::string& digest : {scan.manifest_digest, scan.config_digest}) {
    if (!digest.empty()) product.digests.push_back(digest);
  }
  if (!scan.name.empty()) product.names.push_back(scan.name);
  return product;
}

Result<void> add_vulnerabilities(const VulnerabilityFinder& finder, bool own_statements,
                                 ImageScan& scan) {
  std::vector<OwnStatements> own = read_statements(own_statements, scan);
  const std::uint64_t rules = scan.summary.rules_loaded;
  TRY(FoundVulnerabilities found,
      finder.find(scan.files, product_of(scan), scan.summary, std::move(own)));
  scan.advisories = scan.summary.rules_loaded - rules;
  scan.vulnerabilities = std::move(found.findings);
  describe_layers(scan);
  // Both sets of rules live as long as the summary.
  scan.summary.rule_set =
      std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
          std::move(scan.summary.rule_set), std::move(found.rules));
  return {};
}

}  // namespace

std::string image_purl(const ImageScan& scan) {
  // "registry.example:5000/team/shop:1": a colon behind the last slash begins the tag.
  std::string_view name = scan.name;
  name = name.substr(0, name.find('@'));
  const std::size_t slash = name.rfind('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  const std::size_t colon = name.find(':', begin);
  const std::string_view tag =
      colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  const std::string_view repository = name.substr(0, colon);
  // What a layout calls an image may be the tag alone.
  if (repository.empty() || (slash == std::string_view::npos && tag.empty())) return {};
  formats::packages::PurlParts parts;
  parts.type = "oci";
  parts.name = repository.substr(begin);
  parts.version = scan.manifest_digest;
  if (slash != std::string_view::npos) parts.qualifiers.emplace_back("repository_url", repository);
  if (!tag.empty()) parts.qualifiers.emplace_back("tag", tag);
  return formats::packages::join_purl(parts);
}

Result<ImageScan> find_in_image(const ImageFindingsOptions& options,
                                const std::atomic<bool>& stop) {
  TRY(KnownFindings known, KnownFindings::open(options.baseline));
  std::optional<VulnerabilityFinder> finder;
  if (!options.vulnerabilities.database.empty()) {
    TRY(VulnerabilityFinder opened, VulnerabilityFinder::open(options.vulnerabilities));
    finder.emplace(std::move(opened));
  }
  TRY(ImageScan scan, options.root.empty() ? scan_image(options.scan, stop)
                                           : scan_root(options.root, options.scan, stop));
  if (finder) TRY_VOID(add_vulnerabilities(*finder, options.own_statements, scan));
  TRY_VOID(known.take({&scan.vulnerabilities, &scan.findings}, scan.summary));
  scan.summary.findings = scan.findings.size() + scan.vulnerabilities.size();
  scan.summary.suppressed =
      static_cast<std::uint64_t>(std::ranges::count_if(scan.vulnerabilities, event::is_suppressed));
  return scan;
}

}  // namespace vedette::engine
