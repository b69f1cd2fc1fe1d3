// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/forge/forge_answer.h"
#include "http/download.h"

namespace vedette::engine {

struct ForgeAccess {
  formats::forge::Forge forge = formats::forge::Forge::kGithub;
  std::string api_url;  // "https://api.github.com", "https://gitlab.example/api/v4"
  std::string token;
  std::string ca_file;                     // empty: the system's
  std::string proxy;                       // empty: none
  std::int64_t timeout_ms = 20'000;        // how long nothing may come
  std::int64_t retry_wait_ms = 500;        // before the second try; doubled for each after it
  std::int64_t wait_ms_max = 90'000;       // of all waiting together
  std::int64_t duration_ms_max = 180'000;  // of everything; no request begins after that
};

// Whether a request may be sent once more when nobody knows whether it was done.
enum class Repeat : std::uint8_t { kYes, kNo };

struct ForgeRequest {
  std::string method;
  std::string target;  // below the interface's address, or a whole URL of the same server
  std::string body;    // JSON
  Repeat repeat = Repeat::kYes;
};

struct ForgeAnswer {
  long status = 0;  // 0: there was none; only with Repeat::kNo
  std::string body;
  std::string next_page;  // a URL; empty: the last
};

// Requests to the interface of GitHub or GitLab, one after the other. Waits where the server says
// that there were too many, and tries again what failed on its way; but POST, which may have been
// done all the same, is given back to who asked. The token goes to one server only, and into no
// message. Not thread-safe.
class ForgeClient {
 public:
  static constexpr int kTriesMax = 5;
  static constexpr int kRedirectionsMax = 3;
  static constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 20;

  // ErrorCode::kInvalid where the address is not one that a token may go to, or is no token.
  static Result<ForgeClient> create(const ForgeAccess& access);

  // An answer of any status but those that ask for another try. An Error says who did not answer.
  Result<ForgeAnswer> ask(const ForgeRequest& request);
  // Before a further try by the caller.
  Result<void> pause(int tries) { return wait(tries, 0); }
  // What an answer that was not hoped for means, and what to do.
  Error refused(const ForgeAnswer& answer, std::string_view what) const;

  const ForgeAccess& access() const { return access_; }
  // The headers of a request, without the token.
  static std::vector<std::string> shown_headers(formats::forge::Forge forge);
  std::string url_of(const std::string& target) const;

 private:
  explicit ForgeClient(ForgeAccess access);
  Result<http::ResponseHead> send(const ForgeRequest& request, std::string& body);
  // How long the server wants us to wait; nothing: it does not.
  std::optional<TimeNs> asked_wait(const http::ResponseHead& head, std::string_view body) const;
  Result<void> wait(int tries, TimeNs asked);
  std::string without_token(std::string text) const;

  ForgeAccess access_;
  std::chrono::steady_clock::time_point end_;
  std::int64_t waited_ms_ = 0;
};

}  // namespace vedette::engine
