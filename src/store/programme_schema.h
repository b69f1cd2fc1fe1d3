// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "store/database.h"

// The file of a programme's memory: how it is made, recognised and brought to the present version.
namespace vedette::store {

// Each step is one version and never changes; a file says how many it has (PRAGMA user_version).
std::span<const char* const> programme_steps();

// Applies the steps that the file lacks, all or none.
Result<void> upgrade_programme(Database& database, std::span<const char* const> steps);

// The file at `path`, made whole where there is none and `make` says so: it appears under its name
// with its schema, so that an empty one is always a damaged one.
enum class IfMissing : std::uint8_t { kFail, kMake };
Result<Database> open_programme(const std::string& path, IfMissing missing, int patience_ms);

// The same error with the file's name, and what can be done.
Error about_file(const std::string& path, const Error& error);

// Ends as it began but after commit().
class Transaction {
 public:
  static Result<Transaction> begin(Database& database, const char* how);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // the caller's; null: over
};

}  // namespace vedette::store
