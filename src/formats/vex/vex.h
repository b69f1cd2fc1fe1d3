// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "event/finding.h"

// What producers say of vulnerabilities in their products (VEX), in one shape whatever the format.
namespace vedette::formats::vex {

enum class VexFormat : std::uint8_t { kOpenVex, kCsaf, kCycloneDx };

// One piece of software under all names that the document has for it: any of them is enough.
struct VexIdentity {
  std::string name;                // as people read it, or the document's own id
  std::vector<std::string> purls;  // without a version: all of them
  std::vector<std::string> cpes;
  std::vector<std::string> hashes;  // "sha256:" and digits in lower case
  // "vers:npm/>=1|<2" where it is about a range of versions. One in another notation than vers
  // stands as it was written; nothing can be said to be in it.
  std::string range;
};

struct VexProduct {
  VexIdentity identity;
  // What inside of the product the statement is about; empty: the product itself.
  std::vector<VexIdentity> parts;
};

struct VexStatement {
  std::vector<std::string> vulnerabilities;  // all names of the one that it is about
  std::vector<VexProduct> products;
  event::VexStatus status = event::VexStatus::kUnderInvestigation;
  std::string justification;  // the format's word: "vulnerable_code_not_present"
  std::string impact;
  std::string action;
  TimeNs time = 0;  // 0: not told
};

struct VexDocument {
  VexFormat format = VexFormat::kOpenVex;
  std::string id;
  std::string author;
  std::vector<VexStatement> statements;
  std::vector<Diagnostic>
      problems;  // statements that say nothing clear are left out, and told here
};

// Of CycloneDX's analysis.state; nothing for other words.
std::optional<event::VexStatus> cyclonedx_status(std::string_view state);

// By its content: OpenVEX (0.0.x and 0.2), CSAF 2.0, CycloneDX 1.4 to 1.6 with analyses. kInvalid
// where it is none of these; a bill of materials without analyses is none. Of CSAF every profile is
// read that has a product_status. Relationships of CSAF become products with parts: what they are
// in comes first.
Result<VexDocument> read_vex(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::vex
