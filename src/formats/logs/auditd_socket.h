// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/arena.h"

namespace vedette::formats::logs {

// A socket address as audit's SOCKADDR record holds it. Empty: not known or not part of the family.
struct AuditSocket {
  std::string_view family;   // "inet", "inet6", "local", "netlink", …
  std::string_view address;  // "127.0.0.1", "::1"
  std::string_view port;
  std::string_view path;  // of a local socket; an abstract one begins with "@"
};

// Reads `saddr`: a struct sockaddr in hexadecimal digits, or the older interpreted form
// "inet host:127.0.0.1 serv:80". Texts live in `arena`, as long as `saddr`, or for ever.
AuditSocket decode_audit_socket(std::string_view saddr, Arena& arena);

}  // namespace vedette::formats::logs
