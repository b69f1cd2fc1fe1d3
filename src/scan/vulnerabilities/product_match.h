// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/packages/package.h"
#include "formats/packages/purl_parts.h"
#include "formats/vex/vex.h"

// Whether what a statement names is what was found.
namespace vedette::scan::vulnerabilities {

// Whether `pattern` agrees with `found` in all that it says. Names as their ecosystems compare
// them, "debian-12" as "debian-12.5", versions in the order of the ecosystem.
bool purl_matches(const formats::packages::PurlParts& pattern,
                  const formats::packages::PurlParts& found);

// "pkg:oci/shop@sha256:…?repository_url=…" of a statement against that of the image: the digest
// must be one of these where one is told, the repository where both tell it.
bool image_matches(const formats::packages::PurlParts& pattern,
                   const formats::packages::PurlParts& image);

bool package_matches(const formats::vex::VexIdentity& identity,
                     const formats::packages::Package& package);

// Whether a CPE names the distribution ("cpe:/o:redhat:enterprise_linux:9" is "rhel-9").
bool cpe_is_of(std::string_view cpe, std::string_view distribution);

}  // namespace vedette::scan::vulnerabilities
