// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "rlang", "rlang (>= 1.0)", "R (>= 3.5)"
std::string need_name(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of(" (\n")));
}

}  // namespace

PackageList read_renv_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kCran, tree);
  const Node& packages = tree.root["Packages"];
  reading.expect(packages.is_table(), 1, "\"Packages\"");
  for (const Member& member : packages.members) {
    const Node& entry = member.value;
    const std::string_view name =
        entry["Package"].text.empty() ? member.key : entry["Package"].text;
    const std::uint32_t index = reading.add(name, entry["Version"].text, member.line);
    Package& package = reading.at(index);
    package.licenses = licenses_of(entry["License"]);
    package.checksum = entry["Hash"].text;
    if (entry["Source"].text != "Repository") package.resolved = entry["Source"].text;
    reading.know(std::string(name), index);
    for (const std::string_view kind : {"Requirements", "Depends", "Imports", "LinkingTo"}) {
      for (const Member& need : entry[kind].members) {
        reading.need(index, need_name(need.value.text));
      }
    }
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
