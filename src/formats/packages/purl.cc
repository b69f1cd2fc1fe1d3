// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/purl.h"

#include <string_view>

#include "formats/packages/purl_parts.h"

namespace vedette::formats::packages {
namespace {

// "opensuse-leap-15.5" is the system opensuse-leap.
std::string_view system_of(std::string_view distribution) {
  const std::size_t dash = distribution.rfind('-');
  const bool has_version = dash != std::string_view::npos && dash + 1 < distribution.size() &&
                           distribution[dash + 1] >= '0' && distribution[dash + 1] <= '9';
  return has_version ? distribution.substr(0, dash) : distribution;
}

// What tells packages of distributions apart: "?arch=amd64&distro=debian-12&epoch=1".
void append_qualifiers(const Package& package, std::string_view epoch, std::string& out) {
  char mark = '?';
  const auto append = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out += mark;
    out.append(key) += '=';
    append_percent_encoded(value, "", out);
    mark = '&';
  };
  append("arch", package.architecture);
  append("distro", package.distribution);
  append("epoch", epoch);
}

}  // namespace

std::string purl_of(const Package& package) {
  // Without a version nobody could look for it.
  if (package.ecosystem == Ecosystem::kNone && package.version.empty()) return {};
  std::string out = "pkg:";
  out += names_of(package.ecosystem).purl;
  out += '/';
  if (!package.distribution.empty()) {
    append_percent_encoded(system_of(package.distribution), "", out);
    out += '/';
  }
  std::string name = package.name;
  // "group:artifact" is a namespace and a name.
  const std::size_t colon = name.find(':');
  if (package.ecosystem == Ecosystem::kMaven && colon != std::string::npos) name[colon] = '/';
  // A part of a pod, "Pod/Part", is its subpath.
  std::string part;
  const std::size_t slash = name.find('/');
  if (package.ecosystem == Ecosystem::kCocoapods && slash != std::string::npos) {
    part = name.substr(slash + 1);
    name.resize(slash);
  }
  append_percent_encoded(name, "/", out);
  std::string_view version = package.version;
  std::string_view epoch;
  if (package.ecosystem == Ecosystem::kRpm && version.find(':') != std::string_view::npos) {
    epoch = version.substr(0, version.find(':'));
    version.remove_prefix(epoch.size() + 1);
  }
  if (!version.empty()) {
    out += '@';
    append_percent_encoded(version, "", out);
  }
  append_qualifiers(package, epoch, out);
  if (!part.empty()) {
    out += '#';
    append_percent_encoded(part, "/", out);
  }
  return out;
}

}  // namespace vedette::formats::packages
