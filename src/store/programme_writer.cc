// SPDX-License-Identifier: Apache-2.0
#include "store/programme_writer.h"

#include <algorithm>
#include <utility>

#include "store/programme_rows.h"

namespace vedette::store {

using event::Sighting;

Result<bool> RunWriter::write(const event::RunRecord& record) {
  run_ = record.run;
  TRY(const bool is_known, knows(run_.id));
  if (is_known) return false;
  TRY_VOID(add_findings(record.findings));
  // In the order of the table, which is that of the checksum.
  std::ranges::sort(run_.sightings, {}, [this](const Sighting& one) {
    return std::pair(numbers_[one.finding], one.scanner);
  });
  TRY(const std::int64_t number, add_run());
  TRY_VOID(add_scanners(number));
  TRY_VOID(add_sightings(number));
  TRY(Database::Statement tally,
      database_.prepare("UPDATE tally SET runs = runs + 1, findings = findings + ?"));
  TRY_VOID(tally.bind(1, added_).run());
  return true;
}

Result<bool> RunWriter::knows(const std::string& id) {
  TRY(Database::Statement select, database_.prepare("SELECT 1 FROM run WHERE digest = ?"));
  return select.bind_text(1, id).step();
}

Result<void> RunWriter::add_findings(const std::vector<event::ProgrammeFinding>& findings) {
  TRY(Database::Statement select, database_.prepare("SELECT id FROM finding WHERE identity = ?"));
  TRY(Database::Statement insert,
      database_.prepare("INSERT INTO finding (identity, kind, rule, title, package, path,"
                        " checksum) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"));
  for (const event::ProgrammeFinding& one : findings) {
    TRY(const bool found, select.bind_text(1, one.identity).step());
    if (found) {
      numbers_.push_back(select.number(0));
    } else {
      insert.bind_text(1, one.identity).bind_text(2, one.kind).bind_text(3, one.rule);
      insert.bind_text(4, one.title).bind_text(5, one.package).bind_text(6, one.path);
      TRY(const bool inserted, insert.bind(7, checksum_of(one)).step());
      if (!inserted) return damaged("a finding that cannot be added");
      numbers_.push_back(insert.number(0));
      insert.reset();
      ++added_;
    }
    select.reset();
  }
  return {};
}

Result<std::int64_t> RunWriter::add_run() {
  const event::RunFacts& facts = run_.facts;
  TRY(Database::Statement repository,
      database_.prepare("INSERT OR IGNORE INTO repository (name) VALUES (?)"));
  TRY_VOID(repository.bind_text(1, facts.repository).run());
  TRY(Database::Statement insert,
      database_.prepare(
          "INSERT INTO run (digest, repository, branch, time, revision, release, pipeline,"
          " verdict, incomplete, checksum) SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?"
          " FROM repository WHERE name = ? RETURNING id"));
  insert.bind_text(1, run_.id).bind_text(2, facts.branch).bind(3, facts.time);
  insert.bind_text(4, facts.commit).bind_text(5, facts.release).bind_text(6, facts.pipeline);
  if (run_.verdict) {
    insert.bind(7, verdict_number(run_));
  } else {
    insert.bind_null(7);
  }
  insert.bind(8, std::int64_t{run_.incomplete ? 1 : 0}).bind(9, checksum_of(run_, numbers_));
  TRY(const bool inserted, insert.bind_text(10, facts.repository).step());
  if (!inserted) return damaged("a run that cannot be added");
  return insert.number(0);
}

Result<void> RunWriter::add_scanners(std::int64_t run) {
  TRY(Database::Statement insert,
      database_.prepare("INSERT INTO scanner_run VALUES (?, ?, ?, ?, ?)"));
  std::int64_t position = 0;
  for (const event::ScannerRun& one : run_.scanners) {
    insert.bind(1, run).bind(2, position++).bind_text(3, one.name);
    insert.bind(4, std::int64_t{one.complete ? 1 : 0});
    if (one.duration) {
      insert.bind(5, *one.duration);
    } else {
      insert.bind_null(5);
    }
    TRY_VOID(insert.run());
  }
  return {};
}

Result<void> RunWriter::add_sightings(std::int64_t run) {
  TRY(Database::Statement insert,
      database_.prepare("INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?)"));
  for (const Sighting& one : run_.sightings) {
    insert.bind(1, run).bind(2, numbers_[one.finding]).bind(3, std::int64_t{one.scanner});
    insert.bind(4, static_cast<std::int64_t>(one.severity));
    insert.bind(5, static_cast<std::int64_t>(one.verdict));
    insert.bind(6, static_cast<std::int64_t>(one.exception));
    TRY_VOID(insert.run());
  }
  return {};
}

}  // namespace vedette::store
