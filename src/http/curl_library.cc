// SPDX-License-Identifier: Apache-2.0
#include "http/curl_library.h"

#include <dlfcn.h>
#include <optional>

namespace vedette::http {
namespace {

// The name has been this since 2006; a change of it would be one of the interface.
constexpr const char* kName = "libcurl.so.4";

template <typename Function>
bool resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

std::optional<CurlLibrary> load() {
  void* const library = ::dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  CurlLibrary curl;
  const bool is_whole = resolve(library, "curl_global_init", curl.global_init) &&
                        resolve(library, "curl_easy_init", curl.easy_init) &&
                        resolve(library, "curl_easy_setopt", curl.easy_setopt) &&
                        resolve(library, "curl_easy_perform", curl.easy_perform) &&
                        resolve(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                        resolve(library, "curl_easy_strerror", curl.easy_strerror) &&
                        resolve(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                        resolve(library, "curl_easy_pause", curl.easy_pause) &&
                        resolve(library, "curl_multi_init", curl.multi_init) &&
                        resolve(library, "curl_multi_add_handle", curl.multi_add_handle) &&
                        resolve(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
                        resolve(library, "curl_multi_perform", curl.multi_perform) &&
                        resolve(library, "curl_multi_poll", curl.multi_poll) &&
                        resolve(library, "curl_multi_info_read", curl.multi_info_read) &&
                        resolve(library, "curl_multi_cleanup", curl.multi_cleanup) &&
                        resolve(library, "curl_slist_append", curl.slist_append) &&
                        resolve(library, "curl_slist_free_all", curl.slist_free_all);
  if (!is_whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const std::optional<CurlLibrary> kLoaded = load();
  return kLoaded ? &*kLoaded : nullptr;
}

}  // namespace vedette::http
