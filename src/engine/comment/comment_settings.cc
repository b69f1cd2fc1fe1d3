// SPDX-License-Identifier: Apache-2.0
#include "engine/comment/comment_settings.h"

#include <charconv>
#include <fmt/format.h>

#include "base/file.h"

namespace vedette::engine {
namespace {

using formats::forge::Forge;

constexpr std::size_t kTokenBytesMax = 16384;
constexpr std::size_t kEventBytesMax = std::size_t{64} << 20;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
      value == 0)
    return std::nullopt;
  return value;
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    std::string value = environment(name);
    if (!value.empty()) return value;
  }
  return {};
}

Result<std::string> token_of(const CommentSettings& settings, const Environment& environment,
                             Forge forge) {
  std::string token = forge == Forge::kGithub ? first_of(environment, {"GITHUB_TOKEN", "GH_TOKEN"})
                                              : first_of(environment, {"GITLAB_TOKEN"});
  if (!settings.token_file.empty()) {
    TRY(token, read_file(settings.token_file, kTokenBytesMax));
  }
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
    token.pop_back();
  return token;
}

// "refs/pull/12/merge"
std::optional<std::uint64_t> number_of_ref(std::string_view ref) {
  constexpr std::string_view kPrefix = "refs/pull/";
  if (!ref.starts_with(kPrefix)) return std::nullopt;
  ref.remove_prefix(kPrefix.size());
  return number_of(ref.substr(0, ref.find('/')));
}

Result<std::optional<std::uint64_t>> request_of_github(const Environment& environment) {
  if (const std::string path = environment("GITHUB_EVENT_PATH"); !path.empty()) {
    TRY(const std::string event, read_file(path, kEventBytesMax));
    Limits limits;
    limits.file_bytes_max = kEventBytesMax;
    TRY(const auto number, formats::forge::read_event(event, limits));
    if (number) return number;
  }
  return number_of_ref(environment("GITHUB_REF"));
}

Result<std::optional<std::uint64_t>> request_of(const CommentSettings& settings,
                                                const Environment& environment, Forge forge) {
  if (!settings.request.empty()) {
    const auto number = number_of(settings.request);
    if (number) return number;
    return failure(ErrorCode::kInvalid,
                   fmt::format("--comment-request: expected the number of a request, found \"{}\"",
                               settings.request));
  }
  if (forge == Forge::kGithub) return request_of_github(environment);
  return number_of(environment("CI_MERGE_REQUEST_IID"));
}

}  // namespace

Result<std::optional<CommentTarget>> comment_target(const CommentSettings& settings,
                                                    const Environment& environment) {
  CommentTarget target;
  const Forge forge = settings.forge == "github" ? Forge::kGithub : Forge::kGitlab;
  const bool github = forge == Forge::kGithub;
  target.access.forge = forge;
  target.access.proxy = settings.proxy;
  target.author = settings.author;
  target.access.api_url = settings.api_url;
  if (target.access.api_url.empty())
    target.access.api_url = environment(github ? "GITHUB_API_URL" : "CI_API_V4_URL");
  if (target.access.api_url.empty())
    target.access.api_url = github ? "https://api.github.com" : "https://gitlab.com/api/v4";
  target.access.ca_file = settings.ca_file;
  if (target.access.ca_file.empty() && !github)
    target.access.ca_file = environment("CI_SERVER_TLS_CA_FILE");
  target.repository = settings.repository;
  // The project of the request: a pipeline of a fork runs in another.
  if (target.repository.empty())
    target.repository =
        github ? environment("GITHUB_REPOSITORY")
               : first_of(environment, {"CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID"});
  if (target.repository.empty()) {
    return failure(
        ErrorCode::kInvalid,
        fmt::format("expected a repository, found none; give --comment-repository {}, or run in "
                    "a job of {}",
                    github ? "OWNER/NAME" : "GROUP/PROJECT", settings.forge));
  }
  TRY(const auto request, request_of(settings, environment, forge));
  if (!request) return std::optional<CommentTarget>();
  target.request = *request;
  TRY(target.access.token, token_of(settings, environment, forge));
  return std::optional<CommentTarget>(std::move(target));
}

std::size_t comment_bytes_max(const std::string& forge) {
  return forge == "gitlab" ? 1'000'000 : 65'536;
}

}  // namespace vedette::engine
