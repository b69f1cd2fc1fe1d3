// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "formats/packages/owned_path.h"
#include "formats/packages/purl_reader.h"
#include "formats/sbom/readers.h"

namespace vedette::formats::sbom {

using packages::Member;
using packages::Node;
using packages::Package;
using packages::PackageReading;
using packages::Relation;
using packages::Scope;

namespace {

constexpr std::string_view kOurs = "vedette:";

// licenses: [{license: {id | name}} | {expression}].
std::vector<std::string> licenses_in(const Node& node) {
  std::vector<std::string> found;
  for (const Member& one : node.members) {
    const Node& license = one.value["license"];
    for (const std::string_view text :
         {one.value["expression"].text, license["id"].text, license["name"].text}) {
      if (text.empty()) continue;
      found.emplace_back(text);
      break;
    }
  }
  return found;
}

std::string checksum_in(const Node& hashes) {
  if (hashes.members.empty()) return {};
  const Node& first = hashes.members.front().value;
  std::string algorithm;
  for (const char c : first["alg"].text) {
    if (c != '-') algorithm += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return algorithm + ":" + std::string(first["content"].text);
}

// What we wrote ourselves, and what others write of packages of distributions.
void read_property(std::string_view name, std::string_view value, Package& package) {
  if (name == "aquasecurity:trivy:SrcName") package.source_name = value;
  if (name == "aquasecurity:trivy:SrcVersion") package.source_version = value;
  if (!name.starts_with(kOurs)) return;
  name.remove_prefix(kOurs.size());
  if (name == "requested") package.requested = value;
  if (name == "source_name") package.source_name = value;
  if (name == "source_version") package.source_version = value;
  if (name == "resolved") package.resolved = value;
  if (name == "evidence") package.evidence = value;
  if (name == "relation") {
    package.relation = value == "direct"       ? Relation::kDirect
                       : value == "transitive" ? Relation::kTransitive
                       : value == "root"       ? Relation::kRoot
                                               : Relation::kUnknown;
  }
}

class CycloneDxReader {
 public:
  CycloneDxReader(std::string_view path, packages::Tree& tree)
      : root_(tree.root), reading_(path, packages::Ecosystem::kNone, tree) {}

  Sbom read() {
    Sbom sbom;
    sbom.kind = SbomKind::kCycloneDx;
    sbom.version = root_["specVersion"].text;
    const Node& subject = root_["metadata"]["component"];
    sbom.subject = subject["name"].text;
    sbom.subject_purl = subject["purl"].text;
    reading_.expect(root_["components"].is_list() || !root_.has("components"), root_.line,
                    "a list of components under \"components\"");
    // Components inside of others, without recursion; first come first.
    struct Open {
      const Node* list;
      std::uint32_t owner;  // the package that they are parts of
    };
    std::vector<Open> open = {{&root_["components"], PackageReading::kNone},
                              {&subject["components"], PackageReading::kNone}};
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Open at = open[i];
      for (const Member& component : at.list->members) {
        if (component.value["type"].text == "file")
          add_file(component.value["name"].text, at.owner);
        const std::uint32_t index = add(component.value);
        const Node& parts = component.value["components"];
        if (parts.is_list()) open.push_back({&parts, index});
      }
    }
    const std::string_view subject_reference = subject["bom-ref"].text;
    for (const Member& dependency : root_["dependencies"].members) {
      const std::string reference(dependency.value["ref"].text);
      const std::uint32_t from = reading_.find(reference);
      const bool is_subject = !subject_reference.empty() && reference == subject_reference;
      for (const Member& needed : dependency.value["dependsOn"].members)
        add_need(is_subject, from, std::string(needed.value.text));
    }
    sbom.list = reading_.take();
    return sbom;
  }

 private:
  // Of the package that it stands in.
  void add_file(std::string_view name, std::uint32_t owner) {
    if (owner == PackageReading::kNone || name.empty()) return;
    Package& package = reading_.at(owner);
    package.owned_files.push_back({std::string(name), std::nullopt});
    package.files.push_back(packages::path_key(name));
  }

  // The new package's index, or none.
  std::uint32_t add(const Node& component) {
    const std::string_view type = component["type"].text;
    // Files, services' platforms and data are no packages.
    if (type == "file" || type == "operating-system" || type == "data" || type == "device")
      return PackageReading::kNone;
    std::string name(component["name"].text);
    if (const std::string_view group = component["group"].text; !group.empty())
      name = std::string(group) + "/" + name;
    const std::uint32_t index = add_package(component["purl"].text, name, component["version"].text,
                                            component.line, reading_);
    if (index == PackageReading::kNone) return index;
    Package& package = reading_.at(index);
    package.licenses = licenses_in(component["licenses"]);
    if (component.has("hashes")) package.checksum = checksum_in(component["hashes"]);
    const std::string_view scope = component["scope"].text;
    if (scope == "excluded") package.scope = Scope::kDevelopment;
    if (scope == "optional") package.scope = Scope::kOptional;
    for (const Member& property : component["properties"].members)
      read_property(property.value["name"].text, property.value["value"].text, package);
    reading_.know(std::string(component["bom-ref"].text), index);
    return index;
  }

  void add_need(bool is_subject, std::uint32_t from, const std::string& needed) {
    const std::uint32_t to = reading_.find(needed);
    if (to == PackageReading::kNone) return;
    if (from != PackageReading::kNone) reading_.need(from, to);
    // What is said of each package itself knows better.
    Package& package = reading_.at(to);
    if (is_subject && package.relation == Relation::kUnknown) package.relation = Relation::kDirect;
  }

  const Node& root_;
  PackageReading reading_;
};

}  // namespace

std::uint32_t add_package(std::string_view purl, std::string_view name, std::string_view version,
                          std::uint32_t line, PackageReading& reading) {
  std::optional<Package> known = packages::package_of_purl(purl);
  const std::uint32_t index =
      known ? reading.add(known->name, known->version, line) : reading.add(name, version, line);
  if (index == PackageReading::kNone || !known) return index;
  Package& package = reading.at(index);
  if (known->version.empty()) known->version = version;
  known->path = std::move(package.path);
  known->line = line;
  package = std::move(*known);
  return index;
}

Sbom read_cyclonedx(std::string_view path, packages::Tree& tree) {
  return CycloneDxReader(path, tree).read();
}

}  // namespace vedette::formats::sbom
