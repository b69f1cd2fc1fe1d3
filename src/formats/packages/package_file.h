// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "formats/packages/package.h"

namespace vedette::formats::packages {

// Lock files and manifests are what a source tree asks for; the others are what lies installed in a
// file system. Where a folder has both of one ecosystem, the lock file speaks. Files of checksums
// (go.sum) name more than is used: they speak of what no complete file of the folder names. Lists
// of files say only what belongs to a package that another file names (file_owners.h).
enum class FileRole : std::uint8_t { kLock, kManifest, kInstalled, kChecksums, kFiles };

enum class FileBytes : std::uint8_t { kText, kBinary };

// One kind of file that names packages: a row of the table.
struct PackageFileKind {
  std::string_view name;  // "npm package-lock"
  FileRole role = FileRole::kLock;
  // How paths of the kind end, by blanks: "/yarn.lock" is the whole name of a file, ".gemspec" or
  // "lock.json" its end. Empty: that alone says nothing.
  std::string_view ends = {};
  // What else is asked of the path (relative, '/' between parts); null: nothing. Cheap.
  bool (*is_here)(std::string_view path) = nullptr;
  // Reads all of it. What cannot be read is in PackageList::problems, never lost silently.
  // Package::path is `path`.
  PackageList (*read)(std::string_view path, std::string_view bytes,
                      const Limits& limits) = nullptr;
  FileBytes bytes = FileBytes::kText;

  // Whether a name tells the kind; of others their first bytes do.
  bool has_name() const { return !ends.empty() || is_here != nullptr; }
  // Whether a file with this path may be of the kind, which has a name.
  bool matches(std::string_view path) const;
};

class JarTable;

// What PackageFileKind::read gives; in Java archives classes are looked for by `jars`, too, unless
// null (jars/jar_table.h).
PackageList read_package_file(const PackageFileKind& kind, std::string_view path,
                              std::string_view bytes, const Limits& limits, const JarTable* jars);

// All kinds, in the order of their names; the first that matches a path is the one.
std::span<const PackageFileKind> package_file_kinds();
const PackageFileKind* package_file_kind(std::string_view path);
// By PackageFileKind::name; null when there is none such.
const PackageFileKind* package_kind_of_name(std::string_view name);
// The kind of a file in a file system, of which only what lies installed is asked: there also a
// package.json outside of node_modules names its own package, as Debian and bundles have them.
// Null for others.
const PackageFileKind* installed_file_kind(std::string_view path);
// The kind of a file that has no name to know it by: programs, by their first bytes. Null for
// others, and for libraries (".so"), which but a few say nothing of packages.
const PackageFileKind* package_content_kind(std::string_view path, std::string_view head);

}  // namespace vedette::formats::packages
