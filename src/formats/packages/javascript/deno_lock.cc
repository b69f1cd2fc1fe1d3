// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "@scope/name@1.0.0_peer@2.0.0": behind the version stand the peers that it was resolved with.
Halves name_and_version(std::string_view key) {
  const std::size_t at = key.find('@', 1);
  if (at == std::string_view::npos) return {key, {}, false};
  return {key.substr(0, at), cut_first(key.substr(at + 1), "_").before, true};
}

std::string with_registry(std::string_view registry, std::string_view key) {
  return std::string(registry) + ':' + std::string(key);
}

// Packages of npm and of JSR; what is of plain addresses has no name.
class DenoLock {
 public:
  DenoLock(const Node& root, PackageReading& reading) : root_(root), reading_(reading) {}

  void read() {
    reading_.expect(root_.has("version") || root_.has("npm") || root_.has("remote"), 1,
                    "\"version\"");
    // Version 3 has it below "packages", version 2 below "npm".
    const bool is_second = root_["npm"]["packages"].is_table();
    const Node& inner = root_["packages"].is_table() ? root_["packages"]
                        : is_second                  ? root_["npm"]
                                                     : root_;
    for (const Member& member : inner["specifiers"].members) specify(member);
    add_packages(is_second ? inner["packages"] : inner["npm"], "npm");
    add_packages(inner["jsr"], "jsr");
    find_direct(root_["workspace"]);
    for (const Member& member : root_["workspace"]["members"].members) find_direct(member.value);
    for (const auto& [specifier, key] : keys_) {
      if (root_.has("workspace") && !direct_.contains(specifier)) continue;
      const std::uint32_t index = reading_.find(key);
      reading_.ask(index, Scope::kProduction);
      reading_.at(index).requested = name_and_version(cut_first(specifier, ":").behind).behind;
    }
  }

 private:
  // "npm:chalk@5": "5.3.0"; in version 3 "npm:chalk@5.3.0", in version 2 "chalk@5": "chalk@5.3.0".
  void specify(const Member& member) {
    const std::string_view to = member.value.text;
    const Halves registry = cut_first(member.key, ":");
    if (!registry.found) {
      keys_.try_emplace(with_registry("npm", member.key), with_registry("npm", to));
    } else if (to.contains(':')) {
      keys_.try_emplace(std::string(member.key), to);
    } else {
      const std::string_view name = name_and_version(registry.behind).before;
      keys_.try_emplace(std::string(member.key),
                        with_registry(registry.before, name) + '@' + std::string(to));
    }
  }

  void add_packages(const Node& packages, std::string_view registry) {
    for (const Member& member : packages.members) {
      const Halves halves = name_and_version(member.key);
      if (!halves.found) {
        reading_.problem(member.line, "expected \"name@version\"");
        continue;
      }
      const std::uint32_t index = reading_.add(halves.before, halves.behind, member.line);
      Package& package = reading_.at(index);
      if (registry == "jsr") {  // which nothing else knows
        package.ecosystem = Ecosystem::kNone;
        package.resolved = with_registry(registry, member.key);
      }
      package.checksum = member.value["integrity"].text;
      reading_.know(with_registry(registry, member.key), index);
      // Where there is one version of a package, others call it by its name alone.
      reading_.know(with_registry(registry, halves.before), index);
      // A list of keys; before version 4 a table from names to keys.
      for (const Member& need : member.value["dependencies"].members)
        add_need(index, need.value.text, registry);
      for (const Member& need : member.value["optionalDependencies"].members)
        add_need(index, need.value.text, registry);
    }
  }

  // JSR's say of which registry they are, by a specifier.
  void add_need(std::uint32_t index, std::string_view key, std::string_view registry) {
    const auto found = keys_.find(std::string(key));
    reading_.need(index, found != keys_.end() ? found->second
                         : key.contains(':')  ? std::string(key)
                                              : with_registry(registry, key));
  }

  void find_direct(const Node& workspace) {
    for (const Node* const part : {&workspace, &workspace["packageJson"]}) {
      for (const Member& one : (*part)["dependencies"].members) direct_.emplace(one.value.text);
    }
  }

  const Node& root_;
  PackageReading& reading_;
  std::unordered_map<std::string, std::string> keys_;  // of packages, by specifiers
  std::set<std::string, std::less<>> direct_;          // specifiers
};

}  // namespace

PackageList read_deno_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  DenoLock(tree.root, reading).read();
  return reading.take();
}

}  // namespace vedette::formats::packages
