// SPDX-License-Identifier: Apache-2.0
#include "cmd/hook/hook_command.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <system_error>

#include "cmd/program.h"
#include "cmd/rule_flags.h"
#include "engine/hook/git_hooks.h"

namespace vedette::cmd {
namespace {

struct HookFlags {
  std::string repository;
  bool pre_push = false;
};

enum class Action : std::uint8_t { kInstall, kUninstall };

engine::HookOptions hook_options(const HookFlags& flags) {
  engine::HookOptions options;
  options.repository = flags.repository.empty() ? "." : flags.repository;
  options.kind = flags.pre_push ? engine::HookKind::kPrePush : engine::HookKind::kPreCommit;
  options.account = ingest::git_account_of_environment();
  std::error_code error;
  options.program = std::filesystem::canonical("/proc/self/exe", error).string();
  return options;
}

std::string told(const engine::HookOutcome& outcome, Action action) {
  using engine::HookChange;
  switch (outcome.change) {
    case HookChange::kInstalled:
      return fmt::format("installed {}", outcome.path);
    case HookChange::kInstalledBefore:
      return fmt::format(
          "installed {0}; the hook that was there is {0}.before-vedette and is called "
          "first",
          outcome.path);
    case HookChange::kRemoved:
      return fmt::format("removed {}", outcome.path);
    case HookChange::kRestored:
      return fmt::format("removed; the hook from before is {} again", outcome.path);
    case HookChange::kUnchanged:
      break;
  }
  return action == Action::kInstall
             ? fmt::format("{} is installed already", outcome.path)
             : fmt::format("{} is no hook of vedette, nothing done", outcome.path);
}

Command action_command(Action action) {
  const auto flags = std::make_shared<HookFlags>();
  const bool installs = action == Action::kInstall;
  Command command{installs ? "install" : "uninstall",
                  installs ? "Makes git call vedette before each commit."
                           : "Removes what install made, and puts back what was there.",
                  installs
                      ? "  vedette hook install             # what is staged, before a commit\n"
                        "  vedette hook install --pre-push  # what a push brings\n"
                      : "  vedette hook uninstall\n"};
  command.flags = {{"--pre-push", "", "The hook before a push, instead of that before a commit.",
                    &flags->pre_push}};
  command.arguments = {{"REPOSITORY", "A folder in it; default: the folder at hand.",
                        &flags->repository, false, ValueKind::kPath}};
  command.run = [flags, action] {
    const engine::HookOptions options = hook_options(*flags);
    const Result<engine::HookOutcome> outcome = action == Action::kInstall
                                                    ? engine::install_hook(options)
                                                    : engine::uninstall_hook(options);
    if (!outcome) return usage_error(outcome.error());
    fmt::print("{}\n", told(*outcome, action));
    return static_cast<int>(kExitClean);
  };
  return command;
}

}  // namespace

Command hook_command() {
  Command command{"hook", "Scans for secrets before each commit or push of a git repository.",
                  "  vedette hook install\n"};
  command.commands = {action_command(Action::kInstall), action_command(Action::kUninstall)};
  return command;
}

}  // namespace vedette::cmd
