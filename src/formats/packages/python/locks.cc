// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "formats/packages/package_reading.h"
#include "formats/packages/python/python.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

std::string name_and_version(std::string_view name, std::string_view version) {
  return pypi_name(name) + "@" + std::string(version);
}

// Adds the packages of a list of tables; known by name, and by name and version.
std::vector<std::uint32_t> add_all(const Node& packages, PackageReading& reading) {
  std::vector<std::uint32_t> indices;
  for (const Member& member : packages.members) {
    const Node& entry = member.value;
    const std::string_view version = entry["version"].text;
    const std::string name = pypi_name(entry["name"].text);
    const std::uint32_t index = reading.add(name, version, entry.line);
    reading.know(name, index);
    reading.know(name_and_version(name, version), index);
    indices.push_back(index);
  }
  return indices;
}

// A list of tables with "name" and, where several versions are there, "version".
void need_all(const Node& needs, std::uint32_t index, PackageReading& reading) {
  for (const Member& member : needs.members) {
    const std::string_view version = member.value["version"].text;
    const std::string name = pypi_name(member.value["name"].text);
    reading.need(index, version.empty() ? name : name_and_version(name, version));
  }
}

void ask_all(const Node& needs, Scope scope, PackageReading& reading) {
  for (const Member& member : needs.members) {
    const std::string_view version = member.value["version"].text;
    const std::string name = pypi_name(member.value["name"].text);
    reading.ask(version.empty() ? name : name_and_version(name, version), scope);
  }
}

// Of groups ("default", "main" and others), which are told in poetry.lock 2 and pdm.lock.
Scope scope_of_groups(const Node& groups) {
  const bool production = std::any_of(groups.members.begin(), groups.members.end(), [](auto& one) {
    return one.value.text == "main" || one.value.text == "default";
  });
  return production || groups.members.empty() ? Scope::kProduction : Scope::kDevelopment;
}

std::string source_of(const Node& source) {
  for (const std::string_view key : {"git", "url", "path", "directory", "registry"}) {
    if (!source[key].text.empty()) return std::string(source[key].text);
  }
  return {};
}

}  // namespace

PackageList read_pipfile_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  reading.list().scopes_known = true;
  reading.expect(tree.root.has("default") || tree.root.has("develop"), 1,
                 "\"default\" or \"develop\"");
  for (const Member& section : tree.root.members) {
    if (section.key.starts_with('_')) continue;  // _meta
    const Scope scope = section.key == "default" ? Scope::kProduction : Scope::kDevelopment;
    for (const Member& member : section.value.members) {
      std::string_view version = member.value["version"].text;
      version.remove_prefix(std::min(version.find_first_not_of('='), version.size()));
      const std::string name = pypi_name(member.key);
      // What both sections name is there once, for production.
      if (reading.find(name) != PackageReading::kNone) continue;
      const std::uint32_t index = reading.add(name, version, member.line);
      reading.know(name, index);
      Package& package = reading.at(index);
      package.scope = scope;
      const Node& hashes = member.value["hashes"];
      if (!hashes.members.empty()) package.checksum = hashes.members[0].value.text;
      package.resolved = member.value["git"].text;
    }
  }
  return reading.take();
}

PackageList read_poetry_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  const Node& packages = tree.root["package"];
  reading.expect(packages.is_list() || tree.root.has("metadata"), 1, "[[package]]");
  const std::vector<std::uint32_t> indices = add_all(packages, reading);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Node& entry = packages.members[i].value;
    Package& package = reading.at(indices[i]);
    if (entry.has("category") || entry.has("groups")) reading.list().scopes_known = true;
    package.scope = scope_of_groups(entry["groups"]);
    if (entry["category"].text == "dev") package.scope = Scope::kDevelopment;
    if (entry["optional"].is_true() && package.scope == Scope::kProduction) {
      package.scope = Scope::kOptional;
    }
    package.resolved = entry["source"]["url"].text;
    for (const Member& need : entry["dependencies"].members) {
      reading.need(indices[i], pypi_name(need.key));
    }
  }
  return reading.take();
}

PackageList read_uv_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  const Node& packages = tree.root["package"];
  reading.expect(packages.is_list() || tree.root.has("version"), 1, "[[package]]");
  const std::vector<std::uint32_t> indices = add_all(packages, reading);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Node& entry = packages.members[i].value;
    const Node& source = entry["source"];
    const bool own = source.has("virtual") || source.has("editable");
    Package& package = reading.at(indices[i]);
    if (own) package.relation = Relation::kRoot;
    if (!source.has("registry")) package.resolved = source_of(source);
    package.checksum = entry["sdist"]["hash"].text;
    need_all(entry["dependencies"], indices[i], reading);
    if (own) ask_all(entry["dependencies"], Scope::kProduction, reading);
    for (const Member& extra : entry["optional-dependencies"].members) {
      need_all(extra.value, indices[i], reading);
      if (own) ask_all(extra.value, Scope::kOptional, reading);
    }
    for (const Member& group : entry["dev-dependencies"].members) {
      need_all(group.value, indices[i], reading);
      if (own) ask_all(group.value, Scope::kDevelopment, reading);
    }
  }
  reading.scopes_by_reach();
  return reading.take();
}

PackageList read_pylock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  const Node& packages = tree.root["packages"];
  reading.expect(packages.is_list() || tree.root.has("lock-version"), 1, "[[packages]]");
  const std::vector<std::uint32_t> indices = add_all(packages, reading);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Node& entry = packages.members[i].value;
    Package& package = reading.at(indices[i]);
    for (const std::string_view kind : {"vcs", "archive", "directory"}) {
      if (entry.has(kind)) package.resolved = source_of(entry[kind]);
    }
    package.checksum = entry["sdist"]["hashes"]["sha256"].text;
    if (!package.checksum.empty()) package.checksum.insert(0, "sha256:");
    need_all(entry["dependencies"], indices[i], reading);
  }
  return reading.take();
}

PackageList read_pdm_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  const Node& packages = tree.root["package"];
  reading.expect(packages.is_list() || tree.root.has("metadata"), 1, "[[package]]");
  const std::vector<std::uint32_t> indices = add_all(packages, reading);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Node& entry = packages.members[i].value;
    Package& package = reading.at(indices[i]);
    if (entry.has("groups")) reading.list().scopes_known = true;
    package.scope = scope_of_groups(entry["groups"]);
    package.resolved = source_of(entry);
    for (const Member& need : entry["dependencies"].members) {
      reading.need(indices[i], parse_requirement(need.value.text).name);
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
