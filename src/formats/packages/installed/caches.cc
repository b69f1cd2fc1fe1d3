// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/caches.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/archive/zip_views.h"
#include "formats/packages/installed/installed.h"
#include "formats/packages/languages/conan_reference.h"
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/purl_parts.h"
#include "formats/packages/purl_reader.h"
#include "formats/packages/text.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kMetadataBytesMax = std::size_t{4} << 20;

// "args-2.4.2": a name has no '-', a version may.
Halves name_and_version(std::string_view folder) { return cut_first(folder, "-"); }

bool is_version(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// Bitnami's versions have the number of a build behind them: "2.4.58-3". Advisories do not.
std::string_view without_build(std::string_view version) { return cut_last(version, "-").before; }

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (Halves halves = cut_first(path, "/");; halves = cut_first(halves.behind, "/")) {
    parts.push_back(halves.before);
    if (!halves.found) return parts;
  }
}

// "zlib/1.2.11:ID" below "[full_requires]".
void add_full_requires(std::string_view bytes, PackageReading& reading) {
  Lines lines(bytes);
  bool is_wanted = false;
  for (std::string_view line; lines.next(line);) {
    line = trimmed(line);
    if (line.starts_with('[')) is_wanted = line == "[full_requires]";
    if (!is_wanted || line.empty() || line.starts_with('[')) continue;
    add_conan_reference(cut_first(line, ":").before, lines.number(), reading);
  }
}

}  // namespace

PackageList read_conan_info(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kConan);
  if (file_name(folder_of(folder_of(path))) != "package") {
    add_full_requires(bytes, reading);
    return reading.take();
  }
  // conaninfo.txt, ID, "package", CHANNEL, USER, VERSION, NAME
  std::string_view folder = folder_of(folder_of(path));
  const std::string_view channel = file_name(folder_of(folder));
  const std::string_view user = file_name(folder_of(folder_of(folder)));
  folder = folder_of(folder_of(folder_of(folder)));
  const std::string_view name = file_name(folder_of(folder));
  const std::string_view version = file_name(folder);
  if (name.empty() || version.empty()) return reading.take();
  Package& package = reading.at(reading.add(name, version, 0));
  if (user != "_") package.resolved = std::string(user) + '/' + std::string(channel);
  return reading.take();
}

PackageList read_conan_deployed(std::string_view path, std::string_view, const Limits&) {
  PackageReading reading(path, Ecosystem::kConan);
  const std::vector<std::string_view> parts = parts_of(folder_of(path));
  const auto is_deployer = [](std::string_view part) {
    return part == "full_deploy" || part == "direct_deploy";
  };
  // What is deployed may itself hold folders of such a name.
  const auto at = std::ranges::find_if(parts, is_deployer);
  const auto left = parts.end() - at;
  if (left == 2 && *at == "direct_deploy") {
    Package& package = reading.at(reading.add(at[1], {}, 0));
    package.relation = Relation::kDirect;
  }
  if (left >= 4 && *at == "full_deploy") {
    Package& package = reading.at(reading.add(at[2], at[3], 0));
    if (at[1] == "build") package.scope = Scope::kDevelopment;
  }
  return reading.take();
}

PackageList read_dart_config(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPub, tree);
  reading.expect(tree.root["packages"].is_list(), 1, "\"packages\"");
  for (const Member& member : tree.root["packages"].members) {
    const Node& entry = member.value;
    std::string_view place = entry["rootUri"].text;
    if (place.ends_with('/')) place.remove_suffix(1);
    // Others are the project itself, or of the kit.
    const Halves folder = name_and_version(file_name(place));
    if (!is_version(folder.behind) || folder.before != entry["name"].text) continue;
    reading.add(folder.before, folder.behind, entry["name"].line);
  }
  return reading.take();
}

PackageList read_dart_cached(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kPub, tree);
  const Node& name = tree.root["name"];
  const Node& version = tree.root["version"];
  if (!name.text.empty() && !version.text.empty()) reading.add(name.text, version.text, name.line);
  return reading.take();
}

PackageList read_swift_workspace(std::string_view path, std::string_view bytes,
                                 const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kSwift, tree);
  const Node& dependencies = tree.root["object"]["dependencies"];
  reading.expect(dependencies.is_list(), 1, "\"dependencies\"");
  for (const Member& member : dependencies.members) {
    const Node& reference = member.value["packageRef"];
    const std::string_view location =
        reference["location"].text.empty() ? reference["path"].text : reference["location"].text;
    const Node& state = member.value["state"]["checkoutState"];
    if (location.empty() || !state.is_table()) continue;  // a folder of the project
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

PackageList read_bitnami_spdx(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kBitnami, tree);
  reading.expect(tree.root["packages"].is_list(), 1, "\"packages\"");
  for (const Member& member : tree.root["packages"].members) {
    const Node& entry = member.value;
    std::optional<Package> known;
    for (const Member& reference : entry["externalRefs"].members) {
      if (reference.value["referenceType"].text == "purl")
        known = package_of_purl(reference.value["referenceLocator"].text);
    }
    const std::uint32_t index = reading.add(
        known ? std::string_view(known->name) : entry["name"].text,
        known ? std::string_view(known->version) : entry["versionInfo"].text, member.line);
    Package& package = reading.at(index);
    package.ecosystem = known ? known->ecosystem : Ecosystem::kNone;
    if (package.ecosystem == Ecosystem::kBitnami) package.version = without_build(package.version);
    const std::string_view license = entry["licenseDeclared"].text;
    if (!license.empty() && license != "NOASSERTION" && license != "NONE")
      package.licenses.emplace_back(license);
    reading.know(std::string(entry["SPDXID"].text), index);
  }
  for (const Member& member : tree.root["relationships"].members) {
    const std::string_view kind = member.value["relationshipType"].text;
    if (kind != "CONTAINS" && kind != "DEPENDS_ON") continue;
    const std::uint32_t index = reading.find(std::string(member.value["spdxElementId"].text));
    if (index != PackageReading::kNone)
      reading.need(index, std::string(member.value["relatedSpdxElement"].text));
  }
  return reading.take();
}

PackageList read_bitnami_components(std::string_view path, std::string_view bytes,
                                    const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kBitnami, tree);
  for (const Member& member : tree.root.members) {
    const Node& entry = member.value;
    if (!entry.is_table() || entry["version"].text.empty()) continue;
    Package& package =
        reading.at(reading.add(member.key, without_build(entry["version"].text), member.line));
    package.architecture = entry["arch"].text;
  }
  return reading.take();
}

PackageList read_egg(std::string_view path, std::string_view bytes, const Limits& limits) {
  const archive::ZipViews zip = archive::read_zip(bytes);
  for (const archive::ZipMember& member : zip.members) {
    if (member.name != "EGG-INFO/PKG-INFO") continue;
    const Result<std::string> text = archive::unpack_whole_member(member, kMetadataBytesMax);
    const std::string place = std::string(path) + "/EGG-INFO/PKG-INFO";
    if (text) {
      PackageList list = read_python_metadata(place, *text, limits);
      for (Package& package : list.packages) package.line = 0;  // of the archive there are none
      return list;
    }
    PackageReading reading(path, Ecosystem::kPypi);
    reading.problem(0, text.error().message);
    return reading.take();
  }
  PackageReading reading(path, Ecosystem::kPypi);
  reading.problem(0, "expected EGG-INFO/PKG-INFO in the archive, found none");
  return reading.take();
}

}  // namespace vedette::formats::packages
