// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/packages/installed/jar_name.h"

namespace vedette::formats::packages {

// Where a jar that somebody keeps lies.
struct JarPlace {
  std::string_view path;    // as the file system has it
  std::string_view folder;  // that was named, which the path begins with; empty: the jar itself was
};

// Group, artifact and version of a jar as a repository has it: by its place (Maven's layout below
// the folder or below one of jar_name()'s, Gradle's "files-2.1/GROUP/ARTIFACT/VERSION/HASH/"), else
// by its pom.properties, else by its name and manifest. Without an artifact where there is no group
// to it, and for files that are not the artifact itself (ARTIFACT-VERSION-sources.jar, -tests, -all
// …) in a layout that says so.
JarName jar_coordinates(const JarPlace& place, const std::vector<JarName>& poms,
                        std::string_view manifest);

}  // namespace vedette::formats::packages
