// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/client.h"
#include "http/curl_library.h"

namespace vedette::http {

struct CurlHandle {
  const CurlLibrary* curl = nullptr;
  CURL* handle = nullptr;  // its owner ends it
};
// An Error where libcurl is not installed.
Result<CurlHandle> open_handle();

// What all requests of ours have in common: TLS, certificates, proxy, no redirections. Not the URL
// and not how long an answer may take. An Error for a proxy that is none.
Result<void> set_options(const CurlLibrary& curl, CURL* handle, const ClientOptions& options);

// Why nobody answered, in libcurl's words (`reason`) or ours. ErrorCode::kSystem: another try may
// have more luck; kInvalid: what was asked for must change first (certificates, a proxy's user).
Error no_answer(const CurlLibrary& curl, CURL* handle, std::string_view url, CURLcode code,
                const char* reason);

}  // namespace vedette::http
