// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "formats/packages/package_file.h"

// Readers of what builders of the Java machine's programs write; see PackageFileKind::read. Names
// are "group:artifact".
namespace vedette::formats::packages {

// pom.xml as far as it speaks for itself; what its parent and imported projects say comes with
// pom_family.h, where these are read too.
PackageList read_pom(std::string_view path, std::string_view bytes, const Limits& limits);
// With what ${names} stand for, as far as that is known; an empty value is not.
std::string replace_properties(
    std::string_view text,
    const std::function<std::string_view(const std::string& name)>& value_of);
bool is_maven_version(std::string_view text);
PackageList read_gradle_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_gradle_verification(std::string_view path, std::string_view bytes,
                                     const Limits& limits);
// libs.versions.toml, Gradle's catalog of what its projects may ask for.
PackageList read_gradle_catalog(std::string_view path, std::string_view bytes,
                                const Limits& limits);
PackageList read_sbt_lock(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
