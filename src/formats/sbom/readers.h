// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "formats/packages/package_reading.h"
#include "formats/packages/tree.h"
#include "formats/sbom/sbom.h"

namespace vedette::formats::sbom {

// Tags and values begin with their version in so many bytes, comments before it included.
inline constexpr std::size_t kHeadBytes = 4096;

Sbom read_cyclonedx(std::string_view path, packages::Tree& tree);
// Refuses documents that declare entities.
Result<Sbom> read_cyclonedx_xml(std::string_view path, std::string_view bytes,
                                const Limits& limits);
Sbom read_spdx(std::string_view path, packages::Tree& tree);
Sbom read_spdx_tags(std::string_view path, std::string_view bytes, const Limits& limits);

// Adds what a Package URL and what stands beside it say; PackageReading::kNone where that is
// nothing.
std::uint32_t add_package(std::string_view purl, std::string_view name, std::string_view version,
                          std::uint32_t line, packages::PackageReading& reading);

}  // namespace vedette::formats::sbom
