// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;
namespace vedette::formats::sqlite {
struct SqliteLibrary;
}

namespace vedette::store {

// A database file of SQLite. One thread.
class Database {
 public:
  // One prepared statement; parameters count from 1, columns from 0. Ends before its database.
  class Statement {
   public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) = delete;
    ~Statement();

    Statement& bind(int parameter, std::int64_t number);
    // `bytes` stay where they are until reset().
    Statement& bind(int parameter, std::string_view bytes);
    // The same, as what SQL takes for text: to be read by people with other programs.
    Statement& bind_text(int parameter, std::string_view text);
    Statement& bind_null(int parameter);
    // Whether there is a row.
    Result<bool> step();
    bool is_null(int column) const;
    std::int64_t number(int column) const;
    std::string_view bytes(int column) const;  // until the next step() or reset()
    void reset();
    // For those that give no row.
    Result<void> run();

   private:
    friend class Database;
    Statement(const formats::sqlite::SqliteLibrary& library, sqlite3* database,
              sqlite3_stmt* handle)
        : library_(&library), database_(database), handle_(handle) {}
    const formats::sqlite::SqliteLibrary* library_;  // which stays
    sqlite3* database_;
    sqlite3_stmt* handle_;
  };

  // Made where it is missing, readable by its owner alone. `patience_ms`: how long a write waits
  // for another process that writes.
  static Result<Database> open(const std::string& path, int patience_ms);
  // ErrorCode::kSystem where it is missing.
  static Result<Database> open_existing(const std::string& path, int patience_ms);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) = delete;
  ~Database();

  Result<void> execute(const char* statements);
  Result<Statement> prepare(const char* text);

 private:
  Database(const formats::sqlite::SqliteLibrary& library, sqlite3* handle)
      : library_(&library), handle_(handle) {}
  const formats::sqlite::SqliteLibrary* library_;  // which stays
  sqlite3* handle_;
};

}  // namespace vedette::store
