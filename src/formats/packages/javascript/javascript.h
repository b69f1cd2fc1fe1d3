// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "formats/packages/package_file.h"

// Readers of what JavaScript's package managers write; see PackageFileKind::read.
namespace vedette::formats::packages {

// package-lock.json, npm-shrinkwrap.json, node_modules/.package-lock.json; lockfileVersion 1 to 3.
PackageList read_npm_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// yarn.lock of yarn 1 and of berry.
PackageList read_yarn_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// pnpm-lock.yaml; lockfileVersion 5 to 9.
PackageList read_pnpm_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// deno.lock; version 2 to 5.
PackageList read_deno_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_bun_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// package.json of a project, and of an installed package.
PackageList read_package_json(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_installed_package_json(std::string_view path, std::string_view bytes,
                                        const Limits& limits);

// Whether a range ("4.17.4") is met by one version only.
bool is_exact_semver(std::string_view text);

// The kinds of needs that package.json knows, and what they are for.
struct NpmNeedKind {
  std::string_view key;
  Scope scope = Scope::kProduction;
};
inline constexpr std::array<NpmNeedKind, 4> kNpmNeedKinds = {{
    {"dependencies", Scope::kProduction},
    {"devDependencies", Scope::kDevelopment},
    {"optionalDependencies", Scope::kOptional},
    {"peerDependencies", Scope::kProduction},
}};
// A package itself needs no development.
inline constexpr std::array<std::string_view, 3> kNpmInnerNeeds = {
    "dependencies", "optionalDependencies", "peerDependencies"};

}  // namespace vedette::formats::packages
