// SPDX-License-Identifier: Apache-2.0
#include "engine/hook/git_hooks.h"

#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "formats/git/repository.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "# Installed by `vedette hook install`.";
constexpr std::string_view kKeptSuffix = ".before-vedette";
constexpr std::size_t kHookBytesMax = std::size_t{1} << 20;
constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;

std::string_view name_of(HookKind kind) {
  return kind == HookKind::kPreCommit ? "pre-commit" : "pre-push";
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// Exit code 3 says that something could not be scanned, which is shown, but stops nobody.
constexpr std::string_view kHead = R"(#!/bin/sh
{mark}
# `vedette hook uninstall` removes it; `git commit --no-verify` and `git push --no-verify` pass once.
vedette={program}
if [ ! -x "$vedette" ]; then
  echo "vedette is not at $vedette any more: install it, or remove this hook: $0" >&2
  exit 1
fi
before="$0{suffix}"
check() {{
  "$vedette" scan secrets -f table "$@"
  code=$?
  [ "$code" -eq 3 ] && code=0
  return "$code"
}}
)";
constexpr std::string_view kPreCommitTail =
    R"(if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
check --staged
)";
// Each line on standard input: local reference and id, remote reference and id. Of a branch that
// the remote does not have, what it has on others is left out.
constexpr std::string_view kPrePushTail = R"(pushed=$(cat)
if [ -x "$before" ]; then printf '%s\n' "$pushed" | "$before" "$@" || exit $?; fi
result=0
while read -r _ new _ old; do
  case "$new" in '' | *[!0-9a-f]*) continue ;; *[!0]*) ;; *) continue ;; esac
  known=
  case "$old" in *[!0]*) git cat-file -e "$old" 2>/dev/null && known=$old ;; esac
  if [ -n "$known" ]; then
    check --history "$known..$new" || result=$?
  else
    # shellcheck disable=SC2046
    check --history "$new" $(git for-each-ref --format='^%(objectname)' "refs/remotes/$1/") || result=$?
  fi
done <<END
$pushed
END
exit "$result"
)";

std::string script(const HookOptions& options) {
  std::string text =
      fmt::format(fmt::runtime(kHead), fmt::arg("mark", kMark),
                  fmt::arg("program", shell_quoted(options.program)), fmt::arg("suffix", kKeptSuffix));
  text += options.kind == HookKind::kPreCommit ? kPreCommitTail : kPrePushTail;
  return text;
}

// core.hooksPath, the repository's before the account's.
std::optional<std::string> configured_folder(const formats::git::Repository& repository,
                                             const ingest::GitAccount& account) {
  std::optional<std::string> folder;
  std::vector<std::string> configs = account.configs;
  configs.push_back(repository.common_folder + "/config");
  for (const std::string& config : configs) {
    const auto text = ingest::read_regular_file(config, kConfigBytesMax);
    if (!text || !*text) continue;
    if (std::optional<std::string> value = ingest::core_setting(**text, "hookspath"))
      folder = std::move(value);
  }
  if (!folder) return std::nullopt;
  if (folder->starts_with("~/")) return account.home + folder->substr(1);
  // Relative ones are taken from where hooks run.
  if (!folder->starts_with('/')) {
    const std::string& base =
        repository.work_folder.empty() ? repository.git_folder : repository.work_folder;
    return base + "/" + *folder;
  }
  return folder;
}

Result<std::string> hook_path(const HookOptions& options) {
  TRY(const formats::git::Repository repository, formats::git::open_repository(options.repository));
  const std::string folder =
      configured_folder(repository, options.account).value_or(repository.common_folder + "/hooks");
  return folder + "/" + std::string(name_of(options.kind));
}

Result<bool> is_ours(const std::string& path) {
  TRY(const std::string text, read_file(path, kHookBytesMax));
  return text.find(kMark) != std::string::npos;
}

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

Result<void> move_file(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    return failure(ErrorCode::kSystem, fmt::format("cannot move {}: {}", from, error.message()));
  return {};
}

}  // namespace

Result<HookOutcome> install_hook(const HookOptions& options) {
  HookOutcome outcome;
  TRY(outcome.path, hook_path(options));
  const std::string kept = outcome.path + std::string(kKeptSuffix);
  const std::string text = script(options);
  if (is_there(outcome.path)) {
    TRY(const bool ours, is_ours(outcome.path));
    if (ours && read_file(outcome.path, kHookBytesMax).value_or("") == text) return outcome;
    if (!ours && is_there(kept)) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected one other hook at most, found {} and {}; join them first",
                      outcome.path, kept));
    }
    if (!ours) {
      TRY_VOID(move_file(outcome.path, kept));
      outcome.change = HookChange::kInstalledBefore;
    }
  }
  std::error_code error;
  fs::create_directories(fs::path(outcome.path).parent_path(), error);
  TRY_VOID(write_file_whole(outcome.path, text));
  fs::permissions(outcome.path, fs::perms{0755}, error);
  if (error) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot make {} executable: {}", outcome.path, error.message()));
  }
  if (outcome.change == HookChange::kUnchanged) outcome.change = HookChange::kInstalled;
  return outcome;
}

Result<HookOutcome> uninstall_hook(const HookOptions& options) {
  HookOutcome outcome;
  TRY(outcome.path, hook_path(options));
  if (!is_there(outcome.path)) return outcome;
  TRY(const bool ours, is_ours(outcome.path));
  if (!ours) return outcome;
  const std::string kept = outcome.path + std::string(kKeptSuffix);
  if (is_there(kept)) {
    TRY_VOID(move_file(kept, outcome.path));
    outcome.change = HookChange::kRestored;
    return outcome;
  }
  std::error_code error;
  fs::remove(outcome.path, error);
  if (error) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot remove {}: {}", outcome.path, error.message()));
  }
  outcome.change = HookChange::kRemoved;
  return outcome;
}

}  // namespace vedette::engine
