// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/json_writer.h"
#include "output/package/bill_formats.h"
#include "output/package/bill_of_materials.h"

namespace vedette::output {
namespace {

using formats::packages::Package;

constexpr std::string_view kUnknown = "NOASSERTION";
constexpr std::string_view kSubjectId = "SPDXRef-subject";

std::string id_of(std::uint32_t index) { return "SPDXRef-package-" + std::to_string(index); }

// SPDX's names of algorithms are read_checksum()'s in capital letters.
std::string capital(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::string source_text(const BillComponent& component) {
  const Package& package = *component.package;
  std::string text;
  // The words that others have for it, and read (formats/sbom).
  if (!package.source_name.empty()) {
    text = "built package from: " + package.source_name;
    if (!package.source_version.empty()) text += ' ' + package.source_version;
    text += "; ";
  }
  text += "named in ";
  for (const BillComponent::Occurrence& one : component.occurrences) {
    text += text.ends_with(' ') ? "" : ", ";
    text += one.path;
    if (one.line != 0) text += ':' + std::to_string(one.line);
  }
  return text;
}

void append_purl(std::string_view purl, JsonWriter& json) {
  if (purl.empty()) return;
  json.key("externalRefs").begin_array().begin_object();
  json.key("referenceCategory").string("PACKAGE-MANAGER").key("referenceType").string("purl");
  json.key("referenceLocator").string(purl).end_object().end_array();
}

void append_package(const BillComponent& component, std::uint32_t index, JsonWriter& json) {
  const Package& package = *component.package;
  json.begin_object().key("SPDXID").string(id_of(index)).key("name").string(package.name);
  if (!package.version.empty()) json.key("versionInfo").string(package.version);
  json.key("downloadLocation").string(kUnknown).key("filesAnalyzed").boolean(false);
  json.key("licenseConcluded").string(kUnknown);
  json.key("licenseDeclared")
      .string(component.license.text.empty() ? kUnknown : std::string_view(component.license.text));
  json.key("copyrightText").string(kUnknown);
  json.key("sourceInfo").string(source_text(component));
  json.key("primaryPackagePurpose")
      .string(component.relation == formats::packages::Relation::kRoot ? "APPLICATION" : "LIBRARY");
  const Checksum checksum = read_checksum(package.checksum);
  if (!checksum.digits.empty()) {
    json.key("checksums").begin_array().begin_object();
    json.key("algorithm").string(capital(checksum.algorithm));
    json.key("checksumValue").string(checksum.digits).end_object().end_array();
  }
  append_purl(component.purl, json);
  json.end_object();
}

void append_relationship(std::string_view from, std::string_view type, std::string_view to,
                         JsonWriter& json) {
  json.begin_object().key("spdxElementId").string(from).key("relationshipType").string(type);
  json.key("relatedSpdxElement").string(to).end_object();
}

// From what is needed to what needs it: only so does SPDX tell what for.
std::string_view reverse_type(const BillComponent& component) {
  switch (component.scope) {
    case formats::packages::Scope::kProduction:
      break;
    case formats::packages::Scope::kDevelopment:
      return "DEV_DEPENDENCY_OF";
    case formats::packages::Scope::kOptional:
      return "OPTIONAL_DEPENDENCY_OF";
  }
  return "DEPENDENCY_OF";
}

Result<void> append_relationships(const BillOfMaterials& bill, const PackageReportOptions& options,
                                  JsonWriter& json) {
  append_relationship("SPDXRef-DOCUMENT", "DESCRIBES", kSubjectId, json);
  std::vector<bool> is_asked(bill.components.size());
  for (const std::uint32_t index : bill.asked) {
    is_asked[index] = true;
    append_relationship(id_of(index), reverse_type(bill.components[index]), kSubjectId, json);
  }
  for (std::uint32_t i = 0; i < bill.components.size(); ++i) {
    if (!is_asked[i]) append_relationship(kSubjectId, "CONTAINS", id_of(i), json);
    for (const std::uint32_t needed : bill.components[i].needs)
      append_relationship(id_of(needed), reverse_type(bill.components[needed]), id_of(i), json);
    TRY_VOID(options.writer.settle());
  }
  return {};
}

void append_references(const BillOfMaterials& bill, JsonWriter& json) {
  std::map<std::string_view, std::string_view> written;
  for (const BillComponent& component : bill.components) {
    for (const auto& reference : component.license.references)
      written.emplace(reference.id, reference.written);
  }
  if (written.empty()) return;
  json.key("hasExtractedLicensingInfos").begin_array();
  for (const auto& [id, text] : written) {
    json.begin_object().key("licenseId").string(id).key("name").string(text);
    json.key("extractedText").string(text).end_object();
  }
  json.end_array();
}

}  // namespace

Result<void> write_spdx(const std::vector<formats::packages::PackageFile>& files,
                        const event::ScanSummary& /*summary*/,
                        const PackageReportOptions& options) {
  const BillOfMaterials bill = make_bill(files, options.subject, options.now);
  JsonWriter json(options.writer.buffer());
  json.begin_object().key("spdxVersion").string("SPDX-2.3").key("dataLicense").string("CC0-1.0");
  json.key("SPDXID").string("SPDXRef-DOCUMENT").key("name").string(options.subject);
  json.key("documentNamespace").string("https://vedette.invalid/spdx/" + bill.uuid);
  json.key("creationInfo").begin_object();
  json.key("created").string(format_time(options.now / kNsPerSecond * kNsPerSecond));
  json.key("creators").begin_array().string("Tool: vedette-" + std::string(options.version));
  json.end_array().end_object();
  json.key("packages").begin_array();
  json.begin_object().key("SPDXID").string(kSubjectId).key("name").string(options.subject);
  json.key("downloadLocation").string(kUnknown).key("filesAnalyzed").boolean(false);
  json.key("licenseConcluded").string(kUnknown).key("licenseDeclared").string(kUnknown);
  json.key("copyrightText").string(kUnknown);
  append_purl(options.subject_purl, json);
  json.key("primaryPackagePurpose").string("APPLICATION").end_object();
  for (std::uint32_t i = 0; i < bill.components.size(); ++i) {
    append_package(bill.components[i], i, json);
    TRY_VOID(options.writer.settle());
  }
  json.end_array();
  append_references(bill, json);
  json.key("relationships").begin_array();
  TRY_VOID(append_relationships(bill, options, json));
  json.end_array().end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

}  // namespace vedette::output
