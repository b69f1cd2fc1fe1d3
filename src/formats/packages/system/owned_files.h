// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// Which files belong to a package, where that is a file of its own beside the database: lists of
// one package without a version, or without a name, that has files; see
// PackageFileKind::read and settle_files() (file_owners.h), which gives the files to the package
// of the database.
namespace vedette::formats::packages {

// var/lib/dpkg/info/NAME[:ARCHITECTURE].list: a path a line.
PackageList read_dpkg_list(std::string_view path, std::string_view bytes, const Limits& limits);
// var/lib/dpkg/status.d/NAME.md5sums, of images without dpkg: a sum and a path a line.
PackageList read_dpkg_sums(std::string_view path, std::string_view bytes, const Limits& limits);
// var/lib/pacman/local/NAME-VERSION/files: the section %FILES%.
PackageList read_pacman_files(std::string_view path, std::string_view bytes, const Limits& limits);
// var/db/pkg/CATEGORY/NAME-VERSION/CONTENTS: "obj PATH SUM TIME", "sym PATH -> TARGET TIME".
PackageList read_portage_contents(std::string_view path, std::string_view bytes,
                                  const Limits& limits);

}  // namespace vedette::formats::packages
