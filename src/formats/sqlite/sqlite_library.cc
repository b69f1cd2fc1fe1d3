// SPDX-License-Identifier: Apache-2.0
#include "formats/sqlite/sqlite_library.h"

#include <optional>

#include "base/shared_library.h"

namespace vedette::formats::sqlite {
namespace {

std::optional<SqliteLibrary> load() {
  // The name of the interface of SQLite 3, which has not changed since 2004.
  const SharedLibrary from("libsqlite3.so.0");
  SqliteLibrary it;
  const bool is_whole =
      from.resolve("sqlite3_bind_blob64", it.bind_blob64) &&
      from.resolve("sqlite3_bind_int64", it.bind_int64) &&
      from.resolve("sqlite3_bind_null", it.bind_null) &&
      from.resolve("sqlite3_bind_text64", it.bind_text64) &&
      from.resolve("sqlite3_busy_timeout", it.busy_timeout) &&
      from.resolve("sqlite3_close_v2", it.close_v2) &&
      from.resolve("sqlite3_column_blob", it.column_blob) &&
      from.resolve("sqlite3_column_bytes", it.column_bytes) &&
      from.resolve("sqlite3_column_int64", it.column_int64) &&
      from.resolve("sqlite3_column_type", it.column_type) &&
      from.resolve("sqlite3_db_config", it.db_config) &&
      from.resolve("sqlite3_deserialize", it.deserialize) &&
      from.resolve("sqlite3_errmsg", it.errmsg) && from.resolve("sqlite3_errstr", it.errstr) &&
      from.resolve("sqlite3_exec", it.exec) &&
      from.resolve("sqlite3_extended_result_codes", it.extended_result_codes) &&
      from.resolve("sqlite3_finalize", it.finalize) && from.resolve("sqlite3_limit", it.limit) &&
      from.resolve("sqlite3_malloc64", it.malloc64) &&
      from.resolve("sqlite3_open_v2", it.open_v2) &&
      from.resolve("sqlite3_prepare_v3", it.prepare_v3) &&
      from.resolve("sqlite3_progress_handler", it.progress_handler) &&
      from.resolve("sqlite3_reset", it.reset) && from.resolve("sqlite3_step", it.step);
  if (!is_whole) return std::nullopt;
  return it;
}

}  // namespace

Result<const SqliteLibrary*> sqlite_library() {
  static const std::optional<SqliteLibrary> kLoaded = load();
  if (!kLoaded)
    return failure(ErrorCode::kUnsupported,
                   "expected SQLite to be installed, found none; install libsqlite3-0");
  return &*kLoaded;
}

}  // namespace vedette::formats::sqlite
