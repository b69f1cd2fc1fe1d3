// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/reference.h"

#include <algorithm>
#include <fmt/format.h>

#include "formats/images/image_documents.h"

namespace vedette::ingest {
namespace {

// https://github.com/distribution/reference: of a repository, and of a tag.
constexpr std::size_t kRepositoryMax = 255;
constexpr std::size_t kTagMax = 128;
constexpr std::size_t kHostMax = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_host_part(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(part, is_upper);
}

// "registry.example:5000", "[::1]:5000".
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kHostMax) return false;
  std::string_view name = host;
  const bool is_bracketed = host.starts_with('[');
  const std::size_t end = is_bracketed ? host.find(']') : host.find(':');
  if (is_bracketed && end == std::string_view::npos) return false;
  const std::size_t port_at = is_bracketed ? end + 1 : std::min(end, host.size());
  name = is_bracketed ? host.substr(1, end - 1) : host.substr(0, port_at);
  const std::string_view port = host.substr(port_at);
  if (!port.empty()) {
    const std::string_view digits = port.substr(1);
    if (port[0] != ':' || digits.empty() || digits.size() > 5) return false;
    if (!std::ranges::all_of(digits, is_digit)) return false;
  }
  if (name.empty()) return false;
  if (is_bracketed)
    return name.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  return std::ranges::all_of(name,
                             [](char c) {
                               return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' ||
                                      c == '-';
                             }) &&
         name.front() != '-' && name.front() != '.' && name.back() != '-';
}

// Small letters and digits, with one '.', one or two '_', or any number of '-' between.
bool is_path_part(std::string_view part) {
  std::size_t at = 0;
  while (true) {
    const std::size_t word = at;
    while (at < part.size() && (is_lower(part[at]) || is_digit(part[at]))) ++at;
    if (at == word) return false;
    if (at == part.size()) return true;
    const std::size_t separator = at;
    while (at < part.size() && part[at] == part[separator]) ++at;
    const std::size_t count = at - separator;
    const char c = part[separator];
    if (!(c == '-' || (c == '.' && count == 1) || (c == '_' && count <= 2))) return false;
  }
}

bool is_repository(std::string_view path) {
  if (path.empty() || path.size() > kRepositoryMax) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_path_part(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > kTagMax || tag[0] == '.' || tag[0] == '-') return false;
  return std::ranges::all_of(tag, [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '_' || c == '.' || c == '-';
  });
}

std::unexpected<Error> refused(std::string_view what, std::string_view text) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected {} in the name of an image, found '{}'", what, text));
}

}  // namespace

std::string Reference::text() const {
  return fmt::format("{}/{}{}{}{}{}", host, repository, tag.empty() ? "" : ":", tag,
                     digest.empty() ? "" : "@", digest);
}

Result<Reference> read_reference(std::string_view text, std::string_view registry) {
  Reference reference;
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    reference.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!formats::images::is_sha256_digest(reference.digest))
      return refused("sha256: and 64 digits behind the @", text);
  }
  const std::size_t slash = rest.find('/');
  const std::string_view first =
      slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
  if (slash != std::string_view::npos && is_host_part(first)) {
    reference.host = first;
    rest.remove_prefix(slash + 1);
  }
  // Not the colon of a port: that one stands before a slash.
  if (const std::size_t colon = rest.rfind(':');
      colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_tag(reference.tag)) return refused("a tag of letters, digits and ._-", text);
  } else if (reference.digest.empty()) {
    reference.tag = "latest";
  }
  reference.repository = rest;
  if (reference.host.empty()) {
    if (registry.empty()) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected a file, a folder or the name of an image with its registry "
                      "(HOST/{0}), found '{0}'; name the registry of such names with --registry",
                      text));
    }
    const std::size_t folder = registry.find('/');
    reference.host = registry.substr(0, folder);
    if (folder != std::string_view::npos && rest.find('/') == std::string_view::npos)
      reference.repository = fmt::format("{}/{}", registry.substr(folder + 1), rest);
  }
  if (!is_host(reference.host)) return refused("a host, perhaps with a port,", text);
  if (!is_repository(reference.repository))
    return refused("small letters and digits, with . _ - between and / for folders,", text);
  return reference;
}

}  // namespace vedette::ingest
