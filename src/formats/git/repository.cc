// SPDX-License-Identifier: Apache-2.0
#include "formats/git/repository.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "base/file.h"

namespace vedette::formats::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPointerBytesMax = 65536;  // .git files, commondir
constexpr std::size_t kConfigBytesMax = std::size_t{4} << 20;
constexpr std::size_t kShallowBytesMax = std::size_t{256} << 20;
constexpr unsigned kParentFoldersMax = 256;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::string resolved(const std::string& folder, std::string_view path) {
  fs::path whole = path.starts_with('/') ? std::string(path) : folder + "/" + std::string(path);
  std::string text = whole.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

bool is_git_folder(const std::string& folder) {
  return exists(folder + "/HEAD") &&
         (is_folder(folder + "/objects") || exists(folder + "/commondir"));
}

// One "key = value" of a configuration, "remote.origin.url" as the key. Values are taken without
// quotes and comments; includes are not followed, for formats do not stand there.
void read_setting(std::string_view key, std::string_view value, Repository& repository,
                  std::string& unsupported) {
  if (key == "extensions.objectformat") {
    if (value == "sha256") {
      repository.hash = HashKind::kSha256;
    } else if (value != "sha1") {
      unsupported = fmt::format("objects named by {}", value);
    }
  } else if (key == "extensions.refstorage" && value != "files") {
    unsupported = fmt::format("references stored as {}", value);
  } else if (key == "extensions.partialclone" || key.ends_with(".promisor")) {
    repository.partial = repository.partial || value != "false";
  } else if (key.starts_with("remote.") && key.ends_with(".url")) {
    const std::string_view name = key.substr(7, key.size() - 7 - 4);
    std::string url(value);
    if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
      const std::size_t host = scheme + 3;
      // A password may hold an '@' itself: the last one before the path counts.
      const std::size_t at = url.rfind('@', url.find('/', host));
      if (at != std::string::npos && at >= host) url.erase(host, at + 1 - host);
    }
    repository.remotes.push_back({std::string(name), std::move(url)});
  }
}

std::string setting_value(std::string_view text) {
  std::string value;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == '#' || text[i] == ';')) {
      break;
    } else {
      value += text[i];
    }
  }
  return std::string(trimmed(value));
}

void read_config(std::string_view text, Repository& repository, std::string& unsupported) {
  std::string section;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      const std::string_view name = line.substr(1, line.find(']') - 1);
      const std::size_t quote = name.find('"');
      section = lower(trimmed(name.substr(0, quote)));
      if (quote != std::string_view::npos) {
        const std::size_t close = name.rfind('"');
        section += '.';
        section += name.substr(quote + 1, close > quote ? close - quote - 1 : 0);
      }
      continue;
    }
    const std::size_t equals = line.find('=');
    const std::string key = section + "." + lower(trimmed(line.substr(0, equals)));
    const std::string value =
        equals == std::string_view::npos ? "true" : setting_value(line.substr(equals + 1));
    read_setting(key, value, repository, unsupported);
  }
}

void read_shallow(Repository& repository) {
  const Result<std::string> text =
      read_file(repository.common_folder + "/shallow", kShallowBytesMax);
  if (!text) return;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (const auto id = ObjectId::parse(trimmed(rest.substr(0, end)), repository.hash))
      repository.shallow.push_back(*id);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  std::ranges::sort(repository.shallow);
}

// Finds `git_folder` and `work_folder`.
Result<void> find_folders(const std::string& path, Repository& repository) {
  std::error_code error;
  std::string folder = fs::absolute(path, error).lexically_normal().string();
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  for (unsigned i = 0; i < kParentFoldersMax; ++i) {
    const std::string dot_git = folder + "/.git";
    if (is_git_folder(dot_git)) {
      repository.git_folder = dot_git;
      repository.work_folder = folder;
      return {};
    }
    if (exists(dot_git) && !is_folder(dot_git)) {
      TRY(const std::string text, read_file(dot_git, kPointerBytesMax));
      if (!text.starts_with("gitdir:")) {
        return failure(
            ErrorCode::kInvalid,
            fmt::format("expected `gitdir: FOLDER` in {}, found something else", dot_git));
      }
      repository.git_folder = resolved(folder, trimmed(std::string_view(text).substr(7)));
      repository.work_folder = folder;
      return {};
    }
    if (is_git_folder(folder)) {
      repository.git_folder = folder;
      if (folder.ends_with("/.git")) repository.work_folder = folder.substr(0, folder.size() - 5);
      return {};
    }
    const std::size_t slash = folder.rfind('/');
    if (slash == std::string::npos || folder == "/") break;
    folder.resize(std::max<std::size_t>(slash, 1));
  }
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected a git repository at {} or above, found none", path));
}

}  // namespace

Result<Repository> open_repository(const std::string& path) {
  Repository repository;
  TRY_VOID(find_folders(path, repository));
  repository.common_folder = repository.git_folder;
  if (const auto common = read_file(repository.git_folder + "/commondir", kPointerBytesMax))
    repository.common_folder = resolved(repository.git_folder, trimmed(*common));
  if (!is_folder(repository.common_folder + "/objects")) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a folder {}/objects, found none: the repository of {} was "
                               "moved or damaged",
                               repository.common_folder, path));
  }
  std::string unsupported;
  if (const auto config = read_file(repository.common_folder + "/config", kConfigBytesMax))
    read_config(*config, repository, unsupported);
  if (!unsupported.empty()) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("the repository at {} has {}, which is not supported",
                               repository.common_folder, unsupported));
  }
  read_shallow(repository);
  return repository;
}

}  // namespace vedette::formats::git
