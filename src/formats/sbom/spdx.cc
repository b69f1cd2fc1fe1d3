// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "formats/packages/owned_path.h"
#include "formats/packages/text.h"
#include "formats/sbom/readers.h"

namespace vedette::formats::sbom {

using packages::Member;
using packages::Node;
using packages::OwnedFile;
using packages::Package;
using packages::PackageReading;
using packages::Relation;
using packages::Scope;

namespace {

constexpr std::size_t kRelationshipsMax = 8'000'000;
constexpr std::size_t kFilesMax = 4'000'000;

struct Relationship {
  std::string from;
  std::string type;
  std::string to;
};

// "X … of Y" and what X is to it (SPDX 2.3, annex on relationships).
struct NeedKind {
  std::string_view type;
  bool needs_first = false;  // from needs to; else to needs from
  Scope scope = Scope::kProduction;
};
constexpr std::array<NeedKind, 10> kNeedKinds = {{
    {"DEPENDS_ON", true, Scope::kProduction},
    {"DEPENDENCY_OF", false, Scope::kProduction},
    {"RUNTIME_DEPENDENCY_OF", false, Scope::kProduction},
    {"PROVIDED_DEPENDENCY_OF", false, Scope::kProduction},
    {"BUILD_DEPENDENCY_OF", false, Scope::kDevelopment},
    {"DEV_DEPENDENCY_OF", false, Scope::kDevelopment},
    {"DEV_TOOL_OF", false, Scope::kDevelopment},
    {"TEST_DEPENDENCY_OF", false, Scope::kDevelopment},
    {"OPTIONAL_DEPENDENCY_OF", false, Scope::kOptional},
    {"HAS_PREREQUISITE", true, Scope::kProduction},
}};

// What a package's entry says, in either form.
struct Entry {
  std::string id;
  std::string name;
  std::string version;
  std::string purl;
  std::string license;
  std::string checksum;
  std::string source;  // sourceInfo: free text, in which several tools say one thing alike
  std::uint32_t line = 0;
};

// "built package from: bash 5.2.15-2".
void read_source(std::string_view text, Package& package) {
  constexpr std::string_view kBegin = "built package from: ";
  const std::size_t at = text.find(kBegin);
  if (at == std::string_view::npos || !package.source_name.empty()) return;
  text.remove_prefix(at + kBegin.size());
  const packages::Halves halves = packages::cut_first(text.substr(0, text.find(';')), " ");
  const std::string_view version = packages::trimmed(halves.behind);
  if (halves.before == package.name && (version.empty() || version == package.version)) return;
  package.source_name = halves.before;
  package.source_version = version;
}

bool says_something(std::string_view text) {
  return !text.empty() && text != "NOASSERTION" && text != "NONE";
}

class SpdxAssembler {
 public:
  SpdxAssembler(PackageReading& reading, std::set<std::string, std::less<>> described)
      : reading_(reading), described_(std::move(described)) {}

  void add(const Entry& entry) {
    const bool is_subject = described_.contains(entry.id);
    if (is_subject && subject_.empty()) subject_ = entry.name;
    if (is_subject && subject_purl_.empty()) subject_purl_ = entry.purl;
    // What the document is about is a package only where it is known as one.
    if (is_subject && (entry.purl.empty() || entry.purl.starts_with("pkg:oci/"))) return;
    const std::uint32_t index =
        add_package(entry.purl, entry.name, entry.version, entry.line, reading_);
    if (index == PackageReading::kNone) return;
    Package& package = reading_.at(index);
    if (says_something(entry.license)) package.licenses = {entry.license};
    if (!entry.checksum.empty()) package.checksum = entry.checksum;
    read_source(entry.source, package);
    if (is_subject) package.relation = Relation::kRoot;
    reading_.know(entry.id, index);
  }

  void relate(const Relationship& one) {
    if (one.type == "CONTAINS") return own(one.from, one.to);
    if (one.type == "CONTAINED_BY") return own(one.to, one.from);
    for (const NeedKind& kind : kNeedKinds) {
      if (kind.type != one.type) continue;
      const std::string& needing = kind.needs_first ? one.from : one.to;
      const std::string& needed = kind.needs_first ? one.to : one.from;
      const std::uint32_t to = reading_.find(needed);
      if (to == PackageReading::kNone) return;
      const std::uint32_t from = reading_.find(needing);
      Package& package = reading_.at(to);
      // The strongest of what is said; production is what nothing need say.
      if (kind.scope != Scope::kProduction && weaker_.insert(needed).second)
        package.scope = kind.scope;
      if (kind.scope == Scope::kProduction && !kind.needs_first) package.scope = kind.scope;
      if (from != PackageReading::kNone) reading_.need(from, to);
      if (described_.contains(needing) && package.relation == Relation::kUnknown)
        package.relation = Relation::kDirect;
      return;
    }
  }
  // A file of the document, by its id.
  void add_file(std::string id, OwnedFile file) {
    std::string_view name = file.path;
    if (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    file.path.erase(0, file.path.size() - name.size());
    if (!id.empty() && !name.empty()) files_.insert_or_assign(std::move(id), std::move(file));
  }
  // That a package has this file, by its id.
  void own(std::string_view package, std::string_view file) {
    const auto found = files_.find(file);
    const std::uint32_t owner = reading_.find(std::string(package));
    if (found == files_.end() || owner == PackageReading::kNone) return;
    reading_.at(owner).owned_files.push_back(found->second);
    reading_.at(owner).files.push_back(packages::path_key(found->second.path));
  }

  const std::string& subject() const { return subject_; }
  const std::string& subject_purl() const { return subject_purl_; }

 private:
  PackageReading& reading_;
  std::set<std::string, std::less<>> described_;
  std::set<std::string, std::less<>> weaker_;
  std::string subject_;
  std::string subject_purl_;
  std::map<std::string, OwnedFile, std::less<>> files_;
};

std::string purl_in(const Node& references) {
  for (const Member& one : references.members) {
    if (one.value["referenceType"].text == "purl")
      return std::string(one.value["referenceLocator"].text);
  }
  return {};
}

Entry entry_of(const Node& node) {
  Entry entry;
  entry.id = node["SPDXID"].text;
  entry.name = node["name"].text;
  if (says_something(node["versionInfo"].text)) entry.version = node["versionInfo"].text;
  entry.purl = purl_in(node["externalRefs"]);
  entry.license = node["licenseDeclared"].text;
  if (!says_something(entry.license)) entry.license = node["licenseConcluded"].text;
  if (!node["checksums"].members.empty()) {
    const Node& checksum = node["checksums"].members.front().value;
    entry.checksum = packages::lower(checksum["algorithm"].text) + ":" +
                     std::string(checksum["checksumValue"].text);
  }
  entry.source = node["sourceInfo"].text;
  entry.line = node.line;
  return entry;
}

}  // namespace

Sbom read_spdx(std::string_view path, packages::Tree& tree) {
  const Node& root = tree.root;
  PackageReading reading(path, packages::Ecosystem::kNone, tree);
  std::set<std::string, std::less<>> described;
  for (const Member& one : root["documentDescribes"].members) described.emplace(one.value.text);
  std::vector<Relationship> relationships;
  for (const Member& member : root["relationships"].members) {
    Relationship one{std::string(member.value["spdxElementId"].text),
                     std::string(member.value["relationshipType"].text),
                     std::string(member.value["relatedSpdxElement"].text)};
    if (one.type == "DESCRIBES") described.insert(one.to);
    if (one.type == "DESCRIBED_BY") described.insert(one.from);
    relationships.push_back(std::move(one));
  }
  reading.expect(root["packages"].is_list() || !root.has("packages"), root.line,
                 "a list of packages under \"packages\"");
  SpdxAssembler assembler(reading, std::move(described));
  for (const Member& member : root["packages"].members) assembler.add(entry_of(member.value));
  for (const Member& member : root["files"].members) {
    OwnedFile file{std::string(member.value["fileName"].text), std::nullopt};
    for (const Member& sum : member.value["checksums"].members) {
      if (sum.value["algorithm"].text == "SHA1")
        file.sum = read_sha1(sum.value["checksumValue"].text);
    }
    assembler.add_file(std::string(member.value["SPDXID"].text), std::move(file));
  }
  for (const Relationship& one : relationships) assembler.relate(one);
  // As SPDX 2.2 has it.
  for (const Member& member : root["packages"].members) {
    for (const Member& file : member.value["hasFiles"].members)
      assembler.own(member.value["SPDXID"].text, file.value.text);
  }
  Sbom sbom;
  sbom.kind = SbomKind::kSpdx;
  sbom.version = root["spdxVersion"].text;
  sbom.subject = assembler.subject().empty() ? root["name"].text : assembler.subject();
  sbom.subject_purl = assembler.subject_purl();
  sbom.list = reading.take();
  return sbom;
}

namespace {

class TagReader {
 public:
  TagReader(std::string_view path, const Limits& limits)
      : reading_(path, packages::Ecosystem::kNone), limits_(limits) {}

  Sbom read(std::string_view bytes) {
    if (bytes.size() > limits_.file_bytes_max) {
      reading_.problem(
          0, fmt::format("expected at most {} bytes, found more", limits_.file_bytes_max));
      bytes = bytes.substr(0, limits_.file_bytes_max);
    }
    packages::Lines lines(bytes);
    std::string_view line;
    while (lines.next(line)) {
      if (is_in_text_) {
        is_in_text_ = line.find("</text>") == std::string_view::npos;
        continue;
      }
      const packages::Halves halves = packages::cut_first(line, ":");
      if (!halves.found || line.starts_with('#')) continue;
      const std::string_view value = packages::trimmed(halves.behind);
      is_in_text_ = value.starts_with("<text>") && value.find("</text>") == std::string_view::npos;
      take(packages::trimmed(halves.before), value, lines.number());
    }
    SpdxAssembler assembler(reading_, std::move(described_));
    for (const Entry& entry : entries_) assembler.add(entry);
    for (FileEntry& one : files_) assembler.add_file(one.id, std::move(one.file));
    for (const Relationship& one : relationships_) assembler.relate(one);
    // A file that stands behind a package is one of its own.
    for (const FileEntry& one : files_) {
      if (one.package < entries_.size()) assembler.own(entries_[one.package].id, one.id);
    }
    sbom_.kind = SbomKind::kSpdxTagValue;
    if (!assembler.subject().empty()) sbom_.subject = assembler.subject();
    sbom_.subject_purl = assembler.subject_purl();
    sbom_.list = reading_.take();
    return std::move(sbom_);
  }

 private:
  void take(std::string_view tag, std::string_view value, std::uint32_t line) {
    if (tag == "SPDXVersion") sbom_.version = value;
    if (tag == "DocumentName") sbom_.subject = value;
    if (tag == "PackageName") {
      if (entries_.size() == PackageReading::kPackagesMax) return;
      is_in_package_ = true;
      entries_.emplace_back().name = value;
      entries_.back().line = line;
    }
    // Files and snippets have identifiers of their own.
    if (tag == "PackageName" || tag == "SnippetSPDXID") is_in_file_ = false;
    if (tag == "FileName") begin_file(value);
    if (tag == "FileName" || tag == "SnippetSPDXID") is_in_package_ = false;
    if (tag == "Relationship") add_relationship(value);
    if (is_in_file_) take_of_file(tag, value);
    if (!is_in_package_) return;
    Entry& entry = entries_.back();
    if (tag == "SPDXID") entry.id = value;
    if (tag == "PackageSourceInfo") {
      entry.source = value;
      if (entry.source.starts_with("<text>")) entry.source.erase(0, 6);
      entry.source = entry.source.substr(0, entry.source.find("</text>"));
    }
    if (tag == "PackageVersion" && says_something(value)) entry.version = value;
    if (tag == "PackageLicenseDeclared" && says_something(value)) entry.license = value;
    if (tag == "PackageLicenseConcluded" && entry.license.empty() && says_something(value))
      entry.license = value;
    if (tag == "ExternalRef") {
      const auto words = packages::words_of(value);
      if (words.size() >= 3 && words[1] == "purl") entry.purl = words[2];
    }
    if (tag == "PackageChecksum") {
      const packages::Halves halves = packages::cut_first(value, ":");
      entry.checksum = packages::lower(packages::trimmed(halves.before)) + ":" +
                       std::string(packages::trimmed(halves.behind));
    }
  }

  void begin_file(std::string_view name) {
    is_in_file_ = files_.size() < kFilesMax;
    if (is_in_file_) files_.push_back({"", {std::string(name), std::nullopt}, entries_.size() - 1});
  }

  void take_of_file(std::string_view tag, std::string_view value) {
    if (tag == "SPDXID") files_.back().id = value;
    if (tag != "FileChecksum") return;
    const packages::Halves halves = packages::cut_first(value, ":");
    if (packages::trimmed(halves.before) == "SHA1")
      files_.back().file.sum = read_sha1(packages::trimmed(halves.behind));
  }

  void add_relationship(std::string_view value) {
    const auto words = packages::words_of(value);
    if (words.size() < 3 || relationships_.size() == kRelationshipsMax) return;
    if (words[1] == "DESCRIBES") described_.emplace(words[2]);
    relationships_.push_back({std::string(words[0]), std::string(words[1]), std::string(words[2])});
  }

  PackageReading reading_;
  const Limits& limits_;
  Sbom sbom_;
  bool is_in_text_ = false;
  bool is_in_package_ = false;
  bool is_in_file_ = false;
  struct FileEntry {
    std::string id;
    OwnedFile file;
    std::size_t package = 0;  // the last one before it; beyond the last: none
  };
  std::vector<Entry> entries_;
  std::vector<FileEntry> files_;
  std::vector<Relationship> relationships_;
  std::set<std::string, std::less<>> described_;
};

}  // namespace

Sbom read_spdx_tags(std::string_view path, std::string_view bytes, const Limits& limits) {
  return TagReader(path, limits).read(bytes);
}

}  // namespace vedette::formats::sbom
