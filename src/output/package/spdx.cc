// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/json_writer.h"
#include "output/package/bill_formats.h"
#include "output/package/bill_of_materials.h"

namespace vedette::output {
namespace {

using formats::packages::OwnedFile;
using formats::packages::Package;

constexpr std::string_view kUnknown = "NOASSERTION";
constexpr std::string_view kSubjectId = "SPDXRef-subject";

std::string id_of(std::uint32_t index) { return "SPDXRef-package-" + std::to_string(index); }

// Files whose bytes were looked at, each once, by name: only of such SPDX wants to hear.
std::vector<const OwnedFile*> files_of(const BillOfMaterials& bill) {
  std::vector<const OwnedFile*> files;
  for (const BillComponent& component : bill.components)
    std::ranges::copy_if(component.files, std::back_inserter(files),
                         [](const OwnedFile* file) { return file->sum.has_value(); });
  std::ranges::stable_sort(files, {}, &OwnedFile::path);
  const auto again = std::ranges::unique(files, {}, &OwnedFile::path);
  files.erase(again.begin(), again.end());
  return files;
}

std::string file_id_of(const OwnedFile& file, const std::vector<const OwnedFile*>& files) {
  const auto at = std::ranges::lower_bound(files, file.path, {}, &OwnedFile::path);
  return "SPDXRef-file-" + std::to_string(at - files.begin());
}

std::string name_of(const OwnedFile& file) { return "./" + file.path; }

bool has_sums(const BillComponent& component) {
  return std::ranges::any_of(component.files,
                             [](const OwnedFile* file) { return file->sum.has_value(); });
}

// SPDX 2.3, section 7.9: the SHA-1 of all files' sums in their order, one behind the other. Links
// and what else has no sum are told to be left out.
void append_verification_code(const BillComponent& component, JsonWriter& json) {
  std::vector<std::string> sums;
  for (const OwnedFile* const file : component.files) {
    if (file->sum) sums.push_back(to_hexadecimal(*file->sum));
  }
  std::ranges::sort(sums);
  Sha1Stream code;
  for (const std::string& sum : sums) code.add(sum);
  json.key("packageVerificationCode").begin_object();
  json.key("packageVerificationCodeValue").string(to_hexadecimal(code.finish()));
  if (sums.size() < component.files.size()) {
    json.key("packageVerificationCodeExcludedFiles").begin_array();
    for (const OwnedFile* const file : component.files) {
      if (!file->sum) json.string(name_of(*file));
    }
    json.end_array();
  }
  json.end_object();
}

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
  const bool is_analyzed = has_sums(component);
  json.key("downloadLocation").string(kUnknown).key("filesAnalyzed").boolean(is_analyzed);
  if (is_analyzed) append_verification_code(component, json);
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

Result<void> append_files(const std::vector<const OwnedFile*>& files,
                          const PackageReportOptions& options, JsonWriter& json) {
  if (files.empty()) return {};
  json.key("files").begin_array();
  for (const OwnedFile* const file : files) {
    json.begin_object().key("SPDXID").string(file_id_of(*file, files));
    json.key("fileName").string(name_of(*file));
    json.key("checksums").begin_array().begin_object().key("algorithm").string("SHA1");
    json.key("checksumValue").string(to_hexadecimal(*file->sum)).end_object().end_array();
    json.key("licenseConcluded").string(kUnknown).key("licenseInfoInFiles").begin_array();
    json.string(kUnknown).end_array().key("copyrightText").string(kUnknown).end_object();
    TRY_VOID(options.writer.settle());
  }
  json.end_array();
  return {};
}

Result<void> append_relationships(const BillOfMaterials& bill,
                                  const std::vector<const OwnedFile*>& files,
                                  const PackageReportOptions& options, JsonWriter& json) {
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
    for (const OwnedFile* const file : bill.components[i].files) {
      if (file->sum) append_relationship(id_of(i), "CONTAINS", file_id_of(*file, files), json);
    }
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
  const std::vector<const OwnedFile*> owned = files_of(bill);
  TRY_VOID(append_files(owned, options, json));
  append_references(bill, json);
  json.key("relationships").begin_array();
  TRY_VOID(append_relationships(bill, owned, options, json));
  json.end_array().end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

}  // namespace vedette::output
