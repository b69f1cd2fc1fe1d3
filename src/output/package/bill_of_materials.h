// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "formats/packages/inventory.h"
#include "formats/packages/license.h"

// What CycloneDX and SPDX say of packages: each once, however many files name it.
namespace vedette::output {

struct BillComponent {
  const formats::packages::Package* package = nullptr;  // of the first file that names it
  std::string reference;  // its Package URL, else "name@version", made unique
  std::string purl;       // may be empty
  formats::packages::Relation relation = formats::packages::Relation::kUnknown;
  formats::packages::Scope scope = formats::packages::Scope::kProduction;
  struct Occurrence {
    std::string_view path;
    std::uint32_t line = 0;
  };
  std::vector<Occurrence> occurrences;
  formats::packages::LicenseExpression license;
  // Package::owned_files, each once, by path.
  std::vector<const formats::packages::OwnedFile*> files;
  std::vector<std::uint32_t> needs;  // indices of components, ascending
};

struct BillOfMaterials {
  std::vector<BillComponent> components;  // by reference
  // What is asked for by what was scanned: its roots, and what is direct and no root's need.
  std::vector<std::uint32_t> asked;
  // A UUID made of all of the above, `subject` and `time`: the same for the same.
  std::string uuid;
};

// `files` outlive the result.
BillOfMaterials make_bill(const std::vector<formats::packages::PackageFile>& files,
                          std::string_view subject, TimeNs time);

// A UUID made of a digest: the same for the same.
std::string make_uuid(const Sha256& digest);

// "sha512" and lower-case hexadecimal, of "sha512-<base64>", "sha256:<hexadecimal>" and the like;
// empty: something else.
struct Checksum {
  std::string algorithm;
  std::string digits;
};
Checksum read_checksum(std::string_view written);

}  // namespace vedette::output
