// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/file.h"
#include "http/curl_library.h"
#include "http/curl_options.h"

namespace vedette::http {
namespace {

constexpr std::size_t kTokenBytesMax = 16384;
constexpr std::int64_t kRetryAfterSecondsMax = 86400;

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* target) {
  std::string& body = *static_cast<std::string*>(target);
  // What is beyond the bound is read and forgotten: the status is what counts.
  body.append(bytes, std::min(count, kResponseBytesMax - body.size()));
  return count;
}

struct Streaming {
  const CurlLibrary* curl;
  CURL* handle;
  const Client::Take* take;
};

std::size_t take_piece(char* bytes, std::size_t, std::size_t count, void* target) {
  const Streaming& streaming = *static_cast<const Streaming*>(target);
  long status = 0;
  streaming.curl->easy_getinfo(streaming.handle, CURLINFO_RESPONSE_CODE, &status);
  // Another count than was given ends the transfer.
  return (*streaming.take)(status, {bytes, count}) ? count : 0;
}

Result<std::string> bearer_header(const std::string& path) {
  TRY(std::string token, read_file(path, kTokenBytesMax));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) {
    token.pop_back();
  }
  const bool printable =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (token.empty() || !printable) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected one token of printable characters in {}", path));
  }
  return "Authorization: Bearer " + token;
}

}  // namespace

struct Client::State {
  ~State() {
    curl->easy_cleanup(handle);
    curl->slist_free_all(connect_to);
  }
  const CurlLibrary* curl = nullptr;
  ClientOptions options;
  CURL* handle = nullptr;
  curl_slist* connect_to = nullptr;
  std::array<char, CURL_ERROR_SIZE> error{};
  const void* target = nullptr;  // a Streaming while stream() is at work
};

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::create(const ClientOptions& options) {
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a URL with http or https, found '{}'", options.url));
  }
  TRY(const CurlHandle opened, open_handle());
  const CurlLibrary* const curl = opened.curl;
  auto state = std::make_unique<State>();
  state->curl = curl;
  state->options = options;
  state->handle = opened.handle;
  CURL* const handle = state->handle;
  TRY_VOID(set_options(*curl, handle, options));
  curl->easy_setopt(handle, CURLOPT_URL, options.url.c_str());
  curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  if (!options.connect_to.empty()) {
    // Any host and port of the one URL there is.
    state->connect_to = curl->slist_append(nullptr, ("::" + options.connect_to).c_str());
    curl->easy_setopt(handle, CURLOPT_CONNECT_TO, state->connect_to);
  }
  curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, state->error.data());
  return Client(std::move(state));
}

Result<Response> Client::post(const std::vector<std::string>& headers, std::string_view body) {
  const CurlLibrary* const curl = state_->curl;
  CURL* const handle = state_->handle;
  curl->easy_setopt(handle, CURLOPT_POST, 1L);
  curl->easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl->easy_setopt(handle, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  return perform(headers);
}

Result<Response> Client::request(const std::string& method,
                                 const std::vector<std::string>& headers) {
  if (method == "POST") return post(headers, {});
  state_->curl->easy_setopt(state_->handle, CURLOPT_HTTPGET, 1L);
  return perform(headers);
}

Result<Response> Client::stream(const std::vector<std::string>& headers, const Take& take) {
  CURL* const handle = state_->handle;
  const CurlLibrary* const curl = state_->curl;
  const Streaming streaming{curl, handle, &take};
  const long quiet_seconds = std::max(1L, static_cast<long>(state_->options.timeout_ms / 1000));
  curl->easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, 0L);
  curl->easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl->easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, quiet_seconds);
  curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_piece);
  state_->target = &streaming;
  Result<Response> response = perform(headers);
  state_->target = nullptr;
  curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl->easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 0L);
  curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(state_->options.timeout_ms));
  return response;
}

Result<Response> Client::perform(const std::vector<std::string>& headers) {
  const CurlLibrary* const curl = state_->curl;
  CURL* const handle = state_->handle;
  std::vector<std::string> all = headers;
  all.emplace_back("Expect:");
  if (!state_->options.token_file.empty()) {
    TRY(std::string token, bearer_header(state_->options.token_file));
    all.push_back(std::move(token));
  }
  curl_slist* list = nullptr;
  for (const std::string& header : all) list = curl->slist_append(list, header.c_str());
  Response response;
  curl->easy_setopt(handle, CURLOPT_HTTPHEADER, list);
  curl->easy_setopt(
      handle, CURLOPT_WRITEDATA,
      state_->target != nullptr ? state_->target : static_cast<const void*>(&response.body));
  state_->error[0] = '\0';
  const CURLcode code = curl->easy_perform(handle);
  curl->easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  curl->slist_free_all(list);
  if (code != CURLE_OK) {
    const char* const reason =
        state_->error[0] != '\0' ? state_->error.data() : curl->easy_strerror(code);
    return std::unexpected(no_answer(*curl, handle, state_->options.url, code, reason));
  }
  curl->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &response.status);
  curl_off_t seconds = 0;
  curl->easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds);
  response.retry_after = std::clamp<std::int64_t>(seconds, 0, kRetryAfterSecondsMax) * kNsPerSecond;
  return response;
}

}  // namespace vedette::http
