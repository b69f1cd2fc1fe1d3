// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "formats/packages/package.h"

// Bills of materials, ours and those of others.
namespace vedette::formats::sbom {

enum class SbomKind : std::uint8_t { kCycloneDx, kSpdx, kSpdxTagValue };

struct Sbom {
  SbomKind kind = SbomKind::kCycloneDx;
  std::string version;       // of the format, "1.6", "SPDX-2.3"
  std::string subject;       // what it is about; may be empty
  std::string subject_purl;  // may be empty
  packages::PackageList list;
};

// By its content: CycloneDX 1.2 to 1.6 in JSON or XML, SPDX 2.2 and 2.3 in JSON or as tags and
// values. Components inside of components count as others do. What could not be read is in
// PackageList::problems; kInvalid where it is none of these at all.
//
// A component without a Package URL keeps its name and version and has no ecosystem, so that it is
// listed and no advisory is asked about it.
Result<Sbom> read_sbom(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::sbom
