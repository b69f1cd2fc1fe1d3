// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "formats/packages/jvm/jvm.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Whether all configurations ("testCompileClasspath") that a package is in are for tests.
bool is_for_tests(const std::vector<std::string_view>& configurations) {
  return !configurations.empty() &&
         std::all_of(configurations.begin(), configurations.end(), [](std::string_view name) {
           return lower(name).find("test") != std::string::npos;
         });
}

}  // namespace

PackageList read_gradle_lock(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kMaven);
  reading.list().scopes_known = true;
  const bool of_build = file_name(path).starts_with("buildscript-");
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.starts_with('#')) continue;
    const Halves halves = cut_first(content, "=");
    if (halves.before == "empty") continue;  // configurations without packages
    const Halves version = cut_last(halves.before, ":");
    if (!halves.found || !cut_first(version.before, ":").found) {
      reading.problem(lines.number(), "expected group:artifact:version=configurations");
      continue;
    }
    Package& package = reading.at(reading.add(version.before, version.behind, lines.number()));
    if (of_build || is_for_tests(words_of(halves.behind, ", "))) {
      package.scope = Scope::kDevelopment;
    }
  }
  return reading.take();
}

PackageList read_gradle_verification(std::string_view path, std::string_view bytes,
                                     const Limits& limits) {
  Tree tree = read_xml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kMaven, tree);
  const Node& components = tree.root["verification-metadata"]["components"];
  reading.expect(tree.root.has("verification-metadata"), 1, "<verification-metadata>");
  for (const Member& member : components.members) {
    const Node& component = member.value;
    const std::string_view name = component["@name"].text;
    if (member.key != "component" || name.empty()) {
      reading.problem(member.line, "expected <component> with a name, found something else");
      continue;
    }
    const std::string full = std::string(component["@group"].text) + ":" + std::string(name);
    Package& package = reading.at(reading.add(full, component["@version"].text, member.line));
    const std::string_view checksum = component["artifact"]["sha256"]["@value"].text;
    if (!checksum.empty()) package.checksum = "sha256:" + std::string(checksum);
  }
  return reading.take();
}

PackageList read_sbt_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kMaven, tree);
  reading.list().scopes_known = true;
  reading.expect(tree.root["dependencies"].is_list(), 1, "\"dependencies\"");
  for (const Member& member : tree.root["dependencies"].members) {
    const Node& entry = member.value;
    const std::string_view artifact = entry["name"].text;
    if (artifact.empty()) {
      reading.problem(member.line, "expected the name of a package, found none");
      continue;
    }
    const std::string name = std::string(entry["org"].text) + ":" + std::string(artifact);
    Package& package = reading.at(reading.add(name, entry["version"].text, member.line));
    std::vector<std::string_view> configurations;
    for (const Member& one : entry["configurations"].members) {
      configurations.push_back(one.value.text);
    }
    if (is_for_tests(configurations)) package.scope = Scope::kDevelopment;
    const Node& artifacts = entry["artifacts"];
    if (!artifacts.members.empty()) package.checksum = artifacts.members[0].value["hash"].text;
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
