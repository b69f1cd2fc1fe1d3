// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace vedette::ingest {

// What a registry is told of who asks. Never shown, logged or stored.
struct Credentials {
  std::string user;
  std::string password;
  std::string identity_token;  // in place of both: exchanged for a token at the token server

  bool empty() const { return user.empty() && identity_token.empty(); }
};

// Where they are kept.
struct CredentialStore {
  // Of Docker's form; empty: none. A file that is not there has none.
  std::string config_file;
};

// $DOCKER_CONFIG/config.json, else ~/.docker/config.json; empty without a home.
std::string default_docker_config();

// Of `host` (with its port): by its entry of credHelpers, by credsStore, by its entry of auths.
// Helpers are the user's programs `docker-credential-NAME` on the PATH; run with `get`, bounded in
// time and in what they may say. Empty where nobody knows any; an Error where they are known but
// cannot be had.
Result<Credentials> find_credentials(std::string_view host, const CredentialStore& store,
                                     const Limits& limits);

}  // namespace vedette::ingest
