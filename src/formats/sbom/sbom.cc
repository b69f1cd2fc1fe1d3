// SPDX-License-Identifier: Apache-2.0
#include "formats/sbom/sbom.h"

#include "formats/packages/tree.h"
#include "formats/sbom/readers.h"

namespace vedette::formats::sbom {

Result<Sbom> read_sbom(std::string_view path, std::string_view bytes, const Limits& limits) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && bytes[first] == '{') {
    packages::Tree tree = packages::read_json(path, bytes, limits);
    if (tree.root["bomFormat"].text == "CycloneDX") return read_cyclonedx(path, tree);
    if (tree.root["spdxVersion"].text.starts_with("SPDX-2.")) return read_spdx(path, tree);
    if (tree.root["spdxVersion"].is_text() || tree.root.has("@graph")) {
      return failure(ErrorCode::kUnsupported, std::string(path) +
                                                  ": expected SPDX 2.2 or 2.3, found another "
                                                  "version of it");
    }
    if (!tree.problems.empty())
      return failure(ErrorCode::kInvalid,
                     to_string(tree.problems.front().place) + ": " + tree.problems.front().message);
  }
  if (first != std::string_view::npos && bytes[first] == '<')
    return read_cyclonedx_xml(path, bytes.substr(first), limits);
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return failure(ErrorCode::kUnsupported,
                   std::string(path) + ": expected UTF-8, found UTF-16; convert it");
  if (bytes.find("SPDXVersion:") < kHeadBytes) return read_spdx_tags(path, bytes, limits);
  return failure(
      ErrorCode::kInvalid,
      std::string(path) +
          ": expected a bill of materials (CycloneDX or SPDX in JSON, CycloneDX in XML, SPDX as "
          "tags and values), found something else");
}

}  // namespace vedette::formats::sbom
