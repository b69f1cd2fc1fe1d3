// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/credentials.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "formats/packages/tree.h"
#include "ingest/registry/challenge.h"

namespace vedette::ingest {
namespace {

using formats::packages::Member;
using formats::packages::Node;
using formats::packages::Tree;

constexpr std::size_t kConfigMax = std::size_t{4} << 20;
constexpr std::size_t kAnswerMax = std::size_t{64} << 10;
constexpr auto kHelperTime = std::chrono::seconds(30);
// What a helper names as user when the secret is a token for the token server.
constexpr std::string_view kTokenUser = "<token>";

// "https://index.r.example/v1/" and "r.example" are the same place.
std::string_view host_of(std::string_view key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string_view::npos)
    key.remove_prefix(scheme + 3);
  return key.substr(0, key.find('/'));
}

bool names(std::string_view key, std::string_view host) {
  const std::string_view name = host_of(key);
  if (name == host) return true;
  // `docker login` without a name says "index.DOMAIN", for what answers as "registry….DOMAIN".
  constexpr std::string_view kIndex = "index.";
  if (!name.starts_with(kIndex)) return false;
  const std::string_view domain = name.substr(kIndex.size());
  return host == domain ||
         (host.starts_with("registry") && host.substr(host.find('.') + 1) == domain);
}

const Member* find_host(const Node& table, std::string_view host) {
  const Member* found = nullptr;
  for (const Member& member : table.members) {
    if (member.key == host) return &member;
    if (found == nullptr && names(member.key, host)) found = &member;
  }
  return found;
}

Credentials of_entry(const Node& entry) {
  Credentials credentials;
  credentials.identity_token = entry["identitytoken"].text;
  credentials.user = entry["username"].text;
  credentials.password = entry["password"].text;
  const std::string both = base64_decoded(entry["auth"].text);
  if (const std::size_t colon = both.find(':'); colon != std::string::npos) {
    credentials.user = both.substr(0, colon);
    credentials.password = both.substr(colon + 1);
  }
  while (!credentials.password.empty() && credentials.password.back() == '\0')
    credentials.password.pop_back();
  return credentials;
}

// Two ends, both closed with it.
struct Channel {
  // Of two ways, as what is sent into a pipe whose reader has ended is a signal.
  Channel() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) ends = {-1, -1};
  }
  ~Channel() {
    close(0);
    close(1);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  void close(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

// All that comes out of a pipe, until its end or until the time is over.
Result<std::string> read_answer(int descriptor, std::string_view program) {
  const auto end = std::chrono::steady_clock::now() + kHelperTime;
  std::string answer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready == 0)
      return failure(ErrorCode::kSystem, fmt::format("{} did not answer in time", program));
    std::array<char, 4096> bytes{};
    const ssize_t got = ready < 0 ? -1 : ::read(descriptor, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return answer;
    answer.append(bytes.data(), static_cast<std::size_t>(got));
    if (answer.size() > kAnswerMax)
      return failure(ErrorCode::kLimit, fmt::format("expected a short answer of {}", program));
  }
}

// What `docker-credential-NAME get` says of `key`; nothing when it knows none.
Result<std::string> ask_helper(std::string_view name, std::string_view key) {
  const std::string program = fmt::format("docker-credential-{}", name);
  const bool plain = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (!plain) return failure(ErrorCode::kInvalid, "expected the plain name of a credential helper");
  Channel channel;
  if (channel.ends[0] < 0) return failure(ErrorCode::kSystem, "no descriptor for a helper");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, channel.ends[1], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, channel.ends[1], STDOUT_FILENO);
  std::string get = "get";
  std::string called = program;
  std::array<char*, 3> arguments = {called.data(), get.data(), nullptr};
  pid_t child = -1;
  const int code =
      ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0)
    return failure(ErrorCode::kSystem, fmt::format("cannot run {}: {}", program, strerror(code)));
  channel.close(1);
  // Less than a socket holds, so this does not wait.
  const std::string asked = std::string(key) + "\n";
  const ssize_t written = ::send(channel.ends[0], asked.data(), asked.size(), MSG_NOSIGNAL);
  ::shutdown(channel.ends[0], SHUT_WR);
  Result<std::string> answer = read_answer(channel.ends[0], program);
  if (!answer) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answer) return answer;
  if (written < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    if (answer->find("not found") != std::string::npos) return std::string();
    return failure(ErrorCode::kSystem, fmt::format("{} gave no credentials", program));
  }
  return answer;
}

Result<Credentials> of_helper(std::string_view helper, std::string_view key, const Limits& limits) {
  TRY(const std::string answer, ask_helper(helper, key));
  if (answer.empty()) return Credentials{};
  const Tree tree = formats::packages::read_json("the helper", answer, limits);
  Credentials credentials;
  credentials.user = tree.root["Username"].text;
  credentials.password = tree.root["Secret"].text;
  if (!tree.problems.empty() || credentials.password.empty()) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected credentials of docker-credential-{}, found none", helper));
  }
  if (credentials.user == kTokenUser) return Credentials{"", "", credentials.password};
  return credentials;
}

}  // namespace

std::string default_docker_config() {
  const char* const folder = std::getenv("DOCKER_CONFIG");
  if (folder != nullptr && *folder != '\0') return std::string(folder) + "/config.json";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::string(home) + "/.docker/config.json";
}

Result<Credentials> find_credentials(std::string_view host, const CredentialStore& store,
                                     const Limits& limits) {
  if (store.config_file.empty()) return Credentials{};
  const Result<std::string> json = read_file(store.config_file, kConfigMax);
  if (!json && json.error().code == ErrorCode::kNotFound) return Credentials{};
  if (!json) return std::unexpected(json.error());
  const Tree tree = formats::packages::read_json(store.config_file, *json, limits);
  if (!tree.problems.empty()) {
    return failure(ErrorCode::kInvalid, fmt::format("expected JSON in {}, found: {}",
                                                    store.config_file, tree.problems[0].message));
  }
  const Node& root = tree.root;
  const Member* const entry = find_host(root["auths"], host);
  if (const Member* const helper = find_host(root["credHelpers"], host); helper != nullptr)
    return of_helper(helper->value.text, helper->key, limits);
  if (root["credsStore"].is_text()) {
    const std::string_view key = entry == nullptr ? host : entry->key;
    TRY(Credentials found, of_helper(root["credsStore"].text, key, limits));
    if (!found.empty()) return found;
  }
  return entry == nullptr ? Credentials{} : of_entry(entry->value);
}

}  // namespace vedette::ingest
