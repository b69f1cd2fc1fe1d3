// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace vedette::http {

// What comes before a body.
struct ResponseHead {
  static constexpr std::size_t kBytesMax = std::size_t{64} << 10;

  long status = 0;
  TimeNs retry_after = 0;  // seconds of Retry-After
  std::string location;    // of a redirection, made absolute; empty: none
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The first of this name, in lower case; empty: none.
  std::string_view header(std::string_view name) const;
};

// Responses that are read as a stream by whoever asks for them, one after the other over kept
// connections. libcurl pushes and the reader pulls: both run in the reader's thread, and what comes
// while nobody reads is left in the socket, so that no more than one piece of libcurl's (16 KiB) is
// ever held. Follows no redirections. One thread at a time.
class Download {
 public:
  // ClientOptions::url and token_file are not looked at; timeout_ms is how long nothing may come.
  // `stop` (null: never) ends all waiting with an Error; it outlives this.
  static Result<std::unique_ptr<Download>> create(const ClientOptions& options,
                                                  const std::atomic<bool>* stop = nullptr);
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  // Asks and waits for the head; by default with GET, or POST where there is a `body`; any other
  // `method` is one that sends a body (PUT, PATCH). Gives up what was asked before. An answer of
  // any status is a head; no answer is an Error.
  Result<ResponseHead> open(const std::string& url, const std::vector<std::string>& headers,
                            std::string body = {}, const std::string& method = {});
  // The body, like ByteStream::read(): an Error when the connection breaks before its end.
  Result<std::size_t> read(char* out, std::size_t capacity);
  // What is left of the body, at most `bytes_max`: ErrorCode::kLimit when there is more.
  Result<std::string> read_all(std::size_t bytes_max);

 private:
  struct State;
  explicit Download(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vedette::http
