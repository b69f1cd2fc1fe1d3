// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::ingest {

// One challenge of WWW-Authenticate (RFC 9110, 11.6.1): `Bearer realm="https://…",service="…"`.
struct Challenge {
  static constexpr std::size_t kParametersMax = 32;

  std::string scheme;                                           // in lower case; empty: none
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case

  std::string_view parameter(std::string_view name) const;
};

// The first challenge of the header; what cannot be read ends it.
Challenge read_challenge(std::string_view header);

// For the query of a URL: all but letters, digits and -._~ as %XX (RFC 3986, 2.3).
std::string percent_encoded(std::string_view text);

// RFC 4648, 4. decode gives nothing for what is not base64.
std::string base64_encoded(std::string_view bytes);
std::string base64_decoded(std::string_view text);

}  // namespace vedette::ingest
