// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::sensor {

// The server name in a ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), given the first
// bytes of a TLS stream; a view of `bytes`. Empty when there is none, or it begins behind their
// end.
std::string_view server_name(std::string_view bytes);

}  // namespace vedette::sensor
