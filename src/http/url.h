// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Parts of URLs, as far as it must be known whom a request goes to.
namespace vedette::http {

// "host:port", without a user.
std::string_view host_of(std::string_view url);

// "https://host:port", with a user where there is one.
std::string_view origin_of(std::string_view url);

// Whether a host, with or without a port, is this machine.
bool is_loopback(std::string_view host);

// https, or plain HTTP to this machine; without user and password.
bool is_safe(std::string_view url);

// The URL without what may be secret in it: user, password and query.
std::string shown_url(std::string_view url);

}  // namespace vedette::http
