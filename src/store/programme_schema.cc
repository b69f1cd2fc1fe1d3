// SPDX-License-Identifier: Apache-2.0
#include "store/programme_schema.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace vedette::store {
namespace {

namespace fs = std::filesystem;

// "VedH", by which `file` and this program know the file.
constexpr std::int64_t kApplication = 0x56656448;

constexpr const char* kConnection =
    "PRAGMA synchronous=FULL;"
    "PRAGMA cell_size_check=ON;"
    "PRAGMA journal_size_limit=16777216;"
    "PRAGMA cache_size=-16384;";

// Times are nanoseconds since 1970; severities, verdicts and exceptions are counted from the
// mildest, as event/programme.h has them. `checksum` is XXH3 over the row and what belongs to it.
constexpr std::array<const char*, 2> kSteps = {{
    "CREATE TABLE repository (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE finding (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL, rule TEXT NOT NULL, title TEXT NOT NULL, package TEXT NOT NULL,"
    " path TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE run (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " repository INTEGER NOT NULL, branch TEXT NOT NULL, time INTEGER NOT NULL,"
    " revision TEXT NOT NULL, release TEXT NOT NULL, pipeline TEXT NOT NULL, verdict INTEGER,"
    " incomplete INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE scanner_run (run INTEGER NOT NULL, position INTEGER NOT NULL,"
    " scanner TEXT NOT NULL, complete INTEGER NOT NULL, duration INTEGER,"
    " PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE sighting (run INTEGER NOT NULL, finding INTEGER NOT NULL,"
    " scanner INTEGER NOT NULL, severity INTEGER NOT NULL, verdict INTEGER NOT NULL,"
    " exception INTEGER NOT NULL, PRIMARY KEY (run, finding, scanner)) STRICT, WITHOUT ROWID;"
    // So that rows that are missing are seen.
    "CREATE TABLE tally (runs INTEGER NOT NULL, findings INTEGER NOT NULL) STRICT;"
    "INSERT INTO tally VALUES (0, 0);",
    "CREATE TABLE dismissal (id INTEGER PRIMARY KEY, finding TEXT NOT NULL,"
    " repository TEXT NOT NULL, reason INTEGER NOT NULL, author TEXT NOT NULL,"
    " note TEXT NOT NULL, time INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;"
    "ALTER TABLE tally ADD COLUMN dismissals INTEGER NOT NULL DEFAULT 0;",
}};

Result<std::int64_t> number_of(Database& database, const char* query) {
  TRY(Database::Statement statement, database.prepare(query));
  TRY(const bool found, statement.step());
  if (!found) return failure(ErrorCode::kInvalid, "a row of the schema is missing");
  return statement.number(0);
}

Error system_error(const std::string& path) {
  return {ErrorCode::kSystem, fmt::format("{}: {}", path, std::strerror(errno))};
}

Result<void> make_file(const std::string& path, int patience_ms) {
  std::string fresh = path + ".XXXXXX";
  const int descriptor = ::mkstemp(fresh.data());
  if (descriptor < 0) return std::unexpected(system_error(path));
  ::close(descriptor);
  const auto fill = [&]() -> Result<void> {
    TRY(Database database, Database::open_existing(fresh, patience_ms));
    TRY_VOID(database.execute("PRAGMA journal_mode=WAL;"));
    TRY_VOID(database.execute(kConnection));
    TRY_VOID(database.execute(fmt::format("PRAGMA application_id={};", kApplication).c_str()));
    return upgrade_programme(database, kSteps);
  };
  Result<void> made = fill();
  // Whoever was first has made the file; what he has put into it stays.
  if (made && ::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST)
    made = std::unexpected(system_error(path));
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((fresh + suffix).c_str());
  return made;
}

// SQLite refuses every link in a path, not only one in the place of the file.
Result<std::string> without_links(const std::string& path) {
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  const fs::path real = fs::canonical(folder.empty() ? "." : folder, error);
  if (error)
    return failure(ErrorCode::kSystem, fmt::format("{}: {}", folder.string(), error.message()));
  return (real / fs::path(path).filename()).string();
}

}  // namespace

std::span<const char* const> programme_steps() { return kSteps; }

Error about_file(const std::string& path, const Error& error) {
  if (error.code == ErrorCode::kInvalid)
    return {error.code,
            fmt::format("{}: expected a history that is whole, found a damaged one: {}; put back a "
                        "copy of it, or give another --store",
                        path, error.message)};
  return {error.code, fmt::format("{}: {}", path, error.message)};
}

Result<void> upgrade_programme(Database& database, std::span<const char* const> steps) {
  const auto known = static_cast<std::int64_t>(steps.size());
  TRY(std::int64_t version, number_of(database, "PRAGMA user_version"));
  if (version == known) return {};
  // Another process may have done it in the meantime.
  TRY(Transaction transaction, Transaction::begin(database, "BEGIN IMMEDIATE"));
  TRY(version, number_of(database, "PRAGMA user_version"));
  if (version < 0 || version > known)
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a history of version {} or earlier, found {}; use a newer "
                               "vedette",
                               known, version));
  for (const char* const step : steps.subspan(static_cast<std::size_t>(version)))
    TRY_VOID(database.execute(step));
  TRY_VOID(database.execute(fmt::format("PRAGMA user_version={};", known).c_str()));
  return transaction.commit();
}

Result<Database> open_programme(const std::string& path, IfMissing missing, int patience_ms) {
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  if (missing == IfMissing::kMake && !folder.empty()) {
    fs::create_directories(folder, error);
    if (error)
      return failure(ErrorCode::kSystem, fmt::format("{}: {}", folder.string(), error.message()));
  }
  if (!fs::exists(path, error)) {
    if (missing == IfMissing::kFail)
      return failure(ErrorCode::kNotFound,
                     fmt::format("{}: expected a history, found no file; record a run with "
                                 "`vedette history add`, or name the file with --store",
                                 path));
    TRY(const std::string place, without_links(path));
    TRY_VOID(make_file(place, patience_ms));
  }
  TRY(const std::string place, without_links(path));
  const auto open = [&]() -> Result<Database> {
    // SQLite takes an empty file for an empty database.
    if (fs::file_size(place, error) == 0 || error)
      return failure(ErrorCode::kInvalid, "the file is empty");
    TRY(Database database, Database::open_existing(place, patience_ms));
    TRY_VOID(database.execute(kConnection));
    TRY(const std::int64_t application, number_of(database, "PRAGMA application_id"));
    if (application != kApplication)
      return failure(ErrorCode::kInvalid, "another program's database");
    TRY_VOID(upgrade_programme(database, kSteps));
    return database;
  };
  Result<Database> database = open();
  if (!database) return std::unexpected(about_file(path, database.error()));
  return database;
}

Result<Transaction> Transaction::begin(Database& database, const char* how) {
  TRY_VOID(database.execute(how));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

// The error that led here is told; that of going back would be of the same cause.
Transaction::~Transaction() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  TRY_VOID(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace vedette::store
