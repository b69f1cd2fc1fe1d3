// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/packages/inventory.h"
#include "formats/vex/vex.h"

namespace vedette::scan::vulnerabilities {

// What was scanned, as statements may name it: an image, or the subject of a bill of materials.
struct ScannedProduct {
  std::vector<std::string> purls;
  std::vector<std::string> digests;  // "sha256:…" of manifest and configuration
  std::vector<std::string> names;    // of an image: "registry.example/shop:1"
};

struct VexCounts {
  std::uint64_t statements = 0;
  std::uint64_t unused = 0;  // that hold for nothing that was found
  std::uint64_t suppressed = 0;
};

// Statements of producers against findings. One thread.
//
// A statement is about a finding when it names the vulnerability, by any of its names, and a
// product that is
//  - the package, or what that was built from;
//  - what was scanned, as a whole;
//  - with parts: the package is one of the parts, and the product is what was scanned, the
//    project's root, or a package that needs the part, wherever the part stands.
// A Package URL holds for all that agree with what it says: without a version for all versions. Of
// several statements about a finding the newest holds, of equally new ones the one read last.
class VexStatements {
 public:
  void add(std::string file, formats::vex::VexDocument document);
  bool empty() const { return statements_.empty(); }

  // Sets FindingVulnerability::statement, with evidence. `files`: where findings come from.
  VexCounts apply(const std::vector<formats::packages::PackageFile>& files,
                  const ScannedProduct& scanned, std::vector<event::Finding>& findings) const;

 private:
  struct Source {
    std::string file;
    std::string id;
    std::string author;
  };
  struct Statement {
    formats::vex::VexStatement said;
    std::size_t source = 0;
  };

  std::vector<Source> sources_;
  std::vector<Statement> statements_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_name_;  // in lower case
};

}  // namespace vedette::scan::vulnerabilities
