// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// What package managers of languages leave where they install; see PackageFileKind::read.
namespace vedette::formats::packages {

class JarTable;

// *.dist-info/METADATA, *.egg-info/PKG-INFO: headers as of mail (PEP 566).
PackageList read_python_metadata(std::string_view path, std::string_view bytes,
                                 const Limits& limits);
// specifications/*.gemspec, of which only assignments of plain texts are read.
PackageList read_gemspec(std::string_view path, std::string_view bytes, const Limits& limits);
// library/NAME/DESCRIPTION.
PackageList read_r_description(std::string_view path, std::string_view bytes, const Limits& limits);
// jar, war, ear and jars in them: pom.properties of Maven, else the manifest, else the file's name.
PackageList read_jar(std::string_view path, std::string_view bytes, const Limits& limits);
// And what was taken into it without its name, by its classes; each place is the folder that these
// lie in ("app.jar!/acme/shaded").
PackageList read_jar(std::string_view path, std::string_view bytes, const Limits& limits,
                     const JarTable& jars);
// Programs: what Go's linker says of modules, what cargo-auditable says of crates. Empty for
// others.
PackageList read_program(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
