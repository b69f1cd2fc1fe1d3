// SPDX-License-Identifier: Apache-2.0
#include "cmd/live/profile_commands.h"

#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "cmd/content_folder.h"
#include "cmd/detect.h"
#include "cmd/live/observe_flags.h"
#include "cmd/report_flags.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "engine/live/capture_source.h"
#include "engine/live/watch_run.h"
#include "engine/observe/observation.h"

namespace vedette::cmd {
namespace {

struct ProfileFlags {
  std::vector<std::string> captures;
  ObserveFlags observe;
  ReportFlags report;
};

// Replays the captures through `observation`; alerts go to `sinks`.
Result<event::Summary> replay(const ProfileFlags& flags, engine::Observation& observation,
                              const std::vector<event::Sink*>& sinks) {
  engine::WatchOptions options;
  options.rules.use_log_sources = false;
  options.observer = &observation;
  const auto open = [&](const engine::Interest&) {
    return engine::open_captures(flags.captures, options.limits);
  };
  return engine::watch(options, open, sinks, nullptr);
}

// Commands that write files, and no alerts.
int run_writing(const ProfileFlags& flags, bool learn) {
  engine::ObservationOptions options{.usage = flags.observe.usage,
                                     .learn = learn,
                                     .profile = flags.observe.profile,
                                     .seccomp = flags.observe.seccomp,
                                     .network_policy = flags.observe.network_policy,
                                     .limits = {}};
  const auto observation = engine::Observation::create(options);
  if (!observation) return usage_error(observation.error());
  const Result<event::Summary> summary = replay(flags, **observation, {});
  if (!summary) return usage_error(summary.error());
  const Result<void> written = finish_observation(observation->get());
  if (!written) return usage_error(written.error());
  fmt::print(stderr, "{}", loss_report(*summary));
  return exit_code_of(*summary, false);
}

int run_learn(const ProfileFlags& flags) {
  const ObserveFlags& observe = flags.observe;
  if (observe.profile.empty() && observe.seccomp.empty() && observe.network_policy.empty()) {
    return usage_error({ErrorCode::kInvalid,
                        "expected --profile, --seccomp or --network-policy, found none; what is "
                        "learned is written there"});
  }
  return run_writing(flags, true);
}

int run_usage(const ProfileFlags& flags) {
  if (flags.observe.usage.empty()) {
    return usage_error({ErrorCode::kInvalid, "expected --output FILE, found none"});
  }
  return run_writing(flags, false);
}

int run_check(ProfileFlags flags) {
  flags.report.settle();
  if (flags.observe.profile.empty()) {
    return usage_error({ErrorCode::kInvalid, "expected --profile FILE, found none"});
  }
  const Terminal terminal = look_at_terminal();
  if (const Result<void> checked = flags.report.check(); !checked) {
    return usage_error(checked.error());
  }
  engine::ObservationOptions options;
  options.profile = flags.observe.profile;
  const auto observation = engine::Observation::create(options);
  if (!observation) return usage_error(observation.error());
  Result<Report> report = open_report(flags.report, terminal, find_content_folder().value_or(""));
  if (!report) return usage_error(report.error());
  std::vector<event::Sink*> sinks = {report->sink.get()};
  LevelWatch level(level_by_name(flags.report.fail_on));
  if (!flags.report.fail_on.empty()) sinks.push_back(&level);
  const Result<event::Summary> summary = replay(flags, **observation, sinks);
  if (!summary) return usage_error(summary.error());
  if (!flags.report.stats.empty()) {
    const Result<void> written = write_stats(*summary, flags.report.stats);
    if (!written) return usage_error(written.error());
  }
  const Result<void> finished = finish_observation(observation->get());
  if (!finished) return usage_error(finished.error());
  fmt::print(stderr, "{}", loss_report(*summary));
  return exit_code_of(*summary, level.reached());
}

Argument captures_of(ProfileFlags& flags) {
  return {"CAPTURE", "Files that vedette watch --record wrote.", &flags.captures, true,
          ValueKind::kPath};
}

Flag profile_flag(ProfileFlags& flags, std::string help) {
  return {"--profile", "FILE", std::move(help), &flags.observe.profile, {}, ValueKind::kPath};
}

Command learn_command() {
  const auto flags = std::make_shared<ProfileFlags>();
  Command command{"learn", "Writes what is normal for each image in the captures.",
                  "  vedette profile learn --profile normal.yaml day.capture\n"};
  command.flags = {profile_flag(*flags, "Where the profile is written to (YAML)."),
                   seccomp_flag(flags->observe.seccomp),
                   network_policy_flag(flags->observe.network_policy)};
  command.arguments = {captures_of(*flags)};
  command.run = [flags] { return run_learn(*flags); };
  return command;
}

Command check_command() {
  const auto flags = std::make_shared<ProfileFlags>();
  Command command{"check", "Writes an alert for what in the captures is not in the profile.",
                  "  vedette profile check --profile normal.yaml day.capture\n"};
  command.flags = {profile_flag(*flags, "What is normal for each image.")};
  const std::vector<Flag> report = flags->report.rows();
  command.flags.insert(command.flags.end(), report.begin(), report.end());
  command.arguments = {captures_of(*flags)};
  command.run = [flags] { return run_check(*flags); };
  return command;
}

Command usage_command() {
  const auto flags = std::make_shared<ProfileFlags>();
  Command command{"usage", "Writes which files and modules each image really used.",
                  "  vedette profile usage -o usage.json day.capture\n"};
  command.flags = {{"-o,--output",
                    "FILE",
                    "Where it is written to (JSON).",
                    &flags->observe.usage,
                    {},
                    ValueKind::kPath}};
  command.arguments = {captures_of(*flags)};
  command.run = [flags] { return run_usage(*flags); };
  return command;
}

}  // namespace

Command profile_command() {
  Command command{"profile", "What is normal for each image: learns, checks, tells what is used.",
                  "  vedette profile learn --profile normal.yaml monday.capture\n"
                  "  vedette profile check --profile normal.yaml tuesday.capture\n"};
  command.commands = {learn_command(), check_command(), usage_command()};
  return command;
}

}  // namespace vedette::cmd
