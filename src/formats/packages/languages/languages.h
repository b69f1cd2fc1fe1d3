// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/packages/package_file.h"

// Readers of languages with one or two kinds of files each; see PackageFileKind::read.
namespace vedette::formats::packages {

PackageList read_go_mod(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_go_sum(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_cargo_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_cargo_toml(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_gemfile_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_composer_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_composer_json(std::string_view path, std::string_view bytes, const Limits& limits);
// vendor/composer/installed.json of composer 1 and 2.
PackageList read_composer_installed(std::string_view path, std::string_view bytes,
                                    const Limits& limits);
PackageList read_pubspec_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_mix_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// rebar.lock of all versions, a list of Erlang's terms.
PackageList read_rebar_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// manifest.toml of Gleam.
PackageList read_gleam_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits);
// Cartfile.resolved of Carthage, and Cartfile, which asks for ranges.
PackageList read_cartfile(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_podfile_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_swift_resolved(std::string_view path, std::string_view bytes,
                                const Limits& limits);
// As OSV names packages of SwiftURL: an address without scheme and ".git".
std::string swift_name(std::string_view location);
// MODULE.bazel, of which only calls with plain texts are read.
PackageList read_bazel_module(std::string_view path, std::string_view bytes, const Limits& limits);
// MODULE.bazel.lock of Bazel 6 (a graph of modules) and 7.2 (files of registries).
PackageList read_bazel_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// maven_install.json of rules_jvm_external, all versions.
PackageList read_maven_install(std::string_view path, std::string_view bytes, const Limits& limits);
// conan.lock of Conan 1 (a graph) and 2 (lists).
PackageList read_conan_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// conanfile.txt, and conanfile.py, of which only what is asked for in plain texts is read.
PackageList read_conanfile_text(std::string_view path, std::string_view bytes,
                                const Limits& limits);
PackageList read_conanfile_recipe(std::string_view path, std::string_view bytes,
                                  const Limits& limits);
// p/cache.sqlite3 of Conan 2: packages that lie in its cache, not recipes alone.
PackageList read_conan_cache(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_julia_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits);
PackageList read_julia_project(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_renv_lock(std::string_view path, std::string_view bytes, const Limits& limits);
// An .opam file, whose ".locked" settles on versions; switch-state of opam: what is installed.
PackageList read_opam(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_opam_switch(std::string_view path, std::string_view bytes, const Limits& limits);
// vcpkg.json of a project or a port, and vcpkg/status, which tells what is installed.
PackageList read_vcpkg_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits);
PackageList read_vcpkg_status(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_cabal_freeze(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_stack_lock(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
