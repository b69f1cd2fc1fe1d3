// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "12.1.0#1": behind the mark how often the port of a version was changed.
std::string version_of(std::string_view version, std::string_view port) {
  std::string text(version);
  if (!version.empty() && !port.empty() && port != "0") text += '#' + std::string(port);
  return text;
}

std::string version_of(const Node& entry) {
  for (const std::string_view scheme :
       {"version", "version-semver", "version-date", "version-string"}) {
    if (!entry[scheme].text.empty())
      return version_of(entry[scheme].text, entry["port-version"].text);
  }
  return {};
}

class ManifestReading {
 public:
  ManifestReading(const Node& root, PackageReading& reading) : root_(root), reading_(reading) {}

  void read() {
    for (const Member& one : root_["overrides"].members)
      overrides_.emplace(one.value["name"].text, version_of(one.value));
    if (!root_["name"].text.empty()) {
      Package& own =
          reading_.at(reading_.add(root_["name"].text, version_of(root_), root_["name"].line));
      own.relation = Relation::kRoot;
    }
    add_all(root_["dependencies"], Scope::kProduction);
    for (const Member& feature : root_["features"].members)
      add_all(feature.value["dependencies"], Scope::kOptional);
  }

 private:
  // A name, or a table with it.
  void add_all(const Node& dependencies, Scope scope) {
    for (const Member& one : dependencies.members) {
      const std::string_view name = one.value.is_table() ? one.value["name"].text : one.value.text;
      if (name == root_["name"].text && !name.empty()) continue;  // other features of its own
      std::uint32_t index = reading_.find(std::string(name));
      if (index == PackageReading::kNone) {
        const auto settled = overrides_.find(name);
        index = reading_.add(name, settled == overrides_.end() ? "" : settled->second, one.line);
        reading_.know(std::string(name), index);
        if (const std::string_view least = one.value["version>="].text; !least.empty())
          reading_.at(index).requested = ">=" + std::string(least);
        // What is built for the machine that builds: tools.
        reading_.at(index).scope = one.value["host"].is_true() ? Scope::kDevelopment : scope;
        reading_.ask(index, reading_.at(index).scope);
      }
    }
  }

  const Node& root_;
  PackageReading& reading_;
  std::unordered_map<std::string_view, std::string> overrides_;
};

}  // namespace

PackageList read_vcpkg_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kVcpkg, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  reading.expect(tree.root.is_table(), 1, "a manifest");
  ManifestReading(tree.root, reading).read();
  return reading.take();
}

// Paragraphs as dpkg writes them; those with a "Feature" are parts of a package.
PackageList read_vcpkg_status(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kVcpkg);
  std::unordered_map<std::string_view, std::string_view> fields;
  std::uint32_t begin = 1;
  const auto settle = [&] {
    const bool is_there = fields["Status"] == "install ok installed" && !fields.contains("Feature");
    if (is_there) {
      const std::string version = version_of(fields["Version"], fields["Port-Version"]);
      const std::uint32_t index = reading.add(fields["Package"], version, begin);
      const std::string architecture(fields["Architecture"]);
      reading.at(index).architecture = architecture;
      reading.know(std::string(fields["Package"]) + ':' + architecture, index);
      for (const std::string_view need : words_of(fields["Depends"], ", ")) {
        const Halves halves = cut_first(need, ":");
        reading.need(index, std::string(cut_first(halves.before, "[").before) + ':' +
                                (halves.found ? std::string(halves.behind) : architecture));
      }
    }
    fields.clear();
  };
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) {
      settle();
      continue;
    }
    if (fields.empty()) begin = lines.number();
    const Halves halves = cut_first(line, ": ");
    if (halves.found && !line.starts_with(' ')) fields[halves.before] = trimmed(halves.behind);
  }
  settle();
  return reading.take();
}

}  // namespace vedette::formats::packages
