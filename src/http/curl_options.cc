// SPDX-License-Identifier: Apache-2.0
#include "http/curl_options.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>

#include "http/download.h"
#include "http/url.h"

namespace vedette::http {
namespace {

constexpr long kStatusUser = 407;
constexpr long kStatusFailed = 300;

// libcurl would repeat a URL that it does not know, with the password in it.
Result<void> check_proxy(std::string_view proxy) {
  constexpr std::array<std::string_view, 6> kSchemes = {"http",    "https",  "socks4",
                                                        "socks4a", "socks5", "socks5h"};
  const std::size_t colon = proxy.find("://");
  const bool is_bare = colon == std::string_view::npos;  // "HOST:PORT"
  if (is_bare) return {};
  const bool is_known = std::ranges::find(kSchemes, proxy.substr(0, colon)) != kSchemes.end();
  if (is_known && proxy.size() > colon + 3) return {};
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected a proxy as http://HOST:PORT (or https, socks5, socks5h), "
                             "found '{}'",
                             proxy.contains('@') ? "***" : proxy));
}

// Another try would end the same.
bool is_final(CURLcode code) {
  constexpr std::array kCodes = {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                                 CURLE_SSL_CERTPROBLEM, CURLE_URL_MALFORMAT,
                                 CURLE_UNSUPPORTED_PROTOCOL};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

}  // namespace

Result<CurlHandle> open_handle() {
  CurlHandle opened;
  opened.curl = curl_library();
  if (opened.curl == nullptr) {
    return failure(ErrorCode::kUnsupported,
                   "expected libcurl to be installed, found none; install libcurl4");
  }
  opened.handle = opened.curl->easy_init();
  if (opened.handle == nullptr) return failure(ErrorCode::kSystem, "no memory for HTTP");
  return opened;
}

Result<void> set_options(const CurlLibrary& curl, CURL* handle, const ClientOptions& options) {
  TRY_VOID(check_proxy(options.proxy));
  const auto set_text = [&](CURLoption option, const std::string& text) {
    if (!text.empty()) curl.easy_setopt(handle, option, text.c_str());
  };
  if (!options.ca_file.empty()) {
    set_text(CURLOPT_CAINFO, options.ca_file);
    set_text(CURLOPT_PROXY_CAINFO, options.ca_file);
    // The system's folder would be trusted beside the file.
    curl.easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    curl.easy_setopt(handle, CURLOPT_PROXY_CAPATH, nullptr);
  }
  set_text(CURLOPT_SSLCERT, options.certificate_file);
  set_text(CURLOPT_SSLKEY, options.key_file);
  set_text(CURLOPT_USERAGENT, options.user_agent);
  curl.easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
  // Else the environment's exceptions would go around a proxy that was named.
  curl.easy_setopt(handle, CURLOPT_NOPROXY, "");
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout_ms));
  return {};
}

Error no_answer(const CurlLibrary& curl, CURL* handle, std::string_view url, CURLcode code,
                const char* reason) {
  long proxy_status = 0;
  curl.easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  const std::string shown = shown_url(url);
  if (code != CURLE_OK && proxy_status == kStatusUser) {
    return {ErrorCode::kInvalid,
            fmt::format("no answer of {}: the proxy asks who you are, and does not take what it "
                        "was told; name it as http://USER:PASSWORD@HOST:PORT",
                        shown)};
  }
  if (code != CURLE_OK && proxy_status >= kStatusFailed) {
    return {ErrorCode::kSystem,
            fmt::format("no answer of {}: the proxy answers {}", shown, proxy_status)};
  }
  return {is_final(code) ? ErrorCode::kInvalid : ErrorCode::kSystem,
          fmt::format("no answer of {}: {}", shown, reason)};
}

}  // namespace vedette::http
