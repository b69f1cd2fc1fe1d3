// SPDX-License-Identifier: Apache-2.0
#include "http/download.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

#include "http/curl_library.h"
#include "http/curl_options.h"
#include "http/url.h"

namespace vedette::http {
namespace {

constexpr std::int64_t kRetryAfterSecondsMax = 86400;
constexpr int kPollMs = 200;  // how long a stop may go unseen

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  return text;
}

}  // namespace

std::string_view ResponseHead::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, [](const auto& one) { return one.first; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct Download::State {
  ~State() {
    close();
    curl->easy_cleanup(handle);
    curl->multi_cleanup(multi);
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* target) {
    State& state = *static_cast<State*>(target);
    // Whoever reads has not taken the last piece: libcurl keeps this one and gives it again.
    if (!state.piece.empty()) {
      state.paused = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    state.piece.assign(bytes, count);
    state.at = 0;
    return count;
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* target) {
    State& state = *static_cast<State*>(target);
    const std::string_view line = trimmed({bytes, count});
    if (line.starts_with("HTTP/")) {  // of a proxy, or "100 Continue", before the one that counts
      state.headers.clear();
      return count;
    }
    state.head_bytes += count;
    if (state.head_bytes > ResponseHead::kBytesMax) return 0;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return count;
    std::string name(trimmed(line.substr(0, colon)));
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    state.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
    return count;
  }

  void close() {
    if (is_open) curl->multi_remove_handle(multi, handle);
    is_open = false;
    curl->easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
    curl->slist_free_all(list);
    list = nullptr;
  }

  Error lost(CURLcode code) const {
    const char* const reason = error[0] != '\0' ? error.data() : curl->easy_strerror(code);
    return no_answer(*curl, handle, url, code, reason);
  }

  // Lets libcurl work until there is a piece of the body, or its end.
  Result<void> advance() {
    while (piece.empty() && !done) {
      if (stop != nullptr && stop->load(std::memory_order_relaxed))
        return failure(ErrorCode::kSystem, "stopped");
      if (paused) {
        paused = false;
        // Gives the piece that was kept at once.
        curl->easy_pause(handle, CURLPAUSE_CONT);
        if (!piece.empty()) break;
      }
      int running = 0;
      const CURLMcode code = curl->multi_perform(multi, &running);
      if (code != CURLM_OK) return failure(ErrorCode::kSystem, "libcurl failed");
      int left = 0;
      while (const CURLMsg* const message = curl->multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        done = true;
        result = message->data.result;
      }
      if (piece.empty() && !done) curl->multi_poll(multi, nullptr, 0, kPollMs, nullptr);
    }
    return {};
  }

  const CurlLibrary* curl = nullptr;
  CURL* handle = nullptr;
  CURLM* multi = nullptr;
  curl_slist* list = nullptr;
  const std::atomic<bool>* stop = nullptr;
  std::string url;
  std::string posted;
  std::array<char, CURL_ERROR_SIZE> error{};
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t head_bytes = 0;
  std::string piece;  // of the body, not yet taken
  std::size_t at = 0;
  bool is_open = false;
  bool paused = false;
  bool done = false;
  CURLcode result = CURLE_OK;
};

Download::Download(std::unique_ptr<State> state) : state_(std::move(state)) {}
Download::~Download() = default;

Result<std::unique_ptr<Download>> Download::create(const ClientOptions& options,
                                                   const std::atomic<bool>* stop) {
  TRY(const CurlHandle opened, open_handle());
  const CurlLibrary* const curl = opened.curl;
  auto state = std::make_unique<State>();
  state->curl = curl;
  state->stop = stop;
  state->handle = opened.handle;
  state->multi = curl->multi_init();
  if (state->multi == nullptr) return failure(ErrorCode::kSystem, "no memory for HTTP");
  CURL* const handle = state->handle;
  TRY_VOID(set_options(*curl, handle, options));
  // Of HTTP/2 libcurl would hold a window of many megabytes while nobody reads.
  curl->easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl->easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl->easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                    std::max(1L, static_cast<long>(options.timeout_ms / 1000)));
  curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, &State::take_body);
  curl->easy_setopt(handle, CURLOPT_WRITEDATA, state.get());
  curl->easy_setopt(handle, CURLOPT_HEADERFUNCTION, &State::take_header);
  curl->easy_setopt(handle, CURLOPT_HEADERDATA, state.get());
  curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, state->error.data());
  return std::unique_ptr<Download>(new Download(std::move(state)));
}

Result<ResponseHead> Download::open(const std::string& url, const std::vector<std::string>& headers,
                                    std::string body, const std::string& method) {
  State& state = *state_;
  const CurlLibrary& curl = *state.curl;
  state.close();
  state.url = url;
  state.posted = std::move(body);
  state.headers.clear();
  state.piece.clear();
  state.head_bytes = state.at = 0;
  state.paused = state.done = false;
  state.error[0] = '\0';
  for (const std::string& header : headers)
    state.list = curl.slist_append(state.list, header.c_str());
  state.list = curl.slist_append(state.list, "Expect:");
  curl.easy_setopt(state.handle, CURLOPT_HTTPHEADER, state.list);
  curl.easy_setopt(state.handle, CURLOPT_URL, url.c_str());
  // Of the request before, else it would be this one's method, too.
  curl.easy_setopt(state.handle, CURLOPT_CUSTOMREQUEST, nullptr);
  if (state.posted.empty() && (method.empty() || method == "GET")) {
    curl.easy_setopt(state.handle, CURLOPT_HTTPGET, 1L);
  } else {
    curl.easy_setopt(state.handle, CURLOPT_POST, 1L);
    curl.easy_setopt(state.handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(state.posted.size()));
    curl.easy_setopt(state.handle, CURLOPT_POSTFIELDS, state.posted.data());
    if (!method.empty()) curl.easy_setopt(state.handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  if (curl.multi_add_handle(state.multi, state.handle) != CURLM_OK)
    return failure(ErrorCode::kSystem, "libcurl failed");
  state.is_open = true;
  TRY_VOID(state.advance());
  ResponseHead head;
  curl.easy_getinfo(state.handle, CURLINFO_RESPONSE_CODE, &head.status);
  if (head.status == 0 || (state.done && state.result != CURLE_OK && state.piece.empty()))
    return std::unexpected(state.lost(state.result));
  curl_off_t seconds = 0;
  curl.easy_getinfo(state.handle, CURLINFO_RETRY_AFTER, &seconds);
  head.retry_after = std::clamp<std::int64_t>(seconds, 0, kRetryAfterSecondsMax) * kNsPerSecond;
  const char* location = nullptr;
  curl.easy_getinfo(state.handle, CURLINFO_REDIRECT_URL, &location);
  if (location != nullptr) head.location = location;
  head.headers = std::move(state.headers);
  return head;
}

Result<std::size_t> Download::read(char* out, std::size_t capacity) {
  State& state = *state_;
  if (!state.is_open) return 0;
  TRY_VOID(state.advance());
  if (state.piece.empty()) {
    if (state.result != CURLE_OK) return std::unexpected(state.lost(state.result));
    return 0;
  }
  const std::size_t count = state.piece.copy(out, capacity, state.at);
  state.at += count;
  if (state.at == state.piece.size()) state.piece.clear();
  return count;
}

Result<std::string> Download::read_all(std::size_t bytes_max) {
  constexpr std::size_t kStep = std::size_t{16} << 10;
  std::string bytes;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    TRY(const std::size_t got, read(bytes.data() + before, kStep));
    bytes.resize(before + got);
    if (got == 0) return bytes;
    if (bytes.size() > bytes_max) {
      return failure(ErrorCode::kLimit, fmt::format("expected at most {} bytes of {}, found more",
                                                    bytes_max, shown_url(state_->url)));
    }
  }
}

}  // namespace vedette::http
