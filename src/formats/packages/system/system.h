// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// Databases of what a system's package manager has installed; see PackageFileKind::read. Which
// distribution it is says os-release (os_release.h), not they.
namespace vedette::formats::packages {

// var/lib/dpkg/status, and a file of status.d, which images without dpkg have for each package.
PackageList read_dpkg_status(std::string_view path, std::string_view bytes, const Limits& limits);
// lib/apk/db/installed.
PackageList read_apk_installed(std::string_view path, std::string_view bytes, const Limits& limits);
// var/lib/pacman/local/NAME-VERSION/desc.
PackageList read_pacman_desc(std::string_view path, std::string_view bytes, const Limits& limits);
// var/db/pkg/CATEGORY/NAME-VERSION/PF.
PackageList read_portage_pf(std::string_view path, std::string_view bytes, const Limits& limits);
// rpm's database of any of its three kinds, told apart by their first bytes: Berkeley DB's hash
// (Packages), its own (Packages.db), SQLite (rpmdb.sqlite). What `rpm -qa` tells, in the order of
// the database; keys (gpg-pubkey) are among it.
PackageList read_rpm_database(std::string_view path, std::string_view bytes, const Limits& limits);

// var/lib/rpmmanifest/container-manifest-2, which images of Azure Linux without rpm have.
PackageList read_rpm_manifest(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::packages
