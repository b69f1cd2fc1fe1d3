// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"

// Databases of SQLite that others wrote: read from memory, with nothing on the disk, no trigger,
// view or function of their schemas trusted, and bounded work.
namespace vedette::formats::sqlite {

bool is_sqlite(std::string_view bytes);

// Texts and blobs as they are, numbers as texts; good until the sink returns.
using RowSink = std::function<void(std::span<const std::string_view> columns)>;

// Hands on all rows of a query of `columns` columns. kTruncated and kInvalid for bytes that are no
// such database, after the rows before the damage; kUnsupported where SQLite is not installed.
Result<void> read_rows(std::string_view bytes, const char* query, std::size_t columns,
                       const RowSink& sink);

}  // namespace vedette::formats::sqlite
