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
#include "engine/vulnerabilities/database_update.h"
#include "engine/vulnerabilities/jar_table_build.h"
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
  std::string url;
  std::string key;
  std::string ca_file;
  std::string token_file;
  std::string proxy;
  std::vector<std::string> databases;
  bool verify = false;
  bool quiet = false;
};

TimeNs now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

void print_problems(const std::vector<Diagnostic>& problems) {
  for (const Diagnostic& problem : problems) {
    std::string line;
    output::append_terminal(to_string(problem.place) + ": " + problem.message, kProblemColumns,
                            line);
    fmt::print(stderr, "vedette: {}\n", line);
  }
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
    print_problems(report->problems);
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

int run_update(const DbFlags& flags) {
  engine::DatabaseUpdateOptions options;
  options.http.url = flags.url;
  options.http.ca_file = flags.ca_file;
  options.http.token_file = flags.token_file;
  options.http.proxy = flags.proxy;
  options.key = flags.key;
  options.database = flags.database.empty() ? default_database() : flags.database;
  if (options.key.empty())
    return usage_error({ErrorCode::kInvalid, "expected --key FILE, found none"});
  if (options.database.empty())
    return usage_error({ErrorCode::kInvalid, "expected --db FILE, found none"});
  const auto report = engine::update_database(options, install_stop_signal());
  if (!report) return usage_error(report.error());
  if (flags.quiet) return kExitClean;
  std::string date;
  output::append_terminal(report->date, kProblemColumns, date);
  if (report->was_current) {
    fmt::print(stderr, "is up to date: newest advisory of {}\n", date);
  } else {
    fmt::print(stderr, "newest advisory of {}, {} downloaded{}\n", date,
               readable_bytes(report->downloaded), report->by_delta ? " as a delta" : "");
  }
  return kExitClean;
}

int run_publish(const DbFlags& flags) {
  if (flags.key.empty() || flags.output.empty()) {
    return usage_error(
        {ErrorCode::kInvalid, "expected --key FILE and --output FOLDER, found not both"});
  }
  const Result<void> done = engine::publish_database(
      {flags.databases.front(),
       std::vector<std::string>(flags.databases.begin() + 1, flags.databases.end()), flags.key,
       flags.output});
  return done ? int{kExitClean} : usage_error(done.error());
}

int run_jars(const DbFlags& flags) {
  if (flags.output.empty())
    return usage_error({ErrorCode::kInvalid, "expected --output FILE, found none"});
  const auto report =
      engine::build_jar_table({flags.inputs, flags.output, Limits()}, install_stop_signal());
  if (!report) return usage_error(report.error());
  if (!flags.quiet) {
    print_problems(report->problems);
    fmt::print(stderr,
               "{} classes of {} releases, from {} jars; {} of no known release, {} unreadable; "
               "{} in {}\n",
               grouped(report->classes), grouped(report->releases), grouped(report->jars),
               grouped(report->unnamed), grouped(report->unreadable), readable_bytes(report->bytes),
               output::duration_text(report->seconds));
  }
  return report->unreadable == 0 && report->problems.empty() ? kExitClean : kExitPartial;
}

Flag database_flag(DbFlags& flags) {
  return {"--db",          "FILE", "The database; default: vulnerabilities.db in ~/.cache/vedette.",
          &flags.database, {},     ValueKind::kPath};
}

Flag format_flag(DbFlags& flags) {
  return {"-f,--format", "FORMAT",         "What is written; default: text.",
          &flags.format, {"text", "json"}, ValueKind::kChoice};
}

Flag path_flag(std::string names, std::string help, std::string& target) {
  return {std::move(names), "FILE", std::move(help), &target, {}, ValueKind::kPath};
}

Command update_command(const std::shared_ptr<DbFlags>& flags) {
  Command update{"update", "Brings a database up to date from a mirror, by signed deltas.",
                 "  vedette db update --key mirror.pem https://mirror.example/vedette\n"};
  update.flags = {
      database_flag(*flags),
      path_flag("--key", "The mirror's public key, Ed25519 as PEM.", flags->key),
      path_flag("--ca", "Certificates to trust instead of the system's.", flags->ca_file),
      path_flag("--token-file", "A token to send along.", flags->token_file),
      {"--proxy", "URL", "Goes through this proxy.", &flags->proxy},
      {"-q,--quiet", "", "No report on stderr.", &flags->quiet}};
  update.arguments = {{"URL", "The mirror.", &flags->url, true, ValueKind::kText}};
  update.run = [flags] { return run_update(*flags); };
  return update;
}

Command publish_command(const std::shared_ptr<DbFlags>& flags) {
  Command publish{"publish", "Writes what a mirror serves: a database, deltas, a signed manifest.",
                  "  vedette db publish --key private.pem -o www/vedette new.db old.db older.db\n"};
  publish.flags = {
      {"-o,--output", "FOLDER", "Of the mirror.", &flags->output, {}, ValueKind::kFolder},
      path_flag("--key", "The private key, Ed25519 as PEM, not encrypted.", flags->key)};
  publish.arguments = {{"DATABASE", "The newest, then those to make deltas from.",
                        &flags->databases, true, ValueKind::kPath}};
  publish.run = [flags] { return run_publish(*flags); };
  return publish;
}

Command jars_command(const std::shared_ptr<DbFlags>& flags) {
  Command jars{"jars", "Builds a table to recognise Java libraries by, within the jars of others.",
               "  vedette db jars -o jars.db ~/.m2/repository\n"
               "  vedette scan image --jars jars.db app.tar\n"};
  jars.flags = {path_flag("-o,--output", "Written whole or not at all.", flags->output),
                {"-q,--quiet", "", "No report on stderr.", &flags->quiet}};
  jars.arguments = {
      {"INPUT", "Jars, or folders of them: a local Maven repository, Gradle's cache, a mirror.",
       &flags->inputs, true, ValueKind::kPath}};
  jars.run = [flags] { return run_jars(*flags); };
  return jars;
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
  command.commands = {
      build, status, lookup, jars_command(flags), update_command(flags), publish_command(flags)};
  return command;
}

}  // namespace vedette::cmd
