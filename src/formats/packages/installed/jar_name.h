// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// What a jar is called, by its pom.properties, which few tools but Maven write, or all else.
namespace vedette::formats::packages {

struct JarName {
  std::string group;  // empty: nothing says it
  std::string artifact;
  std::string version;
};

// pom.properties.
JarName read_pom_properties(std::string_view text);

// "commons-io-2.11.0.jar", "log4j-1.2-api-2.17.1.jar", "netty-4.1.94.Final-linux-x86_64.jar"
// (what follows the version there is none of it). Empty where no version stands in the name.
JarName jar_name_of_file(std::string_view path);

// The group of an artifact that is known under that name to everybody; empty for others.
std::string_view known_jar_group(std::string_view artifact);

// What the file's place in a repository of Maven's (GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION.jar
// below a folder "repository", "maven-repo" or "maven2"), else its name and META-INF/MANIFEST.MF
// say together. No artifact or no version: nothing is known.
JarName jar_name(std::string_view manifest, std::string_view path);

}  // namespace vedette::formats::packages
