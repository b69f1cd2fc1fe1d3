// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "formats/sqlite/sqlite_library.h"

namespace vedette::store {
namespace {

using formats::sqlite::SqliteLibrary;

// kInvalid: these bytes are no database, and never will be; all else may be better next time.
Error error_of(const SqliteLibrary& library, sqlite3* handle, int code) {
  const bool is_damaged = (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
  return {is_damaged ? ErrorCode::kInvalid : ErrorCode::kSystem,
          handle != nullptr ? library.errmsg(handle) : library.errstr(code)};
}

}  // namespace

Database::Statement::Statement(Statement&& other) noexcept
    : library_(other.library_),
      database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)) {}

Database::Statement::~Statement() { library_->finalize(handle_); }

Database::Statement& Database::Statement::bind(int parameter, std::int64_t number) {
  library_->bind_int64(handle_, parameter, number);
  return *this;
}

Database::Statement& Database::Statement::bind(int parameter, std::string_view bytes) {
  // A null pointer would bind NULL.
  library_->bind_blob64(handle_, parameter, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_STATIC);
  return *this;
}

Database::Statement& Database::Statement::bind_text(int parameter, std::string_view text) {
  library_->bind_text64(handle_, parameter, text.empty() ? "" : text.data(), text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Database::Statement& Database::Statement::bind_null(int parameter) {
  library_->bind_null(handle_, parameter);
  return *this;
}

bool Database::Statement::is_null(int column) const {
  return library_->column_type(handle_, column) == SQLITE_NULL;
}

Result<bool> Database::Statement::step() {
  const int code = library_->step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(error_of(*library_, database_, code));
}

std::int64_t Database::Statement::number(int column) const {
  return library_->column_int64(handle_, column);
}

std::string_view Database::Statement::bytes(int column) const {
  const auto* const begin = static_cast<const char*>(library_->column_blob(handle_, column));
  return {begin, static_cast<std::size_t>(library_->column_bytes(handle_, column))};
}

void Database::Statement::reset() { library_->reset(handle_); }

Result<void> Database::Statement::run() {
  const Result<bool> stepped = step();
  reset();
  if (!stepped) return std::unexpected(stepped.error());
  return {};
}

Result<Database> Database::open(const std::string& path, int patience_ms) {
  // SQLite would make it readable for all, as the mask allows. Never an existing file: closing any
  // descriptor of it would drop the locks that SQLite has on it in this process.
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return open_existing(path, patience_ms);
}

Result<Database> Database::open_existing(const std::string& path, int patience_ms) {
  TRY(const SqliteLibrary* const library, formats::sqlite::sqlite_library());
  sqlite3* handle = nullptr;
  const int code =
      library->open_v2(path.c_str(), &handle,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  Database database(*library, handle);
  if (code != SQLITE_OK) return std::unexpected(error_of(*library, handle, code));
  library->extended_result_codes(handle, 0);
  library->busy_timeout(handle, patience_ms);
  return database;
}

Database::Database(Database&& other) noexcept
    : library_(other.library_), handle_(std::exchange(other.handle_, nullptr)) {}

Database::~Database() { library_->close_v2(handle_); }

Result<void> Database::execute(const char* statements) {
  const int code = library_->exec(handle_, statements, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(*library_, handle_, code));
  return {};
}

Result<Database::Statement> Database::prepare(const char* text) {
  sqlite3_stmt* handle = nullptr;
  const int code =
      library_->prepare_v3(handle_, text, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(*library_, handle_, code));
  return Statement(*library_, handle_, handle);
}

}  // namespace vedette::store
