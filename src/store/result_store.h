// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/diagnostic.h"
#include "base/digest.h"
#include "store/database.h"

namespace vedette::store {

// What a result depends on, hashed: half of a SHA-256.
using ResultKey = std::array<std::uint8_t, 16>;
ResultKey key_of(std::string_view parts);

// The value that lies in a store as `stored`; nothing where its checksum is wrong.
std::optional<std::string_view> value_of(const ResultKey& key, std::string_view stored);

// Results of earlier runs, by what they depend on; a value never changes, so who writes last wins
// nothing. One file in a folder, for any number of processes at once (SQLite's write-ahead log): a
// process that is killed leaves a whole database, without its last writes. What lies there is
// checked on reading; damage costs the results, not the run.
//
// Any thread; find() and put() hold a lock for about a microsecond. Reading is of the state at the
// begin, beside what was put here.
class ResultStore {
 public:
  struct Options {
    std::string folder;  // made where it is missing
    // Of the file; at the end what was not used for longest is forgotten until 3/4 of it remain.
    std::uint64_t bytes_max = std::uint64_t{512} << 20;
    std::int64_t day = 0;  // today, in days of any calendar
  };
  static constexpr std::size_t kPendingBytesMax = std::size_t{1} << 20;
  static constexpr std::size_t kValueBytesMax = std::size_t{64} << 20;
  static constexpr int kPatienceMs = 10'000;  // for other processes that write, on slow disks
  static constexpr std::string_view kFileName = "results-1.db";

  static Result<std::unique_ptr<ResultStore>> open(const Options& options);
  ~ResultStore();
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  // False: unknown. Appends nothing to `value`, it is replaced.
  bool find(const ResultKey& key, std::string& value);
  void put(const ResultKey& key, std::string value);

  // Writes what is left and bounds the file; once, when no other thread uses this. Says what went
  // wrong in all that time.
  std::optional<Diagnostic> close();

 private:
  struct Pending {
    ResultKey key;
    std::string value;
  };
  struct Reading {
    Database database;
    Database::Statement select;
  };
  ResultStore(const Options& options, Reading reading)
      : options_(options), reading_(std::move(reading)) {}
  static Result<std::unique_ptr<ResultStore>> open_file(const Options& options);

  Result<void> write(std::vector<Pending> pending);
  Result<void> touch_used();
  Result<void> bound_size();
  Result<Database*> writer();
  void note(const Error& error);

  const Options options_;

  std::mutex read_mutex_;           // of the three below
  std::optional<Reading> reading_;  // until close()
  std::vector<ResultKey> used_;     // used today for the first time
  std::optional<Error> read_error_;

  std::mutex pending_mutex_;  // of the two below
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;

  std::mutex write_mutex_;  // of the three below
  std::unique_ptr<Database> writer_;
  std::optional<Error> write_error_;
  bool is_closed_ = false;
};

}  // namespace vedette::store
