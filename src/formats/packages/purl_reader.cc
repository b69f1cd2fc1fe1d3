// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/purl_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 &&
                           digit_of(text[at + 2]) >= 0;
    out += is_escape ? static_cast<char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2]))
                     : text[at];
    at += is_escape ? 2 : 0;
  }
  return out;
}

bool is_of_distribution(Ecosystem ecosystem) {
  return ecosystem == Ecosystem::kDebian || ecosystem == Ecosystem::kAlpine ||
         ecosystem == Ecosystem::kRpm || ecosystem == Ecosystem::kArch;
}

void read_qualifier(std::string_view key, const std::string& value, std::string& epoch,
                    Package& package) {
  if (key == "arch") package.architecture = value;
  if (key == "epoch") epoch = value;
  if (key == "distro") package.distribution = value;
  if (key == "checksum") package.checksum = value;
  // Of the source, with its version where that is another.
  if (key == "upstream") {
    const std::size_t at = value.find('@');
    package.source_name = value.substr(0, at);
    if (at != std::string::npos) package.source_version = value.substr(at + 1);
  }
}

void read_qualifiers(std::string_view text, std::string_view vendor, Package& package) {
  std::string epoch;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    read_qualifier(one.substr(0, equals), decoded(one.substr(equals + 1)), epoch, package);
  }
  if (!epoch.empty() && epoch != "0") package.version = epoch + ":" + package.version;
  // Some write the system's version alone.
  const bool is_bare = !package.distribution.empty() && package.distribution.front() >= '0' &&
                       package.distribution.front() <= '9';
  if (is_bare && !vendor.empty())
    package.distribution = std::string(vendor) + "-" + package.distribution;
}

}  // namespace

std::optional<Package> package_of_purl(std::string_view purl) {
  if (!purl.starts_with("pkg:")) return std::nullopt;
  purl.remove_prefix(4);
  while (purl.starts_with('/')) purl.remove_prefix(1);
  purl = purl.substr(0, purl.find('#'));
  const std::size_t question = std::min(purl.find('?'), purl.size());
  const std::string_view qualifiers =
      question == purl.size() ? std::string_view() : purl.substr(question + 1);
  purl = purl.substr(0, question);
  const std::size_t slash = purl.find('/');
  if (slash == std::string_view::npos || slash + 1 == purl.size()) return std::nullopt;
  const std::string type = lower(purl.substr(0, slash));
  std::string_view rest = purl.substr(slash + 1);
  Package package;
  const auto* const row = std::ranges::find(kEcosystemNames, type, &EcosystemNames::purl);
  if (row != kEcosystemNames.end() && type != "generic")
    package.ecosystem = static_cast<Ecosystem>(row - kEcosystemNames.begin());
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos && at != 0) {
    package.version = decoded(rest.substr(at + 1));
    rest = rest.substr(0, at);
  }
  std::string vendor;
  if (is_of_distribution(package.ecosystem) && rest.find('/') != std::string_view::npos) {
    vendor = decoded(rest.substr(0, rest.find('/')));
    rest.remove_prefix(rest.find('/') + 1);
  }
  package.name = decoded(rest);
  if (package.ecosystem == Ecosystem::kPypi) package.name = pypi_name(package.name);
  if (package.ecosystem == Ecosystem::kMaven) {
    const std::size_t last = package.name.rfind('/');
    if (last != std::string::npos) package.name[last] = ':';
  }
  read_qualifiers(qualifiers, vendor, package);
  return package.name.empty() ? std::nullopt : std::optional(std::move(package));
}

}  // namespace vedette::formats::packages
