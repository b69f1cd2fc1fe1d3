// SPDX-License-Identifier: Apache-2.0
#include "output/package/model_bill.h"

#include <fmt/format.h>
#include <string>

#include "base/json_writer.h"
#include "formats/packages/license.h"
#include "output/package/bill_of_materials.h"
#include "output/package/cyclonedx_metadata.h"

namespace vedette::output {
namespace {

using formats::models::DigestManifest;
using formats::models::FileDigest;
using formats::models::ModelComponent;
using formats::models::ModelDescription;

// One digest for all files of the model, as a manifest of digests has it.
Sha256 root_of(const ModelComponent& model) {
  return formats::models::root_digest(
      {.shard_bytes = DigestManifest::kWhole, .files = model.files});
}

std::string reference_of(const ModelComponent& model) {
  return !model.purl.empty() ? model.purl : "model:" + model.name;
}

void append_hash(const Sha256& digest, JsonWriter& json) {
  json.key("hashes").begin_array().begin_object().key("alg").string("SHA-256");
  json.key("content").string(to_hexadecimal(digest)).end_object().end_array();
}

// The schema takes one expression, or names; several that a card lists hold together.
void append_licenses(const std::vector<std::string>& written, JsonWriter& json) {
  if (written.empty()) return;
  const auto license = formats::packages::license_expression(written);
  if (license.text.empty()) return;
  json.key("licenses").begin_array().begin_object();
  if (license.is_known) {
    json.key("expression").string(license.text).end_object().end_array();
    return;
  }
  json.key("license").begin_object().key("name").string(
      fmt::format("{}", fmt::join(written, ", ")));
  json.end_object().end_object().end_array();
}

void append_card(const ModelDescription& model, JsonWriter& json) {
  json.key("modelCard").begin_object().key("modelParameters").begin_object();
  if (!model.task.empty()) json.key("task").string(model.task);
  if (!model.family.empty()) json.key("architectureFamily").string(model.family);
  if (!model.architecture.empty()) json.key("modelArchitecture").string(model.architecture);
  if (!model.datasets.empty()) {
    json.key("datasets").begin_array();
    for (const std::string& name : model.datasets)
      json.begin_object().key("type").string("dataset").key("name").string(name).end_object();
    json.end_array();
  }
  json.end_object().end_object();
}

void append_property(std::string_view name, std::string_view value, JsonWriter& json) {
  if (value.empty()) return;
  json.begin_object().key("name").string(fmt::format("vedette:{}", name));
  json.key("value").string(value).end_object();
}

void append_file(const ModelComponent& model, const FileDigest& file, JsonWriter& json) {
  json.begin_object().key("type").string("file");
  json.key("bom-ref").string(fmt::format("{}#{}", reference_of(model), file.path));
  json.key("name").string(file.path);
  append_hash(file.digest, json);
  json.key("properties").begin_array();
  append_property("size", std::to_string(file.size), json);
  json.end_array().end_object();
}

Result<void> append_model(const ModelComponent& model, Writer& writer, JsonWriter& json) {
  json.begin_object().key("type").string("machine-learning-model");
  json.key("bom-ref").string(reference_of(model));
  const std::size_t slash = model.name.find('/');
  const bool is_owned = !model.purl.empty() && slash != std::string::npos;
  if (is_owned) json.key("group").string(model.name.substr(0, slash));
  json.key("name").string(is_owned ? model.name.substr(slash + 1) : model.name);
  if (!model.version.empty()) json.key("version").string(model.version);
  if (model.files.size() == 1) append_hash(model.files.front().digest, json);
  append_licenses(model.description.licenses, json);
  if (!model.purl.empty()) json.key("purl").string(model.purl);
  if (!model.description.base_models.empty()) {
    json.key("pedigree").begin_object().key("ancestors").begin_array();
    for (const std::string& name : model.description.base_models) {
      json.begin_object().key("type").string("machine-learning-model");
      json.key("name").string(name).end_object();
    }
    json.end_array().end_object();
  }
  json.key("components").begin_array();
  for (const FileDigest& file : model.files) {
    append_file(model, file, json);
    TRY_VOID(writer.settle());
  }
  json.end_array();
  append_card(model.description, json);
  json.key("properties").begin_array();
  append_property("library", model.description.library, json);
  append_property("root", to_hexadecimal(root_of(model)), json);
  json.end_array().end_object();
  return writer.settle();
}

std::string serial_of(const std::vector<ModelComponent>& models,
                      const PackageReportOptions& options) {
  std::string content = fmt::format("{}\n{}\n", options.subject, options.now);
  for (const ModelComponent& model : models)
    content += fmt::format("{}\n{}\n", reference_of(model), to_hexadecimal(root_of(model)));
  return "urn:uuid:" + make_uuid(sha256(content));
}

}  // namespace

Result<void> write_model_bill(const std::vector<ModelComponent>& models,
                              const PackageReportOptions& options) {
  JsonWriter json(options.writer.buffer());
  json.begin_object().key("$schema").string("http://cyclonedx.org/schema/bom-1.6.schema.json");
  json.key("bomFormat").string("CycloneDX").key("specVersion").string("1.6");
  json.key("serialNumber").string(serial_of(models, options)).key("version").number(1);
  append_metadata(options, "data", json);
  json.key("components").begin_array();
  for (const ModelComponent& model : models) TRY_VOID(append_model(model, options.writer, json));
  json.end_array().key("dependencies").begin_array();
  json.begin_object().key("ref").string(kSubjectReference).key("dependsOn").begin_array();
  // Two revisions of one name have addresses of their own, so that all references differ.
  for (const ModelComponent& model : models) json.string(reference_of(model));
  json.end_array().end_object().end_array().end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

}  // namespace vedette::output
