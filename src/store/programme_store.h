// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/programme.h"
#include "store/database.h"

namespace vedette::store {

// The memory of a programme (event/programme.h) in one file, for any number of processes at once.
// Unlike results it must not be lost: what add() and dismiss() reported as stored survives the
// process and a loss of power, a file that is missing, empty, damaged or of a newer version is an
// Error, and every row that is read is compared with its checksum. Not for file systems of a
// network, where SQLite's write-ahead log does not work. One thread.
class ProgrammeStore {
 public:
  static constexpr int kPatienceMs = 20'000;  // for other processes that write

  // Makes the file, with its folder, where there is none.
  static Result<ProgrammeStore> open_or_make(const std::string& path);
  // ErrorCode::kNotFound where there is none.
  static Result<ProgrammeStore> open(const std::string& path);

  // False: this run is known already. Whole or not at all.
  Result<bool> add(const event::RunRecord& record);
  Result<void> dismiss(const event::Dismissal& dismissal);

  // Everything as it is at one moment, also while others write. The indices of sightings are those
  // of findings(). Runs come by repository, branch, time and id, none that is later than `now`.
  class Reading {
   public:
    using Visit = std::function<Result<void>(const event::ProgrammeRun&)>;
    ~Reading();
    Reading(Reading&& other) noexcept;
    Reading& operator=(Reading&&) = delete;

    const std::vector<event::ProgrammeFinding>& findings() const { return findings_; }
    const std::vector<event::Dismissal>& dismissals() const { return dismissals_; }
    // `repository` empty: all.
    Result<void> each_run(const std::string& repository, TimeNs now, const Visit& visit);

   private:
    friend class ProgrammeStore;
    explicit Reading(Database& database) : database_(&database) {}
    Result<void> load();
    Result<void> load_findings();
    Result<void> load_dismissals();
    Result<void> check_run(const event::ProgrammeRun& run, std::int64_t checksum) const;

    Database* database_;                 // of the store, which outlives this
    std::vector<std::int64_t> numbers_;  // of findings_, in the file
    std::vector<event::ProgrammeFinding> findings_;
    std::vector<event::Dismissal> dismissals_;
  };
  Result<Reading> read();

  // Everything that is wrong with the file; slower than reading.
  Result<std::vector<Diagnostic>> check();

  const std::string& path() const { return path_; }

 private:
  ProgrammeStore(std::string path, Database database)
      : path_(std::move(path)), database_(std::move(database)) {}

  std::string path_;
  Database database_;
};

}  // namespace vedette::store
