// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

#include "base/file.h"
#include "cmd/gate/gate_command.h"
#include "cmd/rule_flags.h"
#include "engine/gate/gate_run.h"
#include "policy/waiver.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kWaiversBytesMax = std::size_t{16} << 20;
constexpr TimeNs kDay = TimeNs{86'400} * kNsPerSecond;

struct WaiveFlags {
  engine::GateOptions options;
  std::string finding;
  std::string rule;
  std::string package;
  std::string path;
  std::string image;
  std::string reason;
  std::string ticket;
  std::string approver;
  std::string kind;
  std::string expires;
  std::string signature;
  std::string now;
  bool to_sign = false;
  bool revoke = false;
};

Result<TimeNs> date_of(const std::string& text, std::string_view flag) {
  const auto time = parse_time(text);
  if (time) return *time;
  return failure(ErrorCode::kInvalid,
                 fmt::format("{}: expected a date (2027-01-31), found \"{}\"", flag, text));
}

// What was asked for, as the file would have it; read back, so that it is checked as the file is.
Result<policy::Waiver> waiver_of(const WaiveFlags& flags) {
  const auto clock = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  TimeNs now = clock;
  if (!flags.now.empty()) {
    TRY(now, date_of(flags.now, "--now"));
  }
  policy::Waiver waiver;
  waiver.finding = flags.finding;
  waiver.reason = flags.reason;
  waiver.ticket = flags.ticket;
  waiver.approver = flags.approver;
  if (!flags.kind.empty()) waiver.kind = flags.kind;
  waiver.created = now / kDay * kDay;
  waiver.signature = flags.signature;
  const auto& keys = policy::keys();
  for (const auto& [name, value] :
       {std::pair("rule", &flags.rule), std::pair("package", &flags.package),
        std::pair("path", &flags.path), std::pair("image", &flags.image)}) {
    if (value->empty()) continue;
    policy::Condition condition;
    while (keys[condition.key].name != name) ++condition.key;
    condition.patterns = {*value};
    waiver.scope.conditions.push_back(std::move(condition));
  }
  if (flags.expires.empty())
    return failure(ErrorCode::kInvalid, "expected an end, found none; give --expires 2027-01-31");
  TRY(waiver.expires, date_of(flags.expires, "--expires"));
  if (flags.revoke) waiver.revoked = waiver.created;
  const policy::WaiverFile read = policy::read_waivers(waiver.line() + "\n", "the waiver");
  if (!read.problems.empty())
    return failure(ErrorCode::kInvalid,
                   read.problems[0].message +
                       (read.problems[0].hint.empty() ? "" : "; " + read.problems[0].hint));
  return waiver;
}

int run_waive(const WaiveFlags& flags) {
  const Result<policy::Waiver> waiver = waiver_of(flags);
  if (!waiver) return usage_error(waiver.error());
  if (flags.to_sign) {
    fmt::print("{}", waiver->signed_text());
    return kExitClean;
  }
  const auto files = engine::read_gate_files(flags.options);
  if (!files) return usage_error(files.error());
  std::error_code error;
  std::string text;
  if (std::filesystem::exists(files->waiver_path, error)) {
    auto read = read_file(files->waiver_path, kWaiversBytesMax);
    if (!read) return usage_error(read.error());
    text = std::move(*read);
  }
  const Result<void> written =
      write_file_whole(files->waiver_path, policy::with_waiver(text, *waiver));
  if (!written) return usage_error(written.error());
  fmt::print("{}: {}\n", files->waiver_path, waiver->line());
  return kExitClean;
}

std::vector<Flag> rows(WaiveFlags& flags) {
  return {
      {"--rule", "PATTERN", "Instead of a finding: rules, by id or a vulnerability's name.",
       &flags.rule},
      {"--package", "PATTERN", "Instead of a finding: packages.", &flags.package},
      {"--path", "PATTERN", "Instead of a finding: files (docs/waivers.md).", &flags.path},
      {"--image", "PATTERN", "Instead of a finding: images.", &flags.image},
      {"--reason", "TEXT", "Why it is accepted.", &flags.reason},
      {"--expires", "DATE", "The first day on which it does not hold any more.", &flags.expires},
      {"--approver", "NAME", "Who approves it.", &flags.approver},
      {"--ticket", "NAME", "Where it is written about.", &flags.ticket},
      {"--kind",
       "KIND",
       "What it is; default: accepted.",
       &flags.kind,
       {"accepted", "false-positive", "mitigated"},
       ValueKind::kChoice},
      {"--to-sign", "",
       "Writes nothing; prints what is to be signed, for ssh-keygen -Y sign -n vedette-waiver.",
       &flags.to_sign},
      {"--signature", "TEXT", "The signature of that, of the same day.", &flags.signature},
      {"--revoke", "", "Takes the waiver back, also where another branch still has it.",
       &flags.revoke},
      {"--policy",
       "FILE",
       "The policy; default: vedette.yaml, else what is built in.",
       &flags.options.policy,
       {},
       ValueKind::kPath},
      {"--waivers",
       "FILE",
       "The waivers; default: the file that the policy names.",
       &flags.options.waivers,
       {},
       ValueKind::kPath},
      {"--now", "DATE", "The day on which it is given, instead of today.", &flags.now},
  };
}

}  // namespace

Command waive_command() {
  const auto flags = std::make_shared<WaiveFlags>();
  Command command{"waive", "Accepts a finding, or a scope, for a time and with a reason.",
                  "  vedette waive 3f2a… --reason \"a test key\" --approver ada --expires "
                  "2027-01-31\n"
                  "  vedette waive --rule CVE-2024-1 --package lodash --reason … --approver … "
                  "--expires …\n"};
  command.flags = rows(*flags);
  command.arguments = {
      {"FINDING", "Its identity, as reports tell it.", &flags->finding, false, ValueKind::kText}};
  command.run = [flags] { return run_waive(*flags); };
  return command;
}

}  // namespace vedette::cmd
