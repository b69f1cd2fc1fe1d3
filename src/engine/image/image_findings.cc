// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_findings.h"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/image/root_scan.h"

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

Result<void> add_vulnerabilities(const VulnerabilityFinder& finder, ImageScan& scan) {
  TRY(FoundVulnerabilities found, finder.find(scan.files, scan.summary));
  scan.vulnerabilities = std::move(found.findings);
  describe_layers(scan);
  // Both sets of rules live as long as the summary.
  scan.summary.rule_set =
      std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
          std::move(scan.summary.rule_set), std::move(found.rules));
  return {};
}

}  // namespace

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
  if (finder) TRY_VOID(add_vulnerabilities(*finder, scan));
  TRY_VOID(known.take({&scan.vulnerabilities, &scan.findings}, scan.summary));
  scan.summary.findings = scan.findings.size() + scan.vulnerabilities.size();
  return scan;
}

}  // namespace vedette::engine
