// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

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

// Of a commit, in place of a tag.
bool is_revision(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Tags are "v1.0" as often as "1.0".
std::string_view version_of_tag(std::string_view tag) {
  const bool is_version =
      tag.size() > 1 && (tag[0] == 'v' || tag[0] == 'V') && tag[1] >= '0' && tag[1] <= '9';
  return is_version ? tag.substr(1) : tag;
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

// github "Owner/Name" "1.0"; git "https://host/name.git" ~> 1.0; what is binary is an address of a
// list of builds, and of no repository.
PackageList read_cartfile(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kSwift);
  const bool is_resolved = file_name(path).ends_with(".resolved");
  reading.list().complete = is_resolved;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const std::string_view content = trimmed(cut_first(line, "#").before);
    if (content.empty()) continue;
    const Halves kind = cut_first(content, " ");
    std::string_view rest = trimmed(kind.behind);
    if (rest.starts_with('"')) rest.remove_prefix(1);
    const Halves place = cut_first(rest, "\"");
    const bool is_github = kind.before == "github";
    if (!place.found || (!is_github && kind.before != "git" && kind.before != "binary")) {
      reading.problem(lines.number(), "expected github, git or binary, and a place in quotes");
      continue;
    }
    std::string name = swift_name(place.before);
    if (is_github && !place.before.contains("://")) name.insert(0, "github.com/");
    const std::string_view version = unquoted(trimmed(place.behind));
    const bool is_version = is_resolved && !is_revision(version);
    const std::uint32_t index = reading.add(
        name, is_version ? version_of_tag(version) : std::string_view(), lines.number());
    Package& package = reading.at(index);
    if (!is_github) package.resolved = place.before;
    if (is_resolved && !is_version) package.checksum = version;
    if (is_resolved) continue;
    package.requested = version;
    reading.ask(index, Scope::kProduction);
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
