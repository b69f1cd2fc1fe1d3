// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "any.aeson ==2.0.3.0"; flags ("aeson -cffi") name no version.
void add_constraint(std::string_view text, std::uint32_t line, PackageReading& reading) {
  const Halves halves = cut_first(text, "==");
  if (!halves.found) return;
  std::string_view name = trimmed(halves.before);
  if (name.starts_with("any.")) name.remove_prefix(4);
  reading.add(name, trimmed(halves.behind), line);
}

}  // namespace

PackageList read_cabal_freeze(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kHackage);
  Lines lines(bytes);
  bool inside = false;
  for (std::string_view line; lines.next(line);) {
    std::string_view content = trimmed(cut_first(line, "--").before);
    if (content.empty()) continue;
    const bool field =
        line[0] != ' ' && line[0] != '\t' && content.find(':') != std::string_view::npos;
    if (field) {
      const Halves halves = cut_first(content, ":");
      inside = trimmed(halves.before) == "constraints";
      content = halves.behind;
    }
    if (!inside) continue;
    while (!content.empty()) {
      const Halves halves = cut_first(content, ",");
      add_constraint(trimmed(halves.before), lines.number(), reading);
      content = halves.behind;
    }
  }
  return reading.take();
}

PackageList read_stack_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kHackage, tree);
  reading.list().complete = false;  // what the snapshot brings is not named
  reading.expect(tree.root.has("packages"), 1, "\"packages\"");
  for (const Member& member : tree.root["packages"].members) {
    const Node& completed = member.value["completed"];
    const std::string_view hackage = completed["hackage"].text;
    if (hackage.empty()) {
      Package& package =
          reading.at(reading.add(completed["name"].text, completed["version"].text, member.line));
      package.resolved =
          completed["git"].text.empty() ? completed["url"].text : completed["git"].text;
      package.checksum = completed["commit"].text;
      package.relation = Relation::kDirect;
      continue;
    }
    // "aeson-2.0.3.0@sha256:hash,size"
    const Halves revision = cut_first(hackage, "@");
    const Halves name = cut_last(revision.before, "-");
    Package& package = reading.at(reading.add(name.before, name.behind, member.line));
    package.relation = Relation::kDirect;
    package.checksum = cut_first(revision.behind, ",").before;
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
