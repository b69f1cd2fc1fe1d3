// SPDX-License-Identifier: Apache-2.0
#include "ingest/git_folder.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vedette::ingest {
namespace {

constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPointerBytesMax = std::size_t{64} << 10;
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool equals_folded(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// What a one-line file such as ".git" or "commondir" points to.
std::optional<std::string> read_pointer(const std::string& path, std::string_view prefix,
                                        const std::string& base) {
  const auto text = read_regular_file(path, kPointerBytesMax);
  if (!text || !*text || !(*text)->starts_with(prefix)) return std::nullopt;
  const std::string target(trimmed(std::string_view(**text).substr(prefix.size())));
  if (target.empty()) return std::nullopt;
  return target.front() == '/' ? target : base + target;
}

// A value without its quotes, escapes and comment (git-config(1), "Syntax").
std::string plain_value(std::string_view text) {
  std::string value;
  std::size_t kept = 0;  // blanks behind this are dropped
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '"') {
      quoted = !quoted;
      kept = value.size();
      continue;
    }
    if (!quoted && (c == '#' || c == ';')) break;
    const bool escaped = c == '\\' && at + 1 < text.size();
    if (escaped) {
      c = text[++at];
      c = c == 'n' ? '\n' : (c == 't' ? '\t' : c);
    }
    value.push_back(c);
    if (quoted || escaped || kBlanks.find(c) == std::string_view::npos) kept = value.size();
  }
  value.resize(kept);
  return value;
}

}  // namespace

GitAccount git_account_of_environment() {
  GitAccount account;
  account.home = variable("HOME");
  std::string folder = variable("XDG_CONFIG_HOME");
  if (folder.empty() && !account.home.empty()) folder = account.home + "/.config";
  if (variable("GIT_CONFIG_NOSYSTEM").empty()) account.configs.emplace_back("/etc/gitconfig");
  if (const std::string named = variable("GIT_CONFIG_GLOBAL"); !named.empty()) {
    account.configs.push_back(named);
  } else {
    if (!folder.empty()) account.configs.push_back(folder + "/git/config");
    if (!account.home.empty()) account.configs.push_back(account.home + "/.gitconfig");
  }
  if (!folder.empty()) account.ignore_file = folder + "/git/ignore";
  return account;
}

Result<std::optional<std::string>> read_regular_file(const std::string& path,
                                                     std::size_t bytes_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  Result<std::optional<std::string>> text = read_regular_file(descriptor, path, bytes_max);
  ::close(descriptor);
  return text;
}

Result<std::optional<std::string>> read_regular_file(int descriptor, const std::string& name,
                                                     std::size_t bytes_max) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string text;
  constexpr std::size_t kStep = std::size_t{64} << 10;
  while (text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + kStep);
    const ssize_t got = ::read(descriptor, text.data() + before, kStep);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) {
      return failure(ErrorCode::kSystem,
                     fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    }
    if (got == 0) return text;
  }
  return failure(ErrorCode::kLimit,
                 fmt::format("expected at most {} bytes in {}, found more", bytes_max, name));
}

std::optional<GitFolder> find_git_folder(const std::string& folder) {
  const std::string base = folder.empty() || folder.ends_with('/') ? folder : folder + "/";
  GitFolder git{base + ".git", ""};
  struct stat status{};
  if (::stat(git.own.c_str(), &status) != 0) return std::nullopt;
  if (S_ISREG(status.st_mode)) {
    std::optional<std::string> target = read_pointer(git.own, "gitdir: ", base);
    if (!target) return std::nullopt;
    git.own = std::move(*target);
  }
  if (::stat((git.own + "/HEAD").c_str(), &status) != 0) return std::nullopt;
  git.shared = read_pointer(git.own + "/commondir", "", git.own + "/").value_or(git.own);
  return git;
}

std::string shared_ignore_file(const GitFolder& git, const GitAccount& account) {
  std::string file = account.ignore_file;
  std::vector<std::string> configs = account.configs;
  configs.push_back(git.shared + "/config");
  for (const std::string& config : configs) {
    const auto text = read_regular_file(config, kConfigBytesMax);
    if (!text || !*text) continue;
    std::optional<std::string> value = core_setting(**text, "excludesfile");
    if (!value) continue;
    file = value->starts_with("~/") ? account.home + value->substr(1) : std::move(*value);
  }
  return file;
}

std::optional<std::string> core_setting(std::string_view config, std::string_view name) {
  std::optional<std::string> found;
  bool in_core = false;
  while (!config.empty()) {
    const std::size_t end = std::min(config.find('\n'), config.size());
    std::string_view line = trimmed(config.substr(0, end));
    config.remove_prefix(std::min(end + 1, config.size()));
    if (line.starts_with('[')) {
      const std::size_t close = std::min(line.find(']'), line.size());
      in_core = equals_folded(trimmed(line.substr(1, close - 1)), "core");
      line = trimmed(line.substr(std::min(close + 1, line.size())));
    }
    const std::size_t equals = line.find('=');
    if (!in_core || equals == std::string_view::npos) continue;
    if (!equals_folded(trimmed(line.substr(0, equals)), name)) continue;
    found = plain_value(trimmed(line.substr(equals + 1)));
  }
  return found;
}

}  // namespace vedette::ingest
