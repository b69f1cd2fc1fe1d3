// SPDX-License-Identifier: Apache-2.0
// What the text cases of package_file_test.cc do not show: systems' names, addresses of packages,
// files of packages, and databases that lie.
#include "formats/packages/system/system.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/packages/owned_path.h"
#include "formats/packages/purl.h"
#include "formats/packages/system/os_release.h"

namespace vedette::formats::packages {
namespace {

TEST(OsReleaseTest, ReadsWhatAShellWould) {
  const OsRelease debian = read_os_release(
      "# a comment\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
      "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n");
  EXPECT_EQ(debian.distribution(), "debian-12");
  EXPECT_EQ(debian.name, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(read_os_release("ID='opensuse-leap'\r\nVERSION_ID='15.5'\r\n").distribution(),
            "opensuse-leap-15.5");
  EXPECT_EQ(read_os_release("ID=arch\n").distribution(), "arch");
  EXPECT_EQ(read_os_release("no assignment").distribution(), "");
}

TEST(OsReleaseTest, PackagesOfSystemsHaveItInTheirAddress) {
  PackageList list;
  list.packages.resize(2);
  list.packages[0].ecosystem = Ecosystem::kRpm;
  list.packages[0].name = "openssl-libs";
  list.packages[0].version = "1:3.0.7-24.el9";
  list.packages[0].architecture = "x86_64";
  list.packages[1].ecosystem = Ecosystem::kNpm;
  list.packages[1].name = "a";
  set_distribution(read_os_release("ID=opensuse-leap\nVERSION_ID=15.5\n"), list);
  EXPECT_EQ(purl_of(list.packages[0]),
            "pkg:rpm/opensuse-leap/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=opensuse-leap-15.5"
            "&epoch=1");
  EXPECT_EQ(purl_of(list.packages[1]), "pkg:npm/a");
}

std::string seed(std::string_view name) {
  Result<std::string> bytes = read_file(
      std::string(VEDETTE_SOURCE_DIR) + "/tests/corpus/rpm_database/" + std::string(name), 1 << 20);
  CHECK(bytes.has_value());
  return *bytes;
}

TEST(RpmDatabaseTest, FilesOfPackagesAreNamed) {
  const PackageList list = read_rpm_database("rpmdb.sqlite", seed("sqlite"), {});
  ASSERT_EQ(list.packages.size(), 3U);
  const std::vector<std::uint64_t> files = {path_key("usr/bin/bash"), path_key("/etc/bashrc")};
  EXPECT_EQ(list.packages[0].files, files);
  EXPECT_EQ(list.packages[1].source_name, "openssl");
  EXPECT_EQ(list.packages[1].source_version, "1:3.0.7-24.el9");
}

// Whatever one byte says: an end in time, and never a word that is not in the file.
TEST(RpmDatabaseTest, AnyByteMayLie) {
  for (const std::string_view name : {"ndb", "berkeley", "sqlite"}) {
    const std::string good = seed(name);
    for (std::size_t at = 0; at < good.size(); at += at < 64 ? 1 : 7) {
      for (const char lie : {'\0', '\x01', '\x7F', '\xFF'}) {
        std::string bytes = good;
        bytes[at] = lie;
        const PackageList list = read_rpm_database(name, bytes, {});
        for (const Package& package : list.packages) EXPECT_FALSE(package.name.empty());
      }
    }
  }
}

// A chain of pages that leads back to itself.
TEST(RpmDatabaseTest, ARingOfPagesEnds) {
  std::string bytes = seed("berkeley");
  constexpr std::size_t kPage = 512;
  bytes[2 * kPage + 16] = 2;
  bytes[kPage + kPage - 5 - 5 - 4] = '\x7F';  // the length that the item says, far too long
  EXPECT_LE(read_rpm_database("Packages", bytes, {}).packages.size(), 1U);
}

TEST(DpkgTest, SourcesMayHaveAVersionOfTheirOwn) {
  const PackageList list = read_dpkg_status(
      "status", "Package: a\nVersion: 1-1+b1\nSource: b (1-1)\n\nPackage: c\nVersion: 2\n", {});
  ASSERT_EQ(list.packages.size(), 2U);
  EXPECT_EQ(list.packages[0].source_name, "b");
  EXPECT_EQ(list.packages[0].source_version, "1-1");
  EXPECT_EQ(list.packages[1].source_name, "");
}

}  // namespace
}  // namespace vedette::formats::packages
