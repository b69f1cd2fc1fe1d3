// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "event/finding.h"
#include "event/finding_sink.h"
#include "formats/packages/inventory.h"
#include "output/writer.h"

namespace vedette::output {

struct PackageReportOptions {
  Writer& writer;  // outlives the report
  bool colour = false;
  std::size_t width = 0;  // columns of the terminal; 0: unknown
  // Of bills of materials: what was scanned, by whom and when.
  std::string_view subject = {};
  std::string_view version = {};  // of Vedette
  TimeNs now = 0;                 // 0: not told, so that the same input gives the same bytes
  // CycloneDX: what is known of the packages; null: nobody was asked.
  const std::vector<event::Finding>* findings = nullptr;
  std::string_view subject_purl = {};  // of what was scanned; may be empty
};

// One way to write what a tree holds. `write` ends with Writer::finish().
struct PackageFormat {
  std::string_view name;
  Result<void> (*write)(const std::vector<formats::packages::PackageFile>& files,
                        const event::ScanSummary& summary, const PackageReportOptions& options);
};

// cyclonedx, json, ndjson, spdx, table.
std::span<const PackageFormat> package_formats();
const PackageFormat* package_format(std::string_view name);

}  // namespace vedette::output
