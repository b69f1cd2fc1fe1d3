// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/system/rpm_database.h"
#include "formats/sqlite/foreign_database.h"

namespace vedette::formats::packages {

bool is_sqlite(std::string_view bytes) { return sqlite::is_sqlite(bytes); }

Result<void> read_rpm_sqlite(std::string_view bytes, const RpmBlobSink& sink) {
  return sqlite::read_rows(bytes, "SELECT blob FROM Packages ORDER BY hnum", 1,
                           [&](std::span<const std::string_view> row) { sink(row[0]); });
}

}  // namespace vedette::formats::packages
