// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace vedette::http {

struct ClientOptions {
  std::string url;               // http or https
  std::string ca_file;           // empty: the system's
  std::string certificate_file;  // of the client; empty: none
  std::string key_file;
  std::string token_file;  // "Authorization: Bearer …"; read at each request, so it may change
  std::string proxy;       // empty: none, whatever the environment says
  // "ADDRESS:PORT" to connect to in place of the URL's host, whose name the certificate must have
  // all the same; empty: its own.
  std::string connect_to;
  std::string user_agent = "vedette-agent";
  std::int64_t timeout_ms = 30000;
  std::int64_t connect_timeout_ms = 5000;

  bool operator==(const ClientOptions&) const = default;
};

struct Response {
  long status = 0;
  std::string body;        // at most kResponseBytesMax
  TimeNs retry_after = 0;  // seconds of Retry-After
};
inline constexpr std::size_t kResponseBytesMax = 65536;

// HTTP requests one after the other over a kept connection; with `http/curl_library.h` the only
// place that knows libcurl. Follows no redirections. TLS is OpenSSL's, certificates are always
// checked. Not thread-safe.
class Client {
 public:
  static Result<Client> create(const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  // An answer of any status is a response; no answer is an error.
  Result<Response> post(const std::vector<std::string>& headers, std::string_view body);
  // GET of a body of any size: `take` gets it piece by piece with the status, and says whether to
  // go on. The response has no body; ClientOptions::timeout_ms is how long nothing may come.
  using Take = std::function<bool(long status, std::string_view bytes)>;
  Result<Response> stream(const std::vector<std::string>& headers, const Take& take);
  // `method` is GET, or POST without a body.
  Result<Response> request(const std::string& method, const std::vector<std::string>& headers);

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  Result<Response> perform(const std::vector<std::string>& headers);
  std::unique_ptr<State> state_;
};

// gzip (RFC 1952) for Content-Encoding.
std::string gzip_body(std::string_view body);

}  // namespace vedette::http
