// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/dotnet/dotnet.h"

#include <unordered_map>

#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Names are compared without regard to case.
std::string key_of(std::string_view name, std::string_view version) {
  return lower(name) + "/" + lower(version);
}

// A package that several frameworks need is there once.
std::uint32_t add_once(std::string_view name, std::string_view version, std::uint32_t line,
                       PackageReading& reading) {
  const std::string key = key_of(name, version);
  std::uint32_t index = reading.find(key);
  if (index == PackageReading::kNone) {
    index = reading.add(name, version, line);
    reading.know(key, index);
  }
  return index;
}

void add_framework(const Node& framework, PackageReading& reading) {
  std::unordered_map<std::string, std::uint32_t> here;
  for (const Member& member : framework.members) {
    const Node& entry = member.value;
    const std::uint32_t index = add_once(member.key, entry["resolved"].text, member.line, reading);
    here.emplace(lower(member.key), index);
    Package& package = reading.at(index);
    const std::string_view type = entry["type"].text;
    if (type == "Project") package.relation = Relation::kRoot;
    if (type == "Direct") package.relation = Relation::kDirect;
    const bool deeper = type == "Transitive" || type == "CentralTransitive";
    if (deeper && package.relation == Relation::kUnknown) package.relation = Relation::kTransitive;
    if (package.requested.empty()) package.requested = entry["requested"].text;
    if (package.checksum.empty()) package.checksum = entry["contentHash"].text;
  }
  for (const Member& member : framework.members) {
    const std::uint32_t index = here.at(lower(member.key));
    for (const Member& need : member.value["dependencies"].members) {
      const auto found = here.find(lower(need.key));
      if (found != here.end()) reading.need(index, found->second);
    }
  }
}

// MSBuild's $(Name), of properties that the same file sets.
std::string resolved(std::string_view text,
                     const std::unordered_map<std::string, std::string_view>& properties) {
  if (!text.starts_with("$(") || !text.ends_with(')')) return std::string(text);
  const auto found = properties.find(lower(text.substr(2, text.size() - 3)));
  return std::string(found == properties.end() ? text : found->second);
}

bool is_version(std::string_view text) {
  return !text.empty() && text.find_first_of("[(,*$") == std::string_view::npos;
}

}  // namespace

PackageList read_nuget_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNuget, tree);
  const Node& frameworks = tree.root["dependencies"];
  reading.expect(frameworks.is_table(), 1, "\"dependencies\"");
  for (const Member& framework : frameworks.members) add_framework(framework.value, reading);
  return reading.take();
}

PackageList read_packages_config(std::string_view path, std::string_view bytes,
                                 const Limits& limits) {
  Tree tree = read_xml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNuget, tree);
  reading.list().scopes_known = true;
  reading.expect(tree.root.has("packages"), 1, "<packages>");
  for (const Member& member : tree.root["packages"].members) {
    if (member.key != "package") continue;
    const Node& entry = member.value;
    Package& package =
        reading.at(reading.add(entry["@id"].text, entry["@version"].text, member.line));
    package.requested = entry["@allowedVersions"].text;
    if (lower(entry["@developmentDependency"].text) == "true") {
      package.scope = Scope::kDevelopment;
    }
  }
  return reading.take();
}

PackageList read_deps_json(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNuget, tree);
  reading.expect(tree.root["libraries"].is_table(), 1, "\"libraries\"");
  for (const Member& member : tree.root["libraries"].members) {
    const Halves name = cut_first(member.key, "/");
    const std::uint32_t index = add_once(name.before, name.behind, member.line, reading);
    Package& package = reading.at(index);
    if (member.value["type"].text == "project") package.relation = Relation::kRoot;
    package.checksum = member.value["sha512"].text;
  }
  for (const Member& target : tree.root["targets"].members) {
    for (const Member& member : target.value.members) {
      const Halves name = cut_first(member.key, "/");
      const std::uint32_t index = reading.find(key_of(name.before, name.behind));
      const bool own = reading.at(index).relation == Relation::kRoot;
      for (const Member& need : member.value["dependencies"].members) {
        const std::string key = key_of(need.key, need.value.text);
        reading.need(index, key);
        if (own) reading.ask(key, Scope::kProduction);
      }
    }
  }
  return reading.take();
}

PackageList read_msbuild(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_xml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNuget, tree);
  reading.list().complete = false;
  reading.expect(tree.root.has("Project"), 1, "<Project>");
  std::unordered_map<std::string, std::string_view> properties;
  for (const Member& group : tree.root["Project"].members) {
    if (group.key != "PropertyGroup") continue;
    for (const Member& property : group.value.members) {
      properties[lower(property.key)] = property.value.text;
    }
  }
  for (const Member& group : tree.root["Project"].members) {
    if (group.key != "ItemGroup") continue;
    for (const Member& member : group.value.members) {
      if (member.key != "PackageVersion" && member.key != "PackageReference" &&
          member.key != "GlobalPackageReference") {
        continue;
      }
      const Node& entry = member.value;
      const auto say = [&](std::string_view key) {
        const std::string_view attribute = entry["@" + std::string(key)].text;
        return resolved(attribute.empty() ? entry[key].text : attribute, properties);
      };
      const std::string include = say("Include");
      const std::string version = say("Version");
      const std::uint32_t index = reading.add(
          include.empty() ? say("Update") : include,
          is_version(version) ? std::string_view(version) : std::string_view(), member.line);
      Package& package = reading.at(index);
      package.requested = version;
      package.relation = Relation::kDirect;
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
