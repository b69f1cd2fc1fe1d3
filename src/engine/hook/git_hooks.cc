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

constexpr std::string_view kBegin = "#!/bin/sh\n# Installed by `vedette hook install`.\n";
// Behind it stands only what somebody added, which is not ours to drop.
constexpr std::string_view kEnd = "# End of what `vedette hook install` wrote.\n";
// Of hooks that ask by which name they are called: kept under another one they would do nothing,
// and say nothing. The last is husky's.
constexpr std::string_view kAsksItsName[] = {"basename \"$0\"", "basename $0", "basename -- \"$0\"",
                                             "${0##", "$(dirname \"$0\")/h\""};
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
constexpr std::string_view kHead =
    R"({begin}# `vedette hook uninstall` removes it; `git commit --no-verify` and `git push --no-verify` pass once.
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
// Each line on standard input: local reference and id, remote reference and id; none when there is
// nothing to push. Of a branch that the remote does not have, what it has on others is left out:
// the commits where that begins, for its branches may be too many for a command line.
constexpr std::string_view kPrePushTail = R"(pushed=$(cat)
if [ -x "$before" ]; then
  { [ -z "$pushed" ] || printf '%s\n' "$pushed"; } | "$before" "$@" || exit $?
fi
result=0
while read -r _ new _ old; do
  case "$new" in '' | *[!0-9a-f]*) continue ;; *[!0]*) ;; *) continue ;; esac
  known=
  case "$old" in *[!0]*) git cat-file -e "$old" 2>/dev/null && known=$old ;; esac
  if [ -n "$known" ]; then
    check --history "$known..$new" || result=$?
    continue
  fi
  if git rev-parse -q --verify "$new^{commit}" >/dev/null; then
    first=$(git rev-list -n 1 "$new" --not --remotes="$1") || exit 1
    [ -n "$first" ] || continue
  fi
  # shellcheck disable=SC2046
  check --history "$new" $(git rev-list --boundary "$new" --not --remotes="$1" | sed -n 's/^-/^/p') || result=$?
done <<END
$pushed
END
exit "$result"
)";

std::string script(const HookOptions& options) {
  std::string text = fmt::format(fmt::runtime(kHead), fmt::arg("begin", kBegin),
                                 fmt::arg("program", shell_quoted(options.program)),
                                 fmt::arg("suffix", kKeptSuffix));
  text += options.kind == HookKind::kPreCommit ? kPreCommitTail : kPrePushTail;
  text += kEnd;
  return text;
}

// core.hooksPath: the worktree's before the repository's before the account's.
Result<std::optional<std::string>> configured_folder(const formats::git::Repository& repository,
                                                     const ingest::GitAccount& account) {
  std::optional<std::string> folder;
  std::vector<std::string> configs = account.configs;
  configs.push_back(repository.common_folder + "/config");
  configs.push_back(repository.git_folder + "/config.worktree");
  for (const std::string& config : configs) {
    const auto text = ingest::read_regular_file(config, kConfigBytesMax);
    if (!text || !*text) continue;
    if (std::optional<std::string> value = ingest::core_setting(**text, "hookspath"))
      folder = std::move(value);
  }
  if (!folder) return std::nullopt;
  if (folder->empty() || (folder->starts_with('~') && !folder->starts_with("~/"))) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a folder, or one below ~/, as core.hooksPath, found '{}'; "
                               "write it without the account's name",
                               *folder));
  }
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
  TRY(const std::optional<std::string> configured, configured_folder(repository, options.account));
  return configured.value_or(repository.common_folder + "/hooks") + "/" +
         std::string(name_of(options.kind));
}

// Whose hook it is. An Error for ours with something added.
Result<bool> is_ours(const std::string& path) {
  TRY(const std::string text, read_file(path, kHookBytesMax));
  if (!text.starts_with(kBegin)) return false;
  if (text.ends_with(kEnd)) return true;
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected {} as it was installed, found it changed; move what was "
                             "added to {}{}, and remove the file",
                             path, path, kKeptSuffix));
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

// Moves another hook to where ours calls it.
Result<void> keep_other(const std::string& path, const std::string& kept) {
  if (is_there(kept)) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected one other hook at most, found {} and {}; join them first",
                               path, kept));
  }
  TRY(const std::string text, read_file(path, kHookBytesMax));
  for (const std::string_view asks : kAsksItsName) {
    if (text.find(asks) == std::string::npos) continue;
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a hook that works under another name, found {} with {}; "
                               "call vedette from what it runs, as docs/hooks.md shows",
                               path, asks));
  }
  return move_file(path, kept);
}

Result<void> write_hook(const std::string& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  TRY_VOID(write_file_whole(path, text));
  fs::permissions(path, fs::perms{0755}, error);
  if (error) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot make {} executable: {}", path, error.message()));
  }
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
    if (!ours) {
      TRY_VOID(keep_other(outcome.path, kept));
      outcome.change = HookChange::kInstalledBefore;
    }
  }
  if (Result<void> written = write_hook(outcome.path, text); !written) {
    // Not without any hook.
    if (outcome.change == HookChange::kInstalledBefore) TRY_VOID(move_file(kept, outcome.path));
    return std::unexpected(std::move(written).error());
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
