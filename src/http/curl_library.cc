// SPDX-License-Identifier: Apache-2.0
#include "http/curl_library.h"

#include <optional>

#include "base/shared_library.h"

namespace vedette::http {
namespace {

// The name has been this since 2006; a change of it would be one of the interface.
constexpr const char* kName = "libcurl.so.4";

std::optional<CurlLibrary> load() {
  const SharedLibrary library(kName);
  CurlLibrary curl;
  const bool is_whole = library.resolve("curl_global_init", curl.global_init) &&
                        library.resolve("curl_easy_init", curl.easy_init) &&
                        library.resolve("curl_easy_setopt", curl.easy_setopt) &&
                        library.resolve("curl_easy_perform", curl.easy_perform) &&
                        library.resolve("curl_easy_getinfo", curl.easy_getinfo) &&
                        library.resolve("curl_easy_strerror", curl.easy_strerror) &&
                        library.resolve("curl_easy_cleanup", curl.easy_cleanup) &&
                        library.resolve("curl_easy_pause", curl.easy_pause) &&
                        library.resolve("curl_multi_init", curl.multi_init) &&
                        library.resolve("curl_multi_add_handle", curl.multi_add_handle) &&
                        library.resolve("curl_multi_remove_handle", curl.multi_remove_handle) &&
                        library.resolve("curl_multi_perform", curl.multi_perform) &&
                        library.resolve("curl_multi_poll", curl.multi_poll) &&
                        library.resolve("curl_multi_info_read", curl.multi_info_read) &&
                        library.resolve("curl_multi_cleanup", curl.multi_cleanup) &&
                        library.resolve("curl_slist_append", curl.slist_append) &&
                        library.resolve("curl_slist_free_all", curl.slist_free_all);
  if (!is_whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const std::optional<CurlLibrary> kLoaded = load();
  return kLoaded ? &*kLoaded : nullptr;
}

}  // namespace vedette::http
