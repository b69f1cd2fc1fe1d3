// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <algorithm>

namespace vedette::http {
namespace {

// Where the host, or the user before it, begins.
std::size_t authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? 0 : scheme + 3;
}

}  // namespace

std::string_view host_of(std::string_view url) {
  url.remove_prefix(authority_of(url));
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = url.rfind('@');
  return user == std::string_view::npos ? url : url.substr(user + 1);
}

std::string_view origin_of(std::string_view url) {
  return url.substr(0, url.find_first_of("/?#", authority_of(url)));
}

bool is_loopback(std::string_view host) {
  if (host.starts_with("[::1]")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos);
}

bool is_safe(std::string_view url) {
  if (host_of(url).empty() || origin_of(url).contains('@')) return false;
  return url.starts_with("https://") || (url.starts_with("http://") && is_loopback(host_of(url)));
}

std::string shown_url(std::string_view url) {
  const std::size_t host = authority_of(url);
  const std::size_t host_end = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t user = url.substr(host, host_end - host).rfind('@');
  const std::size_t from = user == std::string_view::npos ? host : host + user + 1;
  const std::size_t end = std::min(url.find_first_of("?#", from), url.size());
  return std::string(url.substr(0, host)) + std::string(url.substr(from, end - from));
}

}  // namespace vedette::http
