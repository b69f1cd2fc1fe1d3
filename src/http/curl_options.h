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
// and not how long an answer may take.
void set_options(const CurlLibrary& curl, CURL* handle, const ClientOptions& options);

}  // namespace vedette::http
