// SPDX-License-Identifier: Apache-2.0
#include "formats/advisories/lifecycle.h"

#include "formats/advisories/json.h"

namespace vedette::formats::advisories {
namespace {

void add_releases(const Json& product, std::vector<Lifecycle>& lifecycles) {
  const std::string name(product["name"].text());
  if (name.empty()) return;
  product["releases"].for_each([&](const Json& release) {
    if (release["name"].text().empty()) return;
    lifecycles.push_back({name, std::string(release["name"].text()),
                          std::string(release["eolFrom"].text()), release["isEol"].is_true()});
  });
}

}  // namespace

Result<std::vector<Lifecycle>> read_lifecycles(std::string_view json, std::string_view product) {
  JsonDocument document;
  TRY(const Json root, document.parse(json));
  std::vector<Lifecycle> lifecycles;
  root.for_each([&](const Json& cycle) {
    if (cycle["cycle"].text().empty()) return;
    // A date, or whether it is over.
    lifecycles.push_back({std::string(product), std::string(cycle["cycle"].text()),
                          std::string(cycle["eol"].text()), cycle["eol"].is_true()});
  });
  const Json result = root["result"];
  result.for_each([&](const Json& one) { add_releases(one, lifecycles); });
  add_releases(result, lifecycles);
  if (lifecycles.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected products with releases, or cycles, found neither");
  }
  return lifecycles;
}

}  // namespace vedette::formats::advisories
