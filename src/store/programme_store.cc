// SPDX-License-Identifier: Apache-2.0
#include "store/programme_store.h"

#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "store/programme_reader.h"
#include "store/programme_rows.h"
#include "store/programme_schema.h"
#include "store/programme_writer.h"

namespace vedette::store {
namespace {

using event::ProgrammeRun;

constexpr std::size_t kDamagesMax = 20;

Result<std::array<std::int64_t, 3>> tally_of(Database& database) {
  TRY(Database::Statement select, database.prepare("SELECT runs, findings, dismissals FROM tally"));
  TRY(const bool found, select.step());
  if (!found) return damaged("the counts of the rows are missing");
  return std::array{select.number(0), select.number(1), select.number(2)};
}

Result<void> same_count(std::string_view what, std::int64_t expected, std::size_t found) {
  if (expected == static_cast<std::int64_t>(found)) return {};
  return damaged(fmt::format("{} {} where {} were stored", found, what, expected));
}

}  // namespace

Result<ProgrammeStore> ProgrammeStore::open_or_make(const std::string& path) {
  TRY(Database database, open_programme(path, IfMissing::kMake, kPatienceMs));
  return ProgrammeStore(path, std::move(database));
}

Result<ProgrammeStore> ProgrammeStore::open(const std::string& path) {
  TRY(Database database, open_programme(path, IfMissing::kFail, kPatienceMs));
  return ProgrammeStore(path, std::move(database));
}

Result<bool> ProgrammeStore::add(const event::RunRecord& record) {
  const auto write = [&]() -> Result<bool> {
    TRY(Transaction transaction, Transaction::begin(database_, "BEGIN IMMEDIATE"));
    RunWriter writer(database_);
    TRY(const bool is_new, writer.write(record));
    if (is_new) TRY_VOID(transaction.commit());
    return is_new;
  };
  Result<bool> written = write();
  if (!written) return std::unexpected(about_file(path_, written.error()));
  return written;
}

Result<void> ProgrammeStore::dismiss(const event::Dismissal& dismissal) {
  const auto write = [&]() -> Result<void> {
    TRY(Transaction transaction, Transaction::begin(database_, "BEGIN IMMEDIATE"));
    TRY(Database::Statement insert,
        database_.prepare("INSERT INTO dismissal (finding, repository, reason, author, note, time,"
                          " checksum) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    insert.bind_text(1, dismissal.finding).bind_text(2, dismissal.repository);
    insert.bind(3, static_cast<std::int64_t>(dismissal.reason)).bind_text(4, dismissal.by);
    insert.bind_text(5, dismissal.note).bind(6, dismissal.time);
    TRY_VOID(insert.bind(7, checksum_of(dismissal)).run());
    TRY_VOID(database_.execute("UPDATE tally SET dismissals = dismissals + 1"));
    return transaction.commit();
  };
  const Result<void> written = write();
  if (!written) return std::unexpected(about_file(path_, written.error()));
  return {};
}

Result<ProgrammeStore::Reading> ProgrammeStore::read() {
  if (const Result<void> begun = database_.execute("BEGIN"); !begun)
    return std::unexpected(about_file(path_, begun.error()));
  Reading reading(database_);
  if (const Result<void> loaded = reading.load(); !loaded)
    return std::unexpected(about_file(path_, loaded.error()));
  return reading;
}

ProgrammeStore::Reading::Reading(Reading&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)),
      numbers_(std::move(other.numbers_)),
      findings_(std::move(other.findings_)),
      dismissals_(std::move(other.dismissals_)) {}

ProgrammeStore::Reading::~Reading() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> ProgrammeStore::Reading::load() {
  TRY_VOID(load_findings());
  TRY_VOID(load_dismissals());
  TRY(const auto tally, tally_of(*database_));
  TRY_VOID(same_count("findings", tally[1], findings_.size()));
  return same_count("dismissals", tally[2], dismissals_.size());
}

Result<void> ProgrammeStore::Reading::load_findings() {
  TRY(Database::Statement select,
      database_->prepare("SELECT id, identity, kind, rule, title, package, path, checksum"
                         " FROM finding ORDER BY id"));
  while (true) {
    TRY(const bool found, select.step());
    if (!found) return {};
    event::ProgrammeFinding& one = findings_.emplace_back();
    one = {text_of(select, 1), text_of(select, 2), text_of(select, 3),
           text_of(select, 4), text_of(select, 5), text_of(select, 6)};
    numbers_.push_back(select.number(0));
    if (select.number(7) != checksum_of(one))
      return damaged(fmt::format("finding {}: not what was stored", select.number(0)));
  }
}

Result<void> ProgrammeStore::Reading::load_dismissals() {
  TRY(Database::Statement select,
      database_->prepare("SELECT finding, repository, reason, author, note, time, checksum"
                         " FROM dismissal ORDER BY time, id"));
  while (true) {
    TRY(const bool found, select.step());
    if (!found) return {};
    event::Dismissal& one = dismissals_.emplace_back();
    TRY(one.reason, value_of<event::Exception>(select, 2, event::kExceptionNames));
    one.finding = text_of(select, 0);
    one.repository = text_of(select, 1);
    one.by = text_of(select, 3);
    one.note = text_of(select, 4);
    one.time = select.number(5);
    if (select.number(6) != checksum_of(one))
      return damaged(fmt::format("dismissal of {}: not what was stored", one.finding));
  }
}

Result<void> ProgrammeStore::Reading::check_run(const ProgrammeRun& run,
                                                std::int64_t checksum) const {
  if (checksum == checksum_of(run, numbers_)) return {};
  return damaged(fmt::format("run {}: not what was stored", run.id));
}

Result<void> ProgrammeStore::Reading::each_run(const std::string& repository, TimeNs now,
                                               const Visit& visit) {
  TRY(const auto tally, tally_of(*database_));
  TRY(RunReader reader, RunReader::create(*database_));
  TRY(Database::Statement count, database_->prepare("SELECT COUNT(*) FROM run"));
  TRY_VOID(count.step());
  TRY_VOID(same_count("runs", tally[0], static_cast<std::size_t>(count.number(0))));
  TRY(Database::Statement select,
      database_->prepare(
          fmt::format("SELECT {} FROM run LEFT JOIN repository ON repository.id = run.repository"
                      " WHERE time <= ?1 AND (?2 = '' OR name = ?2 OR name IS NULL)"
                      " ORDER BY name, branch, time, digest",
                      RunReader::kRunColumns)
              .c_str()));
  select.bind(1, now).bind_text(2, repository);
  while (true) {
    TRY(const bool found, select.step());
    if (!found) return {};
    if (select.is_null(RunReader::kRepositoryColumn)) return damaged("a run of no repository");
    TRY(const ProgrammeRun run, reader.read(select, numbers_));
    TRY_VOID(check_run(run, select.number(RunReader::kChecksumColumn)));
    TRY_VOID(visit(run));
  }
}

Result<std::vector<Diagnostic>> ProgrammeStore::check() {
  std::vector<Diagnostic> damages;
  const auto add = [&](std::string what) {
    damages.push_back({DiagnosticKind::kError, {path_, 0, 0, 0}, std::move(what), ""});
  };
  {
    TRY(Database::Statement integrity, database_.prepare("PRAGMA integrity_check(20)"));
    while (damages.size() < kDamagesMax) {
      const Result<bool> found = integrity.step();
      if (!found) add(found.error().message);
      if (!found || !*found) break;
      if (integrity.bytes(0) != "ok") add(text_of(integrity, 0));
    }
  }
  if (!damages.empty()) return damages;
  Result<Reading> reading = read();
  if (!reading) {
    add(reading.error().message);
    return damages;
  }
  const Result<void> runs =
      reading->each_run("", INT64_MAX, [](const ProgrammeRun&) -> Result<void> { return {}; });
  if (!runs) add(runs.error().message);
  return damages;
}

}  // namespace vedette::store
