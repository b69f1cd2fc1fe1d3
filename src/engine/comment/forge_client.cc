// SPDX-License-Identifier: Apache-2.0
#include "engine/comment/forge_client.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <thread>

#include "base/time.h"
#include "http/url.h"

namespace vedette::engine {
namespace {

using formats::forge::Forge;

constexpr TimeNs kNsPerMs = 1'000'000;
// Of what GitHub calls secondary limits, where the answer does not say how long.
constexpr TimeNs kSecondaryWait = 60 * kNsPerSecond;

bool is_lost(long status) { return status == 500 || (status >= 502 && status <= 504); }

bool is_redirection(const http::ResponseHead& head) {
  return head.status / 100 == 3 && !head.location.empty();
}

std::string_view name_of(Forge forge) { return forge == Forge::kGithub ? "GitHub" : "GitLab"; }

std::optional<std::int64_t> seconds_of(std::string_view text) {
  constexpr std::int64_t kSecondsMax = INT64_MAX / kNsPerSecond - 1;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || value < 0 || value > kSecondsMax)
    return std::nullopt;
  return value;
}

TimeNs clock_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ForgeClient::ForgeClient(ForgeAccess access)
    : access_(std::move(access)),
      end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(access_.duration_ms_max)) {
  while (access_.api_url.ends_with('/')) access_.api_url.pop_back();
}

Result<ForgeClient> ForgeClient::create(const ForgeAccess& access) {
  if (!http::is_safe(access.api_url)) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected the address of {}'s interface with https and without a "
                               "user, found \"{}\"",
                               name_of(access.forge), http::shown_url(access.api_url)));
  }
  // A header of one line, whatever is in the token.
  const bool printable =
      std::ranges::all_of(access.token, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (access.token.empty() || !printable)
    return failure(ErrorCode::kInvalid, "expected a token of printable characters, found another");
  return ForgeClient(access);
}

std::vector<std::string> ForgeClient::shown_headers(Forge forge) {
  std::vector<std::string> headers = {"Content-Type: application/json"};
  if (forge == Forge::kGithub) {
    headers.emplace_back("Accept: application/vnd.github+json");
    headers.emplace_back("X-GitHub-Api-Version: 2022-11-28");
  } else {
    headers.emplace_back("Accept: application/json");
  }
  return headers;
}

std::string ForgeClient::url_of(const std::string& target) const {
  return target.starts_with('/') ? access_.api_url + target : target;
}

// Each over a connection of its own: of one that was kept libcurl would send a POST once more
// without being asked, when the server closes it before an answer.
Result<http::ResponseHead> ForgeClient::send(const ForgeRequest& request, std::string& body) {
  std::string url = url_of(request.target);
  for (int redirections = 0;; ++redirections) {
    if (http::origin_of(url) != http::origin_of(access_.api_url)) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("{} points to another server, {}, which does not get the token",
                                 access_.api_url, http::shown_url(url)));
    }
    http::ClientOptions options;
    options.ca_file = access_.ca_file;
    options.proxy = access_.proxy;
    options.user_agent = "vedette";
    options.timeout_ms = access_.timeout_ms;
    TRY(const auto download, http::Download::create(options));
    std::vector<std::string> headers = shown_headers(access_.forge);
    headers.push_back("Authorization: Bearer " + access_.token);
    TRY(http::ResponseHead head, download->open(url, headers, request.body, request.method));
    TRY(body, download->read_all(kAnswerBytesMax));
    // 307 and 308 keep the method; after others only what changes nothing may follow.
    const bool keeps = request.method == "GET" || head.status == 307 || head.status == 308;
    if (!is_redirection(head) || !keeps || redirections == kRedirectionsMax) return head;
    url = head.location;
  }
}

std::optional<TimeNs> ForgeClient::asked_wait(const http::ResponseHead& head,
                                              std::string_view body) const {
  std::string text = formats::forge::read_refusal(body, {});
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool by_text = text.contains("rate limit") || text.contains("abuse detection");
  const bool used_up = head.header("x-ratelimit-remaining") == "0";
  const bool limited =
      head.status == 429 || (head.status == 403 && (head.retry_after > 0 || used_up || by_text));
  if (!limited) return std::nullopt;
  if (head.retry_after > 0) return head.retry_after;
  const auto reset = seconds_of(
      head.header(access_.forge == Forge::kGithub ? "x-ratelimit-reset" : "ratelimit-reset"));
  const bool has_reset = reset && (used_up || access_.forge == Forge::kGitlab);
  // A second more, for a second that has begun is not told.
  if (has_reset) return std::max<TimeNs>((*reset + 1) * kNsPerSecond - clock_now(), kNsPerSecond);
  return by_text ? kSecondaryWait : 0;
}

Result<void> ForgeClient::wait(int tries, TimeNs asked) {
  const std::int64_t usual = access_.retry_wait_ms << std::min(tries, 16);
  const std::int64_t wait_ms = asked > 0 ? asked / kNsPerMs : usual;
  if (wait_ms > access_.wait_ms_max - waited_ms_) {
    return failure(
        ErrorCode::kSystem,
        fmt::format("{} asks to come again in {} seconds, which is longer than is waited",
                    http::host_of(access_.api_url), wait_ms / 1000));
  }
  waited_ms_ += wait_ms;
  std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
  return {};
}

Result<ForgeAnswer> ForgeClient::ask(const ForgeRequest& request) {
  const bool once = request.repeat == Repeat::kNo;
  for (int tries = 0;; ++tries) {
    if (std::chrono::steady_clock::now() >= end_) {
      return failure(ErrorCode::kLimit,
                     fmt::format("{} took longer than {} seconds", http::host_of(access_.api_url),
                                 access_.duration_ms_max / 1000));
    }
    ForgeAnswer answer;
    const Result<http::ResponseHead> head = send(request, answer.body);
    const bool last = tries + 1 == kTriesMax;
    if (!head) {
      const bool on_the_way = head.error().code == ErrorCode::kSystem;
      if (once && on_the_way) return ForgeAnswer();
      if (!on_the_way || last)
        return failure(head.error().code, without_token(head.error().message));
      TRY_VOID(wait(tries, 0));
      continue;
    }
    answer.status = head->status;
    answer.next_page = formats::forge::next_page(head->header("link"));
    const std::optional<TimeNs> asked = asked_wait(*head, answer.body);
    const bool again = asked || (is_lost(answer.status) && !once);
    if (!again || last) return answer;
    TRY_VOID(wait(tries, asked.value_or(head->retry_after)));
  }
}

std::string ForgeClient::without_token(std::string text) const {
  for (std::size_t at = text.find(access_.token); at != std::string::npos;
       at = text.find(access_.token, at))
    text.replace(at, access_.token.size(), "…");
  return text;
}

Error ForgeClient::refused(const ForgeAnswer& answer, std::string_view what) const {
  const bool github = access_.forge == Forge::kGithub;
  std::string text =
      fmt::format("{} answers {} to {}", http::host_of(access_.api_url), answer.status, what);
  if (answer.status == 0)
    text = fmt::format("{} gave no answer to {}", http::host_of(access_.api_url), what);
  if (const std::string why = formats::forge::read_refusal(answer.body, {}); !why.empty())
    text += ": " + why;
  std::string_view hint;
  if (answer.status == 401) {
    hint = "the token is not accepted";
  } else if (answer.status == 403) {
    hint = github ? "the token needs the permission `pull-requests: write`; a pull request of a "
                    "fork gets one that only reads"
                  : "the token needs the scope `api` and the role of a reporter";
  } else if (answer.status == 404) {
    hint = "check --comment-repository and --comment-request, and whether the token may see them";
  } else if (answer.status / 100 == 3) {
    hint = "it has moved: give its new name with --comment-repository";
  }
  if (!hint.empty()) text += "; " + std::string(hint);
  return {ErrorCode::kSystem, without_token(std::move(text))};
}

}  // namespace vedette::engine
