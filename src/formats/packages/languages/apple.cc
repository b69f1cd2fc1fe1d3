// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "AFNetworking/Serialization (4.0.1)", "A (from `../A`)"
struct Pod {
  std::string_view name;
  std::string_view inside;
};
Pod parse_pod(std::string_view text) {
  const Halves halves = cut_first(text, " (");
  std::string_view inside = halves.behind;
  if (inside.ends_with(')')) inside.remove_suffix(1);
  return {trimmed(halves.before), inside};
}

}  // namespace

std::string swift_name(std::string_view location) {
  const Halves scheme = cut_first(location, "://");
  std::string_view rest = scheme.found ? scheme.behind : location;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.ends_with(".git")) rest.remove_suffix(4);
  std::string name(rest);
  if (!scheme.found && name.starts_with("git@")) {
    name.erase(0, 4);
    const std::size_t colon = name.find(':');
    if (colon != std::string::npos) name[colon] = '/';
  }
  return name;
}

PackageList read_podfile_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kCocoapods, tree);
  const Node& pods = tree.root["PODS"];
  reading.expect(pods.is_list(), 1, "\"PODS\"");
  for (const Member& member : pods.members) {
    // A pod with needs is a table of one member.
    const bool needs = member.value.is_table() && !member.value.members.empty();
    const Pod pod = parse_pod(needs ? member.value.members[0].key : member.value.text);
    const std::uint32_t index = reading.add(pod.name, pod.inside, member.line);
    reading.know(std::string(pod.name), index);
    if (!needs) continue;
    for (const Member& need : member.value.members[0].value.members) {
      reading.need(index, std::string(parse_pod(need.value.text).name));
    }
  }
  for (const Member& member : tree.root["SPEC CHECKSUMS"].members) {
    reading.at(reading.find(std::string(member.key))).checksum = member.value.text;
  }
  for (const Member& member : tree.root["DEPENDENCIES"].members) {
    const Pod pod = parse_pod(member.value.text);
    const std::uint32_t index = reading.find(std::string(pod.name));
    reading.ask(index, Scope::kProduction);
    Package& package = reading.at(index);
    if (pod.inside.starts_with("from ")) {
      package.resolved = trimmed(pod.inside.substr(5), "`");
    } else {
      package.requested = pod.inside;
    }
  }
  return reading.take();
}

PackageList read_swift_resolved(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kSwift, tree);
  const Node& pins = tree.root.has("pins") ? tree.root["pins"] : tree.root["object"]["pins"];
  reading.expect(pins.is_list(), 1, "\"pins\"");
  for (const Member& member : pins.members) {
    const Node& pin = member.value;
    const std::string_view location =
        pin["location"].text.empty() ? pin["repositoryURL"].text : pin["location"].text;
    const Node& state = pin["state"];
    // A null is a scalar with a text of its own.
    const auto text_of = [&](std::string_view key) {
      return state[key].is_text() ? state[key].text : std::string_view();
    };
    Package& package =
        reading.at(reading.add(swift_name(location), text_of("version"), member.line));
    package.requested = text_of("branch");
    package.checksum = text_of("revision");
    package.resolved = location;
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
