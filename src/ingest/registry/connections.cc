// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/connections.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <thread>

#include "base/file.h"
#include "formats/packages/tree.h"
#include "http/url.h"

namespace vedette::ingest {
namespace {

constexpr std::size_t kIdleMax = 8;
constexpr std::size_t kTokenAnswerMax = std::size_t{256} << 10;
constexpr std::size_t kPasswordMax = std::size_t{64} << 10;
constexpr TimeNs kNsPerMs = 1'000'000;

bool is_worth_another_try(long status) {
  return status == 429 || status == 500 || (status >= 502 && status <= 504);
}

bool is_redirection(const http::ResponseHead& head) {
  return head.status >= 300 && head.status < 400 && !head.location.empty();
}

// A header of one line: what comes from files and servers must not become two.
bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

RegistryConnections::RegistryConnections(const Reference& reference, const RegistryOptions& options,
                                         const Limits& limits, const std::atomic<bool>* stop)
    : reference_(reference), options_(options), limits_(limits), stop_(stop) {
  for (const auto& [host, url] : options.mirrors) {
    if (host != reference.host) continue;
    const std::string plain = url.substr(0, url.find_last_not_of('/') + 1);
    servers_.push_back({plain, std::string(http::host_of(plain)), false, ""});
  }
  const bool insecure =
      std::ranges::find(options.insecure_hosts, reference.host) != options.insecure_hosts.end() ||
      (http::is_loopback(reference.host) && options.ca_file.empty());
  servers_.push_back({fmt::format("{}://{}", insecure ? "http" : "https", reference.host),
                      reference.host, true, ""});
}

Result<RegistryConnections::Lease> RegistryConnections::lease() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
  }
  http::ClientOptions client;
  client.ca_file = options_.ca_file;
  client.proxy = options_.proxy;
  client.user_agent = "vedette";
  client.timeout_ms = options_.timeout_ms;
  TRY(auto download, http::Download::create(client, stop_));
  return Lease(*this, std::move(download));
}

void RegistryConnections::give_back(std::unique_ptr<http::Download> download) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(download));
}

Result<void> RegistryConnections::wait(int tries, TimeNs asked) const {
  const TimeNs usual = (options_.retry_wait_ms << std::min(tries, 16)) * kNsPerMs;
  const TimeNs max = options_.retry_wait_ms_max * kNsPerMs;
  if (asked > max) {
    return failure(ErrorCode::kSystem, fmt::format("{} asks to come again in {} seconds; do that",
                                                   reference_.host, asked / kNsPerSecond));
  }
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::nanoseconds(asked > 0 ? asked : std::min(usual, max));
  while (std::chrono::steady_clock::now() < end) {
    if (is_stopped()) return failure(ErrorCode::kSystem, "stopped");
    std::this_thread::sleep_until(
        std::min(end, std::chrono::steady_clock::now() + std::chrono::milliseconds(100)));
  }
  return {};
}

Result<void> RegistryConnections::check_url(std::string_view url) const {
  if (url.starts_with("https://")) return {};
  const std::string_view host = http::host_of(url);
  const bool named =
      std::ranges::find(options_.insecure_hosts, host) != options_.insecure_hosts.end();
  // A server elsewhere that points to this machine is none of ours.
  const bool local =
      http::is_loopback(host) &&
      std::ranges::all_of(servers_, [](const Server& one) { return http::is_loopback(one.host); });
  if (url.starts_with("http://") && (named || local)) return {};
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected https, found {}; allow plain HTTP with --insecure-http {}",
                             http::shown_url(url), host));
}

std::string RegistryConnections::authorization_of(const Server& server) {
  const std::lock_guard lock(mutex_);
  return server.authorization;
}

Error RegistryConnections::refused(const Server& server, const std::string& url,
                                   long status) const {
  const std::string shown = http::shown_url(url);
  if (status == 401) {
    return {ErrorCode::kSystem,
            fmt::format("{} asks who you are, and does not take what it was told: {}; log in with "
                        "`docker login {}`, or give --username and --password-file",
                        server.host, shown, server.host)};
  }
  if (status == 407) {
    return {ErrorCode::kSystem,
            fmt::format("the proxy asks who you are, and does not take what it was told: {}; name "
                        "it as http://USER:PASSWORD@HOST:PORT",
                        shown)};
  }
  if (status == 404)
    return {ErrorCode::kNotFound, fmt::format("expected {} at {}, found none: {}",
                                              reference_.text(), server.host, shown)};
  return {ErrorCode::kSystem, fmt::format("{} answers {} to {}", server.host, status, shown)};
}

Result<RegistryConnections::Answer> RegistryConnections::get(
    std::string_view path, const std::vector<std::string>& headers, long missing_status) {
  std::size_t first = 0;
  std::size_t end = servers_.size();
  {
    const std::lock_guard lock(mutex_);
    if (is_chosen_) {
      first = chosen_;
      end = first + 1;
    }
  }
  Error last;
  for (std::size_t i = first; i < end; ++i) {
    Server& server = servers_[i];
    const std::string url = fmt::format("{}/v2/{}/{}", server.url, reference_.repository, path);
    Result<Answer> answer = get_of(server, url, headers, i + 1 == end ? Registry::kTriesMax : 1);
    if (answer && (answer->head.status / 100 == 2 || answer->head.status == missing_status)) {
      const std::lock_guard lock(mutex_);
      chosen_ = i;
      is_chosen_ = true;
      return answer;
    }
    last = answer ? refused(server, url, answer->head.status) : std::move(answer).error();
    if (is_stopped()) break;
  }
  return std::unexpected(std::move(last));
}

Result<RegistryConnections::Answer> RegistryConnections::get_of(
    Server& server, const std::string& url, const std::vector<std::string>& headers,
    int tries_max) {
  TRY(Lease lease, this->lease());
  std::string at = url;
  int tries = 0;
  int redirects = 0;
  int challenges = 0;
  while (true) {
    TRY_VOID(check_url(at));
    std::vector<std::string> all = headers;
    const std::string authorization = authorization_of(server);
    if (!authorization.empty() && http::origin_of(at) == http::origin_of(server.url))
      all.push_back("Authorization: " + authorization);
    Result<http::ResponseHead> head = lease->open(at, all);
    if (!head || is_worth_another_try(head->status)) {
      const bool is_final = !head && head.error().code != ErrorCode::kSystem;
      if (is_final || is_stopped() || ++tries >= tries_max) {
        if (!head) return std::unexpected(std::move(head).error());
        return Answer{std::move(lease), *std::move(head)};
      }
      TRY_VOID(wait(tries - 1, head ? head->retry_after : 0));
      at = url;  // what it was redirected to may be true for a moment only
      redirects = 0;
      continue;
    }
    if (is_redirection(*head)) {
      if (++redirects > Registry::kRedirectsMax) {
        return failure(ErrorCode::kLimit,
                       fmt::format("expected at most {} redirections of {}, found more",
                                   Registry::kRedirectsMax, http::shown_url(url)));
      }
      at = head->location;
      continue;
    }
    const bool is_ours = http::origin_of(at) == http::origin_of(server.url);
    // Once for what is asked first, once more for a token that has grown old meanwhile.
    if (head->status == 401 && is_ours && ++challenges <= 2) {
      TRY_VOID(authenticate(server, head->header("www-authenticate")));
      continue;
    }
    return Answer{std::move(lease), *std::move(head)};
  }
}

Result<Credentials> RegistryConnections::credentials_of(const Server& server) const {
  if (server.is_registry && !options_.user.empty()) {
    Credentials credentials;
    credentials.user = options_.user;
    TRY(credentials.password, read_file(options_.password_file, kPasswordMax));
    while (!credentials.password.empty() &&
           (credentials.password.back() == '\n' || credentials.password.back() == '\r'))
      credentials.password.pop_back();
    return credentials;
  }
  return find_credentials(server.host, options_.credentials, limits_);
}

Result<void> RegistryConnections::authenticate(Server& server, std::string_view header) {
  const Challenge challenge = read_challenge(header);
  TRY(const Credentials credentials, credentials_of(server));
  std::string authorization;
  if (challenge.scheme == "bearer") {
    TRY(const std::string token, fetch_token(challenge, credentials));
    authorization = "Bearer " + token;
  } else if (challenge.scheme == "basic") {
    if (credentials.user.empty()) return std::unexpected(refused(server, server.url, 401));
    authorization =
        "Basic " + base64_encoded(fmt::format("{}:{}", credentials.user, credentials.password));
  } else {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected {} to ask for Basic or Bearer authentication, found "
                               "another or none",
                               server.host));
  }
  const std::lock_guard lock(mutex_);
  server.authorization = std::move(authorization);
  return {};
}

// https://distribution.github.io/distribution/spec/auth/token and auth/oauth
Result<std::string> RegistryConnections::fetch_token(const Challenge& challenge,
                                                     const Credentials& credentials) {
  const std::string realm(challenge.parameter("realm"));
  TRY_VOID(check_url(realm));
  std::string scope(challenge.parameter("scope"));
  if (scope.empty()) scope = fmt::format("repository:{}:pull", reference_.repository);
  const std::string asked =
      fmt::format("service={}&scope={}", percent_encoded(challenge.parameter("service")),
                  percent_encoded(scope));
  const std::string url = fmt::format("{}{}{}", realm, realm.contains('?') ? '&' : '?', asked);
  const std::string with_user =
      "Authorization: Basic " +
      base64_encoded(fmt::format("{}:{}", credentials.user, credentials.password));
  TRY(const Lease lease, this->lease());
  for (int tries = 1;; ++tries) {
    Result<http::ResponseHead> head =
        !credentials.identity_token.empty()
            ? lease->open(
                  realm, {},
                  fmt::format("grant_type=refresh_token&client_id=vedette&{}&refresh_token={}",
                              asked, percent_encoded(credentials.identity_token)))
            : lease->open(url, credentials.user.empty() ? std::vector<std::string>{}
                                                        : std::vector<std::string>{with_user});
    if ((!head || is_worth_another_try(head->status)) && tries < Registry::kTriesMax &&
        !is_stopped()) {
      TRY_VOID(wait(tries - 1, head ? head->retry_after : 0));
      continue;
    }
    if (!head) return std::unexpected(std::move(head).error());
    if (head->status != 200) {
      return failure(ErrorCode::kSystem,
                     fmt::format("the token server {} answers {}; log in with `docker login {}`, "
                                 "or give --username and --password-file",
                                 http::host_of(realm), head->status, reference_.host));
    }
    TRY(const std::string json, lease->read_all(kTokenAnswerMax));
    const formats::packages::Tree tree =
        formats::packages::read_json("the token server's answer", json, limits_);
    std::string token(tree.root["token"].text);
    if (token.empty()) token = tree.root["access_token"].text;
    if (token.empty() || !is_printable(token)) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected a token of {}, found none", http::host_of(realm)));
    }
    return token;
  }
}

}  // namespace vedette::ingest
