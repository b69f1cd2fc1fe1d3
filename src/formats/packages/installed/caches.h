// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// What builds of languages leave in their caches and working folders, and vendors in their images;
// see PackageFileKind::read.
namespace vedette::formats::packages {

// NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt in the cache of Conan 1: the path tells which.
// Elsewhere, in a folder that Conan 1 built in, it lists what that was built with.
PackageList read_conan_info(std::string_view path, std::string_view bytes, const Limits& limits);
// conanmanifest.txt of what Conan 2 deployed: full_deploy/host/NAME/VERSION/…, build for tools; or
// direct_deploy/NAME, which tells no version.
PackageList read_conan_deployed(std::string_view path, std::string_view bytes,
                                const Limits& limits);
// .dart_tool/package_config.json: folders of packages, named after their versions.
PackageList read_dart_config(std::string_view path, std::string_view bytes, const Limits& limits);
// pubspec.yaml of a package in the cache of Dart's pub.
PackageList read_dart_cached(std::string_view path, std::string_view bytes, const Limits& limits);
// .build/workspace-state.json: what Swift checked out.
PackageList read_swift_workspace(std::string_view path, std::string_view bytes,
                                 const Limits& limits);
// .spdx-NAME.spdx, an SPDX document that Bitnami lays beside what it installs.
PackageList read_bitnami_spdx(std::string_view path, std::string_view bytes, const Limits& limits);
// .bitnami_components.json: the same in older images, by name and version only.
PackageList read_bitnami_components(std::string_view path, std::string_view bytes,
                                    const Limits& limits);
// A package of Python that was installed as one zip, with EGG-INFO in it.
PackageList read_egg(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
