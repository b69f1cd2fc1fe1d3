// SPDX-License-Identifier: Apache-2.0
#include "http/curl_options.h"

#include <string>

namespace vedette::http {

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

void set_options(const CurlLibrary& curl, CURL* handle, const ClientOptions& options) {
  const auto set_text = [&](CURLoption option, const std::string& text) {
    if (!text.empty()) curl.easy_setopt(handle, option, text.c_str());
  };
  set_text(CURLOPT_CAINFO, options.ca_file);
  set_text(CURLOPT_SSLCERT, options.certificate_file);
  set_text(CURLOPT_SSLKEY, options.key_file);
  set_text(CURLOPT_USERAGENT, options.user_agent);
  curl.easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout_ms));
}

}  // namespace vedette::http
