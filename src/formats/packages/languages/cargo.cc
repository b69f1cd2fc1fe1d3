// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::string_view kCratesIo = "registry+https://github.com/rust-lang/crates.io-index";

// "name", "name 1.0.0" or "name 1.0.0 (source)": as much as is needed to tell packages apart.
std::string key_of(std::string_view need) {
  return std::string(trimmed(cut_first(need, "(").before));
}

struct NeedKind {
  std::string_view key;
  Scope scope = Scope::kProduction;
};
constexpr NeedKind kNeedKinds[] = {{"dependencies", Scope::kProduction},
                                   {"build-dependencies", Scope::kProduction},
                                   {"dev-dependencies", Scope::kDevelopment}};

void add_needs(const Node& table, PackageReading& reading) {
  for (const NeedKind& kind : kNeedKinds) {
    for (const Member& need : table[kind.key].members) {
      const Node& value = need.value;
      const std::string_view name =
          value["package"].text.empty() ? need.key : value["package"].text;
      const std::string_view range = value.is_table() ? value["version"].text : value.text;
      const std::uint32_t index = reading.add(
          name, range.starts_with('=') ? trimmed(range.substr(1)) : std::string_view(), need.line);
      Package& package = reading.at(index);
      package.requested = range;
      package.relation = Relation::kDirect;
      package.scope = kind.scope;
      if (value["optional"].is_true()) package.scope = Scope::kOptional;
      package.resolved = value["git"].text.empty() ? value["path"].text : value["git"].text;
    }
  }
}

}  // namespace

PackageList read_cargo_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kCargo, tree);
  const Node& packages = tree.root["package"];
  reading.expect(packages.is_list() || tree.root.has("version"), 1, "[[package]]");
  std::vector<const Node*> entries;
  for (const Member& member : packages.members) entries.push_back(&member.value);
  if (tree.root["root"].is_table()) entries.push_back(&tree.root["root"]);
  for (const Node* entry : entries) {
    const std::string name((*entry)["name"].text);
    const std::string version((*entry)["version"].text);
    const std::uint32_t index = reading.add(name, version, entry->line);
    Package& package = reading.at(index);
    const std::string_view source = (*entry)["source"].text;
    if (source.empty()) package.relation = Relation::kRoot;
    if (source != kCratesIo) package.resolved = source;
    package.checksum = (*entry)["checksum"].text;
    if (!package.checksum.empty()) package.checksum.insert(0, "sha256:");
    reading.know(name, index);
    reading.know(fmt::format("{} {}", name, version), index);
    for (const Member& need : (*entry)["dependencies"].members) {
      const std::string key = key_of(need.value.text);
      reading.need(index, key);
      if (source.empty()) reading.ask(key, Scope::kProduction);
    }
  }
  return reading.take();
}

PackageList read_cargo_toml(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kCargo, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  add_needs(tree.root, reading);
  add_needs(tree.root["workspace"], reading);
  for (const Member& target : tree.root["target"].members) add_needs(target.value, reading);
  return reading.take();
}

}  // namespace vedette::formats::packages
