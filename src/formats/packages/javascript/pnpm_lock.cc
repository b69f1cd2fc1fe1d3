// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr int kAtVersion = 6;  // from this lockfileVersion on, '@' stands before the version

// What a key of "packages" says: "/@a/b/1.0.0_c@2", "/@a/b@1.0.0(c@2)", "@a/b@1.0.0".
struct Key {
  std::string_view name;
  std::string_view version;  // with what was chosen for peers behind it
};

std::string_view without_peers(std::string_view version, int format) {
  return cut_first(version, format < kAtVersion ? "_" : "(").before;
}

Key parse_key(std::string_view key, int format) {
  // Before version 6, a key without a slash in front begins with the registry's host.
  if (key.starts_with('/')) {
    key.remove_prefix(1);
  } else if (format < kAtVersion) {
    key = cut_first(key, "/").behind;
  }
  const std::size_t scope = key.starts_with('@') ? key.find('/') : std::string_view::npos;
  const std::size_t from = scope == std::string_view::npos ? 1 : scope + 1;
  const std::size_t end = key.find(format < kAtVersion ? '/' : '@', from);
  if (end == std::string_view::npos) return {key, {}};
  return {key.substr(0, end), key.substr(end + 1)};
}

class PnpmReader {
 public:
  PnpmReader(const Node& root, PackageReading& reading) : root_(root), reading_(reading) {
    // "5.4", "'9.0'", "5.3-inlineSpecifiers"
    const std::string_view text = root["lockfileVersion"].text;
    std::from_chars(text.data(), text.data() + text.size(), format_);
  }

  void read() {
    for (const Member& member : root_["packages"].members) add(member);
    for (const Member& member : root_["packages"].members) add_needs(member);
    for (const Member& member : root_["snapshots"].members) {
      add_needs(member);
      if (member.value["optional"].is_true()) {
        reading_.at(index_of(member.key)).scope = Scope::kOptional;
      }
    }
    if (root_["importers"].is_table()) {
      for (const Member& importer : root_["importers"].members) ask(importer.value);
    } else {
      ask(root_);
    }
  }

 private:
  void add(const Member& member) {
    const Node& entry = member.value;
    const Key key = parse_key(member.key, format_);
    const std::string_view name = entry["name"].text.empty() ? key.name : entry["name"].text;
    const std::string_view version =
        entry["version"].text.empty() ? without_peers(key.version, format_) : entry["version"].text;
    const std::uint32_t index = reading_.add(name, version, member.line);
    Package& package = reading_.at(index);
    package.checksum = entry["resolution"]["integrity"].text;
    package.resolved = entry["resolution"]["tarball"].text;
    if (entry.has("dev")) reading_.list().scopes_known = true;
    if (entry["dev"].is_true()) package.scope = Scope::kDevelopment;
    if (entry["optional"].is_true()) package.scope = Scope::kOptional;
    reading_.know(std::string(member.key), index);
    reading_.know(std::string(key.name) + "@" + std::string(key.version), index);
    // Snapshots name the peers, the packages of version 9 do not.
    reading_.know(std::string(key.name) + "@" + std::string(without_peers(key.version, format_)),
                  index);
  }

  std::uint32_t index_of(std::string_view key) const {
    const std::uint32_t index = reading_.find(std::string(key));
    if (index != PackageReading::kNone || format_ < kAtVersion) return index;
    return reading_.find(std::string(without_peers(key, format_)));
  }

  // `version` as it stands behind the name of what is needed.
  std::uint32_t needed(std::string_view name, std::string_view version) const {
    if (version.starts_with("link:")) return PackageReading::kNone;
    // What is needed by another name stands there with its own ("/real/1.0", "real@1.0(peer@2)").
    const std::uint32_t aliased = index_of(version);
    if (aliased != PackageReading::kNone) return aliased;
    return index_of(std::string(name) + "@" + std::string(version));
  }

  void add_needs(const Member& member) {
    const std::uint32_t index = index_of(member.key);
    for (const std::string_view kind : {"dependencies", "optionalDependencies"}) {
      for (const Member& need : member.value[kind].members) {
        reading_.need(index, needed(need.key, need.value.text));
      }
    }
  }

  void ask(const Node& importer) {
    for (const NpmNeedKind& kind : kNpmNeedKinds) {
      for (const Member& need : importer[kind.key].members) {
        const Node& value = need.value;
        const std::string_view version = value.is_table() ? value["version"].text : value.text;
        const std::uint32_t index = needed(need.key, version);
        reading_.ask(index, kind.scope);
        const Node& specifier =
            value.is_table() ? value["specifier"] : importer["specifiers"][need.key];
        Package& package = reading_.at(index);
        if (package.requested.empty()) package.requested = specifier.text;
      }
    }
  }

  const Node& root_;
  PackageReading& reading_;
  int format_ = 0;
};

}  // namespace

PackageList read_pnpm_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  reading.expect(tree.root.has("lockfileVersion"), 1, "\"lockfileVersion\"");
  PnpmReader(tree.root, reading).read();
  reading.scopes_by_reach();
  return reading.take();
}

}  // namespace vedette::formats::packages
