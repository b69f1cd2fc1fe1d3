// SPDX-License-Identifier: Apache-2.0
#include "formats/sqlite/foreign_database.h"

#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "formats/sqlite/sqlite_library.h"

namespace vedette::formats::sqlite {
namespace {

constexpr std::size_t kHeaderBytes = 100;
// Instructions of SQLite's machine between two looks at the bound, and how many looks: far more
// than a database of 100,000 packages needs.
constexpr int kStepsBetweenLooks = 100'000;
constexpr int kLooksMax = 10'000;
constexpr int kRowBytesMax = 256 << 20;

struct CloseDatabase {
  const SqliteLibrary* library;
  void operator()(sqlite3* handle) const { library->close_v2(handle); }
};
struct EndStatement {
  const SqliteLibrary* library;
  void operator()(sqlite3_stmt* statement) const { library->finalize(statement); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;

int count_look(void* looks) { return ++*static_cast<int*>(looks) > kLooksMax ? 1 : 0; }

std::unexpected<Error> error_of(const SqliteLibrary& library, sqlite3* handle) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected another database, SQLite says: {}", library.errmsg(handle)));
}

Result<DatabaseHandle> open(const SqliteLibrary& library, std::string_view bytes) {
  sqlite3* raw = nullptr;
  const int opened = library.open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  DatabaseHandle handle(raw, CloseDatabase{&library});
  if (opened != SQLITE_OK) return failure(ErrorCode::kSystem, "SQLite cannot start");
  library.db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  library.db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  library.db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  library.db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  library.limit(raw, SQLITE_LIMIT_LENGTH, kRowBytesMax);
  auto* const copy = static_cast<unsigned char*>(library.malloc64(bytes.size()));
  if (copy == nullptr) return failure(ErrorCode::kSystem, "out of memory");
  std::memcpy(copy, bytes.data(), bytes.size());
  // Versions of reading and writing: 2 asks for a write-ahead log beside the file, which a database
  // in memory cannot have. What that log held is in no image's layer of its own, and is not read.
  copy[18] = copy[19] = 1;
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (library.deserialize(raw, "main", copy, size, size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return error_of(library, raw);
  }
  return handle;
}

}  // namespace

bool is_sqlite(std::string_view bytes) {
  return bytes.starts_with(std::string_view("SQLite format 3\0", 16));
}

Result<void> read_rows(std::string_view bytes, const char* query, std::size_t columns,
                       const RowSink& sink) {
  if (!is_sqlite(bytes) || bytes.size() < kHeaderBytes)
    return failure(ErrorCode::kTruncated, "expected a database of SQLite, found too few bytes");
  TRY(const SqliteLibrary* const library, sqlite_library());
  TRY(const DatabaseHandle handle, open(*library, bytes));
  int looks = 0;
  library->progress_handler(handle.get(), kStepsBetweenLooks, count_look, &looks);
  sqlite3_stmt* raw = nullptr;
  const int prepared = library->prepare_v3(handle.get(), query, -1, 0, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, EndStatement> statement(raw, EndStatement{library});
  if (prepared != SQLITE_OK) return error_of(*library, handle.get());
  std::vector<std::string_view> row(columns);
  int code = library->step(raw);
  for (; code == SQLITE_ROW; code = library->step(raw)) {
    for (std::size_t i = 0; i < columns; ++i) {
      const auto* const blob =
          static_cast<const char*>(library->column_blob(raw, static_cast<int>(i)));
      const auto size = static_cast<std::size_t>(library->column_bytes(raw, static_cast<int>(i)));
      row[i] = blob == nullptr ? std::string_view() : std::string_view(blob, size);
    }
    sink(row);
  }
  if (code != SQLITE_DONE) return error_of(*library, handle.get());
  return {};
}

}  // namespace vedette::formats::sqlite
