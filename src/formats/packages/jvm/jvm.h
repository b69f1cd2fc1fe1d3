// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// Readers of what builders of the Java machine's programs write; see PackageFileKind::read. Names
// are "group:artifact".
namespace vedette::formats::packages {

// pom.xml as far as it speaks for itself: versions that a parent or an imported project gives stay
// unknown, since nothing is fetched.
PackageList read_pom(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_gradle_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_gradle_verification(std::string_view path, std::string_view bytes,
                                     const Limits& limits);
// libs.versions.toml, Gradle's catalog of what its projects may ask for.
PackageList read_gradle_catalog(std::string_view path, std::string_view bytes,
                                const Limits& limits);
PackageList read_sbt_lock(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
