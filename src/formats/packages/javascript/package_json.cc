// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

std::vector<std::string> licenses(const Node& root) {
  std::vector<std::string> found = licenses_of(root["license"]);
  return found.empty() ? licenses_of(root["licenses"]) : found;
}

}  // namespace

bool is_exact_semver(std::string_view text) {
  const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::count(numbers.begin(), numbers.end(), '.') == 2 && digit(numbers.front()) &&
         digit(numbers.back()) && numbers.find("..") == std::string_view::npos &&
         std::all_of(numbers.begin(), numbers.end(),
                     [&](char c) { return c == '.' || digit(c); }) &&
         text.find_first_of(" |,") == std::string_view::npos;
}

PackageList read_package_json(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  for (const NpmNeedKind& kind : kNpmNeedKinds) {
    for (const Member& need : tree.root[kind.key].members) {
      std::string_view name = need.key;
      std::string_view range = need.value.text;
      // "npm:real@^1.0.0" stands for another package.
      const Halves alias = cut_last(range, "@");
      if (range.starts_with("npm:") && alias.before.size() > 4) {
        name = alias.before.substr(4);
        range = alias.behind;
      }
      const std::uint32_t index =
          reading.add(name, is_exact_semver(range) ? range : std::string_view(), need.line);
      Package& package = reading.at(index);
      package.requested = range;
      package.relation = Relation::kDirect;
      package.scope = kind.scope;
    }
  }
  return reading.take();
}

PackageList read_installed_package_json(std::string_view path, std::string_view bytes,
                                        const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  reading.list().complete = false;
  const Node& name = tree.root["name"];
  const Node& version = tree.root["version"];
  // Many packages bring files that say only how their modules are read.
  if (name.is_text() && version.is_text()) {
    const std::uint32_t index = reading.add(name.text, version.text, version.line);
    reading.at(index).licenses = licenses(tree.root);
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
