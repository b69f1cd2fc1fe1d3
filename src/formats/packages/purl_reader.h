// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "formats/packages/package.h"

namespace vedette::formats::packages {

// What a Package URL says (package-url/purl-spec): "pkg:deb/debian/curl@7.88.1-10?arch=amd64&
// distro=debian-12&upstream=curl%407.88.1" and the like. Of a type that we do not know
// Ecosystem::kNone; nothing where the text is no Package URL.
std::optional<Package> package_of_purl(std::string_view purl);

}  // namespace vedette::formats::packages
