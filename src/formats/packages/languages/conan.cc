// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "formats/packages/languages/conan_reference.h"
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"
#include "formats/sqlite/foreign_database.h"

namespace vedette::formats::packages {
namespace {

void read_graph(const Node& nodes, PackageReading& reading) {
  for (const Member& member : nodes.members) {
    const Node& entry = member.value;
    const std::string_view reference =
        entry["ref"].text.empty() ? entry["pref"].text : entry["ref"].text;
    // The project is the first node; a conanfile.txt gives it no name.
    const bool own = member.key == "0";
    const bool named = cut_first(reference, "/").found;
    const std::uint32_t index = named || !own ? add_conan_reference(reference, member.line, reading)
                                              : PackageReading::kNone;
    if (own) reading.at(index).relation = Relation::kRoot;
    reading.know(std::string(member.key), index);
    for (const std::string_view kind : {"requires", "build_requires"}) {
      const Scope scope = kind == "requires" ? Scope::kProduction : Scope::kDevelopment;
      for (const Member& need : entry[kind].members) {
        reading.need(index, std::string(need.value.text));
        if (own) reading.ask(std::string(need.value.text), scope);
      }
    }
  }
  reading.scopes_by_reach();
}

}  // namespace

std::uint32_t add_conan_reference(std::string_view reference, std::uint32_t line,
                                  PackageReading& reading) {
  const Halves revision = cut_first(reference, "#");
  const Halves owner = cut_first(revision.before, "@");
  const Halves name = cut_first(owner.before, "/");
  // "<host_version>" of a tool: that of the library of the same name.
  const bool is_range = (name.behind.starts_with('[') && name.behind.ends_with(']')) ||
                        (name.behind.starts_with('<') && name.behind.ends_with('>'));
  const std::uint32_t index =
      reading.add(name.before, is_range ? std::string_view() : name.behind, line);
  Package& package = reading.at(index);
  if (is_range) package.requested = name.behind.substr(1, name.behind.size() - 2);
  package.checksum = cut_first(revision.behind, "%").before;
  package.resolved = owner.behind;
  return index;
}

void ask_conan_reference(std::string_view reference, std::uint32_t line, Scope scope,
                         PackageReading& reading) {
  const std::uint32_t index = add_conan_reference(reference, line, reading);
  reading.at(index).scope = scope;
  reading.ask(index, scope);
}

PackageList read_conanfile_text(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kConan);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  Lines lines(bytes);
  std::string_view section;
  for (std::string_view line; lines.next(line);) {
    line = trimmed(cut_first(line, " #").before);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
    } else if (section == "requires") {
      ask_conan_reference(line, lines.number(), Scope::kProduction, reading);
    } else if (section == "tool_requires" || section == "build_requires" ||
               section == "test_requires") {
      ask_conan_reference(line, lines.number(), Scope::kDevelopment, reading);
    }
  }
  return reading.take();
}

PackageList read_conan_cache(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kConan);
  const Result<void> read = sqlite::read_rows(
      bytes, "SELECT DISTINCT reference, rrev FROM packages ORDER BY reference, rrev", 2,
      [&](std::span<const std::string_view> row) {
        add_conan_reference(std::string(row[0]) + "#" + std::string(row[1]), 0, reading);
      });
  if (!read) reading.problem(0, read.error().message);
  return reading.take();
}

PackageList read_conan_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kConan, tree);
  const Node& nodes = tree.root["graph_lock"]["nodes"];
  if (nodes.is_table()) {
    read_graph(nodes, reading);
    return reading.take();
  }
  reading.list().scopes_known = true;
  reading.expect(tree.root.has("requires") || tree.root.has("version"), 1,
                 "\"requires\" or \"graph_lock\"");
  for (const std::string_view kind :
       {"requires", "build_requires", "python_requires", "config_requires"}) {
    for (const Member& member : tree.root[kind].members) {
      const std::uint32_t index = add_conan_reference(member.value.text, member.line, reading);
      if (kind != "requires") reading.at(index).scope = Scope::kDevelopment;
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
