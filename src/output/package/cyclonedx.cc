// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/json_writer.h"
#include "output/package/bill_formats.h"
#include "output/package/bill_of_materials.h"
#include "output/package/cyclonedx_metadata.h"
#include "output/package/cyclonedx_vulnerabilities.h"

namespace vedette::output {
namespace {

using formats::packages::Ecosystem;
using formats::packages::Package;
using formats::packages::Relation;

constexpr std::array<std::string_view, 4> kRelations = {"unknown", "direct", "transitive", "root"};
// "excluded" is for what is not there when it runs.
constexpr std::array<std::string_view, 3> kScopes = {"required", "excluded", "optional"};

// By read_checksum()'s names.
std::string_view hash_name(std::string_view algorithm) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {
      {{"md5", "MD5"},
       {"sha1", "SHA-1"},
       {"sha256", "SHA-256"},
       {"sha384", "SHA-384"},
       {"sha512", "SHA-512"}}};
  for (const auto& [name, theirs] : kNames) {
    if (name == algorithm) return theirs;
  }
  return {};
}

void append_property(std::string_view name, std::string_view value, JsonWriter& json) {
  if (value.empty()) return;
  json.begin_object().key("name").string("vedette:" + std::string(name));
  json.key("value").string(value).end_object();
}

// One name of the list, one name of somebody's, or an expression: the schema knows these three.
void append_licenses(const BillComponent& component, JsonWriter& json) {
  const formats::packages::LicenseExpression& license = component.license;
  if (license.text.empty()) return;
  json.key("licenses").begin_array().begin_object();
  const bool is_one = license.text.find(' ') == std::string::npos;
  if (is_one && !license.is_known) {
    json.key("license").begin_object().key("name");
    json.string(license.references.front().written).end_object();
  } else {
    json.key("expression").string(license.text);
  }
  json.end_object().end_array();
}

// As the parts of their package that they are.
void append_files(const BillComponent& component, JsonWriter& json) {
  if (component.files.empty()) return;
  json.key("components").begin_array();
  for (const formats::packages::OwnedFile* const file : component.files)
    json.begin_object().key("type").string("file").key("name").string(file->path).end_object();
  json.end_array();
}

void append_component(const BillComponent& component, JsonWriter& json) {
  const Package& package = *component.package;
  json.begin_object().key("type").string(component.relation == Relation::kRoot ? "application"
                                                                               : "library");
  json.key("bom-ref").string(component.reference);
  std::string_view name = package.name;
  const std::size_t colon = name.find(':');
  if (package.ecosystem == Ecosystem::kMaven && colon != std::string_view::npos) {
    json.key("group").string(name.substr(0, colon));
    name.remove_prefix(colon + 1);
  }
  json.key("name").string(name);
  if (!package.version.empty()) json.key("version").string(package.version);
  json.key("scope").string(kScopes[static_cast<std::size_t>(component.scope)]);
  const Checksum checksum = read_checksum(package.checksum);
  if (!checksum.digits.empty()) {
    json.key("hashes").begin_array().begin_object();
    json.key("alg").string(hash_name(checksum.algorithm)).key("content").string(checksum.digits);
    json.end_object().end_array();
  }
  append_licenses(component, json);
  if (!component.purl.empty()) json.key("purl").string(component.purl);
  json.key("evidence").begin_object().key("occurrences").begin_array();
  for (const BillComponent::Occurrence& one : component.occurrences) {
    json.begin_object().key("location").string(one.path);
    if (one.line != 0) json.key("line").number(one.line);
    json.end_object();
  }
  json.end_array().end_object().key("properties").begin_array();
  append_property("relation", kRelations[static_cast<std::size_t>(component.relation)], json);
  append_property("requested", package.requested, json);
  append_property("source_name", package.source_name, json);
  append_property("source_version", package.source_version, json);
  append_property("resolved", package.resolved, json);
  append_property("evidence", package.evidence, json);
  json.end_array();
  append_files(component, json);
  json.end_object();
}

void append_needs(std::string_view reference, const std::vector<std::uint32_t>& needs,
                  const BillOfMaterials& bill, JsonWriter& json) {
  json.begin_object().key("ref").string(reference).key("dependsOn").begin_array();
  for (const std::uint32_t index : needs) json.string(bill.components[index].reference);
  json.end_array().end_object();
}

}  // namespace

void append_metadata(const PackageReportOptions& options, std::string_view type, JsonWriter& json) {
  json.key("metadata").begin_object();
  if (options.now != 0)
    json.key("timestamp").string(format_time(options.now / kNsPerSecond * kNsPerSecond));
  json.key("tools").begin_object().key("components").begin_array().begin_object();
  json.key("type").string("application").key("name").string("vedette");
  json.key("version").string(options.version).end_object().end_array().end_object();
  json.key("component").begin_object().key("type").string(type);
  json.key("bom-ref").string(kSubjectReference).key("name").string(options.subject);
  if (!options.subject_purl.empty()) json.key("purl").string(options.subject_purl);
  json.end_object().end_object();
}

Result<void> write_cyclonedx(const std::vector<formats::packages::PackageFile>& files,
                             const event::ScanSummary& /*summary*/,
                             const PackageReportOptions& options) {
  const BillOfMaterials bill = make_bill(files, options.subject, options.now);
  JsonWriter json(options.writer.buffer());
  json.begin_object().key("$schema").string("http://cyclonedx.org/schema/bom-1.6.schema.json");
  json.key("bomFormat").string("CycloneDX").key("specVersion").string("1.6");
  json.key("serialNumber").string("urn:uuid:" + bill.uuid).key("version").number(1);
  append_metadata(options, "application", json);
  json.key("components").begin_array();
  for (const BillComponent& component : bill.components) {
    append_component(component, json);
    TRY_VOID(options.writer.settle());
  }
  json.end_array().key("dependencies").begin_array();
  append_needs(kSubjectReference, bill.asked, bill, json);
  for (const BillComponent& component : bill.components) {
    append_needs(component.reference, component.needs, bill, json);
    TRY_VOID(options.writer.settle());
  }
  json.end_array();
  if (options.findings != nullptr)
    TRY_VOID(append_vulnerabilities(*options.findings, options.writer, json));
  json.end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

}  // namespace vedette::output
