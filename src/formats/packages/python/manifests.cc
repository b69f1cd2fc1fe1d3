// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/package_reading.h"
#include "formats/packages/python/python.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

void add(const Requirement& requirement, Scope scope, std::uint32_t line, PackageReading& reading) {
  const std::uint32_t index = reading.add(requirement.name, requirement.version, line);
  Package& package = reading.at(index);
  package.requested = requirement.specifier;
  package.resolved = requirement.url;
  package.scope = scope;
  package.relation = Relation::kDirect;
}

// A list of requirements as PEP 508 has them; other elements include other lists.
void add_list(const Node& list, Scope scope, PackageReading& reading) {
  for (const Member& member : list.members) {
    if (!member.value.is_text()) continue;
    const Requirement requirement = parse_requirement(member.value.text);
    if (requirement.name.empty()) {
      reading.problem(member.line, "expected a requirement, found something else");
    } else {
      add(requirement, scope, member.line, reading);
    }
  }
}

void add_lists(const Node& lists, Scope scope, PackageReading& reading) {
  for (const Member& member : lists.members) add_list(member.value, scope, reading);
}

// Poetry's and pipenv's tables: name = "range" or name = {version = "range", …}.
void add_table(const Node& table, Scope scope, PackageReading& reading) {
  for (const Member& member : table.members) {
    const std::string name = pypi_name(member.key);
    if (name == "python") continue;
    const Node& value = member.value;
    Requirement requirement;
    requirement.name = name;
    requirement.specifier = value.is_table() ? value["version"].text : value.text;
    requirement.url = value["git"].text;
    const Requirement exact = parse_requirement("x" + requirement.specifier);
    requirement.version = exact.version;
    const bool optional = value["optional"].is_true() && scope == Scope::kProduction;
    add(requirement, optional ? Scope::kOptional : scope, member.line, reading);
  }
}

}  // namespace

PackageList read_pipfile(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  add_table(tree.root["packages"], Scope::kProduction, reading);
  add_table(tree.root["dev-packages"], Scope::kDevelopment, reading);
  return reading.take();
}

PackageList read_pyproject(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPypi, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  const Node& root = tree.root;
  add_list(root["project"]["dependencies"], Scope::kProduction, reading);
  add_lists(root["project"]["optional-dependencies"], Scope::kOptional, reading);
  add_lists(root["dependency-groups"], Scope::kDevelopment, reading);
  const Node& poetry = root["tool"]["poetry"];
  add_table(poetry["dependencies"], Scope::kProduction, reading);
  add_table(poetry["dev-dependencies"], Scope::kDevelopment, reading);
  for (const Member& group : poetry["group"].members) {
    add_table(group.value["dependencies"], Scope::kDevelopment, reading);
  }
  add_lists(root["tool"]["pdm"]["dev-dependencies"], Scope::kDevelopment, reading);
  add_list(root["tool"]["uv"]["dev-dependencies"], Scope::kDevelopment, reading);
  return reading.take();
}

}  // namespace vedette::formats::packages
