// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/file_owners.h"

#include <gtest/gtest.h>
#include <string>

#include "formats/packages/owned_path.h"

namespace vedette::formats::packages {
namespace {

PackageFile file_of(const std::string& path, std::string_view bytes) {
  const PackageFileKind* kind = installed_file_kind(path);
  return {path, kind, kind->read(path, bytes, Limits{}), "", 0};
}

PackageFile program_of(const std::string& path) {
  static constexpr PackageFileKind kKind = {"program", FileRole::kInstalled};
  PackageFile file{path, &kKind, {}, "", 0};
  file.list.packages.emplace_back();
  return file;
}

TEST(FileOwnersTest, ListsGoToTheirPackages) {
  std::vector<PackageFile> files = {
      file_of("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n"),
      file_of("var/lib/dpkg/info/libc6:amd64.list", "/lib/libc.so.6\n"),
      file_of("var/lib/dpkg/info/gone.list", "/etc/gone\n"),
      file_of("var/lib/dpkg/status",
              "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5\n\n"
              "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2\n\n"
              "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n"),
      file_of("var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n"),
      file_of("var/lib/pacman/local/a-1-1/files",
              "%FILES%\nusr/\nusr/bin/a\n\n%BACKUP%\netc/a\t0\n"),
      file_of("var/db/pkg/x/y-1/PF", "y-1\n"),
      file_of("var/db/pkg/x/y-1/CONTENTS",
              "dir /usr\nobj /usr/a b 900150983cd24fb0d6963f7d28e17f72 1\nsym /usr/l -> m 1\n"),
      program_of("usr/bin/bash"),
      program_of("opt/bash"),
  };
  settle_files(files);
  ASSERT_EQ(files.size(), 4U);
  const std::vector<Package>& dpkg = files[0].list.packages;
  EXPECT_EQ(dpkg[0].files, std::vector{path_key("/usr/bin/bash")});
  EXPECT_TRUE(dpkg[1].files.empty());
  EXPECT_EQ(dpkg[2].files, std::vector{path_key("usr/lib/libc.so.6")});
  EXPECT_EQ(files[1].list.packages[0].files, std::vector{path_key("usr/bin/a")});
  EXPECT_EQ(files[2].list.packages[0].files, (std::vector{path_key("usr/a b"), path_key("usr/l")}));
  EXPECT_EQ(files[3].path, "opt/bash");
}

TEST(FileOwnersTest, SumsOfImagesWithoutDpkgAreLists) {
  std::vector<PackageFile> files = {
      file_of("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 1\n"),
      file_of("var/lib/dpkg/status.d/tzdata.md5sums",
              "900150983cd24fb0d6963f7d28e17f72  usr/share/zoneinfo/UTC\n"),
  };
  settle_files(files);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].list.packages[0].files, std::vector{path_key("/usr/share/zoneinfo/UTC")});
}

}  // namespace
}  // namespace vedette::formats::packages
