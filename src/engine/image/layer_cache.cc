// SPDX-License-Identifier: Apache-2.0
#include "engine/image/layer_cache.h"

#include <utility>

#include "base/binary_archive.h"
#include "engine/scan/stored_findings.h"
#include "formats/packages/jars/jar_table.h"
#include "formats/packages/package_file.h"

namespace vedette::engine {
namespace {

using formats::packages::Ecosystem;
using formats::packages::kEcosystemNames;
using formats::packages::Package;
using formats::packages::PackageFile;
using formats::packages::PackageFileKind;
using formats::packages::PackageList;
using formats::packages::Relation;
using formats::packages::Scope;

constexpr auto kSum = [](auto& archive, auto& sum) {
  for (auto& byte : sum) archive.value(byte);
};

// Members are taken apart by name here and below, so that a new one cannot be forgotten: it does
// not compile.
constexpr auto kOwnedFile = [](auto& archive, auto& file) {
  auto& [path, sum] = file;
  archive.value(path);
  archive.optional(sum, kSum);
};

constexpr auto kPackage = [](auto& archive, auto& package) {
  auto& [ecosystem, name, version, requested, source_name, source_version, architecture,
         distribution, licenses, relation, scope, path, line, resolved, checksum, needs, layer,
         files, owned_files, evidence] = package;
  archive.value(ecosystem);
  archive.value(name);
  archive.value(version);
  archive.value(requested);
  archive.value(source_name);
  archive.value(source_version);
  archive.value(architecture);
  archive.value(distribution);
  kArchiveTexts(archive, licenses);
  archive.value(relation);
  archive.value(scope);
  archive.value(path);
  archive.value(line);
  archive.value(resolved);
  archive.value(checksum);
  archive.list(needs, kArchiveNumber);
  archive.value(layer);
  archive.list(files, kArchiveNumber);
  archive.list(owned_files, kOwnedFile);
  archive.value(evidence);
};

constexpr auto kProblem = [](auto& archive, auto& problem) {
  auto& [kind, place, message, hint] = problem;
  archive.value(kind);
  archive.value(place.file);
  archive.value(message);
  archive.value(hint);
};

constexpr auto kList = [](auto& archive, auto& list) {
  auto& [packages, problems, complete, scopes_known, symbols, symbols_complete, pom] =
      list;  // no manifests are kept
  archive.list(packages, kPackage);
  archive.list(problems, kProblem);
  archive.value(complete);
  archive.value(scopes_known);
  archive.list(symbols, kArchiveNumber);
  archive.value(symbols_complete);
};

constexpr auto kSystem = [](auto& archive, auto& system) {
  auto& [id, version_id, name] = system;
  archive.value(id);
  archive.value(version_id);
  archive.value(name);
};

void write_packages(ArchiveWriter& writer, const PackageFile& file) {
  const auto& [path, kind, list, spoken_for_by, left_out] = file;
  writer.value(path);
  writer.value(std::string(kind->name));
  kList(writer, list);
  writer.value(spoken_for_by);
  writer.value(left_out);
}

bool is_sound(const Package& package, std::size_t count) {
  bool sound = static_cast<std::size_t>(package.ecosystem) < kEcosystemNames.size() &&
               package.relation <= Relation::kRoot && package.scope <= Scope::kOptional;
  for (const std::uint32_t need : package.needs) sound = sound && need < count;
  return sound;
}

bool read_packages(ArchiveReader& reader, PackageFile& file) {
  reader.value(file.path);
  std::string kind;
  reader.value(kind);
  file.kind = formats::packages::package_kind_of_name(kind);
  kList(reader, file.list);
  reader.value(file.spoken_for_by);
  reader.value(file.left_out);
  bool sound = reader.is_reading() && file.kind != nullptr;
  for (const Package& package : file.list.packages)
    sound = sound && is_sound(package, file.list.packages.size());
  return sound;
}

// False: a finding is of no known rule.
bool write_file(ArchiveWriter& writer, const LayerFile& file,
                const rules::secret::SecretRuleSet* rules) {
  const auto& [path, links, packages, system, statements, findings, replaced] = file;
  writer.value(path);
  kArchiveTexts(writer, links);
  writer.optional(statements);
  writer.value(packages.has_value());
  if (packages) write_packages(writer, *packages);
  writer.optional(system, kSystem);
  writer.value(replaced);
  writer.value(!findings.empty());
  return findings.empty() || (rules != nullptr && write_findings(writer, findings, *rules));
}

bool read_file(ArchiveReader& reader, LayerFile& file, const rules::secret::SecretRuleSet* rules) {
  reader.value(file.path);
  kArchiveTexts(reader, file.links);
  reader.optional(file.statements);
  bool is_there = false;
  reader.value(is_there);
  if (is_there && !read_packages(reader, file.packages.emplace())) return false;
  reader.optional(file.system, kSystem);
  reader.value(file.replaced);
  reader.value(is_there);
  if (!reader.is_reading()) return false;
  return !is_there || (rules != nullptr && read_findings(reader, file.findings, *rules));
}

}  // namespace

std::unique_ptr<LayerCache> LayerCache::open(const ResultCacheOptions& options,
                                             const LayerScanOptions& layer,
                                             const scan::secrets::ScannerOptions& scanner,
                                             SharedProgram program, DocumentRules document_rules,
                                             std::vector<Diagnostic>& problems) {
  std::unique_ptr<store::ResultStore> store = open_result_store(options, problems);
  if (store == nullptr) return nullptr;
  ArchiveWriter writer;
  writer.value(layer.packages);
  writer.value(layer.secrets);
  writer.value(layer.models != nullptr);
  writer.value(layer.files);
  writer.value(layer.jars == nullptr ? std::uint64_t{0} : layer.jars->checksum());
  std::string settings =
      settings_of({scanner, layer.file_bytes_max, layer.limits}, program.get()) + writer.take();
  return std::unique_ptr<LayerCache>(new LayerCache(std::move(store), std::move(settings),
                                                    std::move(program), std::move(document_rules)));
}

store::ResultKey LayerCache::key_of(std::string_view digest) const {
  return store::key_of(settings_ + "layer" + std::string(digest));
}

std::optional<LayerScan> LayerCache::find(std::string_view digest,
                                          std::optional<std::uint64_t> stored_bytes) {
  std::string bytes;
  if (!store_->find(key_of(digest), bytes)) return std::nullopt;
  ArchiveReader reader(bytes);
  std::optional<std::uint64_t> known_bytes;
  reader.optional(known_bytes);
  if (known_bytes != stored_bytes) return std::nullopt;
  LayerScan scan;
  std::uint32_t count = 0;
  reader.value(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!read_file(reader, scan.files.emplace_back(), program_ ? &program_->rules() : nullptr))
      return std::nullopt;
  }
  scan.cover.describe(reader);
  reader.list(scan.problems, kProblem);
  read_skipped(reader, scan.skipped);
  reader.value(scan.counts.allowed);
  reader.value(scan.counts.below_confidence);
  reader.value(scan.entries);
  reader.value(scan.files_read);
  reader.value(scan.bytes);
  reader.list(scan.owned, kOwnedFile);
  if (!reader.is_good()) return std::nullopt;
  return scan;
}

// A document is kept as it is, and no cache may hold a secret: what is only likely is enough.
bool LayerCache::may_hold_secret(const LayerFile& file) {
  if (!file.statements) return false;
  std::call_once(loaded_, [this] { document_rules_ = load_document_rules_(); });
  if (document_rules_ == nullptr) return true;
  scan::secrets::SecretScanner scanner(document_rules_,
                                       {.probability_min = scan::secrets::kProbabilityThorough});
  scan::Content content;
  content.path = file.path;
  content.bytes = *file.statements;
  std::vector<scan::ByteRange> ranges;
  scanner.find_ranges(content, ranges);
  return !ranges.empty();
}

void LayerCache::put(std::string_view digest, std::optional<std::uint64_t> stored_bytes,
                     const LayerScan& scan) {
  const auto& [files, cover, problems, skipped, counts, entries, files_read, bytes, owned] = scan;
  ArchiveWriter writer;
  writer.optional(stored_bytes);
  writer.value(static_cast<std::uint32_t>(files.size()));
  for (const LayerFile& file : files) {
    if (may_hold_secret(file)) return;
    if (!write_file(writer, file, program_ ? &program_->rules() : nullptr)) return;
  }
  cover.describe(writer);
  writer.list(problems, kProblem);
  write_skipped(writer, skipped);
  writer.value(counts.allowed);
  writer.value(counts.below_confidence);
  writer.value(entries);
  writer.value(files_read);
  writer.value(bytes);
  writer.list(owned, kOwnedFile);
  std::string value = writer.take();
  if (value.size() <= store::ResultStore::kValueBytesMax)
    store_->put(key_of(digest), std::move(value));
}

}  // namespace vedette::engine
