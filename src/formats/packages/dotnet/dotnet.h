// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// Readers of what NuGet and the builders of .NET write; see PackageFileKind::read.
namespace vedette::formats::packages {

PackageList read_nuget_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_packages_config(std::string_view path, std::string_view bytes,
                                 const Limits& limits);
// paket.lock: what it has of NuGet.
PackageList read_paket_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// NAME.deps.json, which stands beside a built program.
PackageList read_deps_json(std::string_view path, std::string_view bytes, const Limits& limits);
// Packages.props and projects (*.csproj and their like): what one file of them says by itself.
PackageList read_msbuild(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
