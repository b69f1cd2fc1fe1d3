// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "event/finding_changes.h"
#include "formats/packages/inventory_diff.h"
#include "output/writer.h"

namespace vedette::output {

struct DiffReport {
  std::string_view before;  // what was scanned
  std::string_view after;
  const formats::packages::InventoryDiff& packages;
  const event::FindingChanges* findings = nullptr;  // null: no database was asked
};

struct DiffReportOptions {
  Writer& writer;  // outlives the report
  bool colour = false;
  std::size_t width = 0;  // columns of the terminal; 0: unknown
};

// One way to write what changed. `write` ends with Writer::finish().
struct DiffFormat {
  std::string_view name;
  Result<void> (*write)(const DiffReport& report, const DiffReportOptions& options);
};

// json, markdown, ndjson, table.
std::span<const DiffFormat> diff_formats();
const DiffFormat* diff_format(std::string_view name);

}  // namespace vedette::output
