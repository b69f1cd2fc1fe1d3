// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/package_reading.h"
#include "formats/packages/python/python.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "channel::name=version=build", "name>=1.0", "name 1.0.*"
void add_match(const Node& node, PackageReading& reading) {
  const std::string_view text = trimmed(node.text);
  const Halves channel = cut_first(text, "::");
  const std::string_view rest = channel.found ? channel.behind : text;
  const std::size_t end = std::min(rest.find_first_of("=<>!~ ["), rest.size());
  std::string_view range = trimmed(rest.substr(end));
  std::string_view version;
  if (range.starts_with('=')) {
    // One '=' is a prefix to conda, but it is also how `conda env export` writes exact versions.
    const std::string_view behind = range.substr(range.starts_with("==") ? 2 : 1);
    const std::string_view written = cut_first(behind, "=").before;
    if (written.find_first_of("*,|<>") == std::string_view::npos) version = written;
  }
  const std::uint32_t index = reading.add(rest.substr(0, end), version, node.line);
  Package& package = reading.at(index);
  package.requested = range;
  package.relation = Relation::kDirect;
  if (channel.found) package.resolved = channel.before;
}

void add_pip(const Node& list, PackageReading& reading) {
  for (const Member& member : list.members) {
    const Requirement requirement = parse_requirement(member.value.text);
    if (requirement.name.empty()) {
      if (!member.value.text.starts_with('-')) {
        reading.problem(member.line, "expected a requirement of pip, found something else");
      }
      continue;
    }
    const std::uint32_t index = reading.add(requirement.name, requirement.version, member.line);
    Package& package = reading.at(index);
    package.ecosystem = Ecosystem::kPypi;
    package.requested = requirement.specifier;
    package.resolved = requirement.url;
    package.relation = Relation::kDirect;
  }
}

}  // namespace

PackageList read_conda_environment(std::string_view path, std::string_view bytes,
                                   const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kConda, tree);
  reading.list().complete = false;
  for (const Member& member : tree.root["dependencies"].members) {
    if (member.value.is_table()) {
      add_pip(member.value["pip"], reading);
    } else {
      add_match(member.value, reading);
    }
  }
  return reading.take();
}

PackageList read_conda_meta(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kConda, tree);
  reading.list().complete = false;
  reading.expect(tree.root["name"].is_text(), 1, "\"name\"");
  if (!tree.root["name"].is_text()) return reading.take();
  const Node& version = tree.root["version"];
  Package& package = reading.at(reading.add(tree.root["name"].text, version.text, version.line));
  package.licenses = licenses_of(tree.root["license"]);
  package.resolved = tree.root["url"].text;
  package.architecture = tree.root["subdir"].text;
  package.checksum = tree.root["sha256"].text;
  if (!package.checksum.empty()) package.checksum.insert(0, "sha256:");
  return reading.take();
}

}  // namespace vedette::formats::packages
