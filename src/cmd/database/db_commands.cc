// SPDX-License-Identifier: Apache-2.0
#include "cmd/database/db_commands.h"

#include <chrono>
#include <fmt/format.h>
#include <memory>

#include "cmd/cache_folder.h"
#include "cmd/database/database_text.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "engine/vulnerabilities/database_build.h"
#include "engine/vulnerabilities/database_lookup.h"
#include "output/quantity.h"
#include "output/terminal.h"
#include "vulnerabilities/database.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kProblemColumns = 500;

struct DbFlags {
  std::vector<std::string> inputs;
  std::string output;
  std::string database;
  std::string format;
  std::string query;
  bool verify = false;
  bool quiet = false;
};

TimeNs now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

int run_build(const DbFlags& flags) {
  const std::string output = flags.output.empty() ? default_database() : flags.output;
  if (output.empty())
    return usage_error({ErrorCode::kInvalid, "expected --output FILE, found none"});
  const Result<engine::DatabaseBuildReport> report =
      engine::build_database({flags.inputs, output, Limits()}, install_stop_signal());
  if (!report) return usage_error(report.error());
  std::uint64_t unreadable = 0;
  for (const auto& input : report->summary.inputs) unreadable += input.unreadable;
  if (!flags.quiet) {
    for (const Diagnostic& problem : report->problems) {
      std::string line;
      output::append_terminal(to_string(problem.place) + ": " + problem.message, kProblemColumns,
                              line);
      fmt::print(stderr, "vedette: {}\n", line);
    }
    fmt::print(stderr, "{} advisories on {} packages, {} unreadable, {} in {}\n",
               grouped(report->summary.advisories), grouped(report->summary.packages),
               grouped(unreadable), readable_bytes(report->bytes),
               output::duration_text(report->seconds));
  }
  return unreadable == 0 && report->problems.empty() ? kExitClean : kExitPartial;
}

Result<vulnerabilities::Database> open_database(const DbFlags& flags, std::string& path) {
  path = flags.database.empty() ? default_database() : flags.database;
  if (path.empty()) return failure(ErrorCode::kInvalid, "expected --db FILE, found none");
  Result<vulnerabilities::Database> database = vulnerabilities::Database::open(path);
  if (!database && database.error().code == ErrorCode::kNotFound) {
    return failure(ErrorCode::kNotFound,
                   database.error().message + "; make it with `vedette db build`");
  }
  return database;
}

int run_status(const DbFlags& flags) {
  std::string path;
  const Result<vulnerabilities::Database> database = open_database(flags, path);
  if (!database) return usage_error(database.error());
  if (flags.verify) {
    const Result<void> verified = database->verify();
    if (!verified) return usage_error(verified.error());
  }
  fmt::print("{}", flags.format == "json" ? status_json(*database, path, now())
                                          : status_text(*database, path, now()));
  return kExitClean;
}

int run_lookup(const DbFlags& flags) {
  std::string path;
  const Result<vulnerabilities::Database> database = open_database(flags, path);
  if (!database) return usage_error(database.error());
  const auto found = engine::look_up(*database, flags.query);
  if (!found) return usage_error(found.error());
  if (flags.format == "json") {
    fmt::print("{}", lookup_json(*found, database->summary()));
  } else if (found->empty()) {
    fmt::print("nothing is known about {}\n", flags.query);
  } else {
    fmt::print("{}", lookup_text(*found));
  }
  return kExitClean;
}

Flag database_flag(DbFlags& flags) {
  return {"--db",          "FILE", "The database; default: vulnerabilities.db in ~/.cache/vedette.",
          &flags.database, {},     ValueKind::kPath};
}

Flag format_flag(DbFlags& flags) {
  return {"-f,--format", "FORMAT",         "What is written; default: text.",
          &flags.format, {"text", "json"}, ValueKind::kChoice};
}

}  // namespace

std::string default_database() {
  const std::string folder = default_cache_folder();
  return folder.empty() ? folder : folder + "/vulnerabilities.db";
}

Command db_command() {
  const auto flags = std::make_shared<DbFlags>();
  Command build{
      "build", "Builds a database from published advisories.",
      "  vedette db build -o vulnerabilities.db PyPI-all.zip Go-all.zip\n"
      "  vedette db build -o v.db osv/ known_exploited_vulnerabilities.json epss.csv.gz\n"};
  build.flags = {{"-o,--output",
                  "FILE",
                  "Written whole or not at all; default: vulnerabilities.db in ~/.cache/vedette.",
                  &flags->output,
                  {},
                  ValueKind::kPath},
                 {"-q,--quiet", "", "No report on stderr.", &flags->quiet}};
  build.arguments = {{"INPUT",
                      "OSV records (files, folders, zips), CISA's catalogue, EPSS, Exploit "
                      "Database's list, endoflife.date; packed or not.",
                      &flags->inputs, true, ValueKind::kPath}};
  build.run = [flags] { return run_build(*flags); };
  Command status{"status", "Shows what a database holds, and how old that is.",
                 "  vedette db status\n"
                 "  vedette db status --verify --db vulnerabilities.db\n"};
  status.flags = {database_flag(*flags),
                  format_flag(*flags),
                  {"--verify", "", "Looks at every byte.", &flags->verify}};
  status.run = [flags] { return run_status(*flags); };
  Command lookup{"lookup", "Shows what is known about a package or an id.",
                 "  vedette db lookup requests@2.19.0\n"
                 "  vedette db lookup PyPI:requests      # in any version\n"
                 "  vedette db lookup CVE-2023-32681\n"};
  lookup.flags = {database_flag(*flags), format_flag(*flags)};
  lookup.arguments = {{"PACKAGE[@VERSION]", "A package, a Package URL, or an id.", &flags->query,
                       true, ValueKind::kText}};
  lookup.run = [flags] { return run_lookup(*flags); };
  Command command{"db", "What is known about vulnerabilities, in one file.",
                  "  vedette db build -o vulnerabilities.db PyPI-all.zip\n"
                  "  vedette db status --db vulnerabilities.db\n"};
  command.commands = {build, status, lookup};
  return command;
}

}  // namespace vedette::cmd
