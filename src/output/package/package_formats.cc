// SPDX-License-Identifier: Apache-2.0
#include "output/package/package_formats.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "base/json_writer.h"
#include "formats/packages/purl.h"
#include "output/package/bill_formats.h"
#include "output/quantity.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

using formats::packages::Package;
using formats::packages::PackageFile;
using Files = std::vector<PackageFile>;

constexpr std::array<std::string_view, 4> kRelations = {"unknown", "direct", "transitive", "root"};
constexpr std::array<std::string_view, 3> kScopes = {"production", "development", "optional"};
constexpr std::array<std::string_view, 4> kRoles = {"lock", "manifest", "installed", "checksums"};
constexpr std::size_t kNameColumns = 40;
constexpr std::size_t kVersionColumns = 24;
constexpr std::size_t kLineMax = 400;

std::string_view relation_of(const Package& package) {
  return kRelations[static_cast<std::size_t>(package.relation)];
}
std::string_view scope_of(const Package& package) {
  return kScopes[static_cast<std::size_t>(package.scope)];
}

void add_text(std::string_view key, std::string_view text, JsonWriter& json) {
  if (!text.empty()) json.key(key).string(text);
}

// `first`: the number of the file's first package, since numbers run through all files.
void append_package(const Package& package, const PackageFile& file, std::uint64_t number,
                    std::uint64_t first, JsonWriter& json) {
  json.begin_object().key("type").string("package").key("number").number(number);
  add_text("purl", formats::packages::purl_of(package), json);
  json.key("ecosystem").string(names_of(package.ecosystem).purl);
  json.key("name").string(package.name);
  add_text("version", package.version, json);
  add_text("requested", package.requested, json);
  json.key("relation").string(relation_of(package)).key("scope").string(scope_of(package));
  json.key("path").string(file.path);
  if (package.line != 0) json.key("line").number(package.line);
  json.key("kind").string(file.kind->name);
  if (!package.licenses.empty()) {
    json.key("licenses").begin_array();
    for (const std::string& license : package.licenses) json.string(license);
    json.end_array();
  }
  add_text("architecture", package.architecture, json);
  add_text("distribution", package.distribution, json);
  add_text("source", package.source_name, json);
  add_text("source_version", package.source_version, json);
  add_text("layer", package.layer, json);
  add_text("resolved", package.resolved, json);
  add_text("checksum", package.checksum, json);
  if (!package.owned_files.empty()) {
    json.key("files").begin_array();
    for (const formats::packages::OwnedFile& owned : package.owned_files) json.string(owned.path);
    json.end_array();
  }
  add_text("evidence", package.evidence, json);
  if (!package.evidence.empty()) json.key("place").string(package.path);
  if (!package.needs.empty()) {
    json.key("needs").begin_array();
    for (const std::uint32_t index : package.needs) json.number(first + index);
    json.end_array();
  }
  json.end_object();
}

void append_file(const PackageFile& file, JsonWriter& json) {
  json.begin_object().key("type").string("file").key("path").string(file.path);
  json.key("kind").string(file.kind->name);
  json.key("role").string(kRoles[static_cast<std::size_t>(file.kind->role)]);
  json.key("packages").number(static_cast<std::uint64_t>(file.list.packages.size()));
  if (!file.spoken_for_by.empty()) {
    json.key("spoken_for_by").string(file.spoken_for_by).key("left_out").number(file.left_out);
  }
  json.end_object();
}

void append_problem(const Diagnostic& problem, JsonWriter& json) {
  json.begin_object().key("type").string("problem").key("path").string(problem.place.file);
  if (problem.place.line != 0) json.key("line").number(problem.place.line);
  json.key("message").string(problem.message).end_object();
}

void append_summary(const event::ScanSummary& summary, JsonWriter& json) {
  json.begin_object().key("type").string("summary");
  json.key("packages").number(summary.findings).key("files").number(summary.files);
  json.key("skipped").begin_array();
  for (const event::Skipped& skipped : summary.skipped) {
    json.begin_object().key("reason").string(skipped.reason).key("count").number(skipped.count);
    json.key("loss").boolean(skipped.loss).end_object();
  }
  json.end_array();
  json.key("interrupted").boolean(summary.interrupted).end_object();
}

Result<void> write_ndjson(const Files& files, const event::ScanSummary& summary,
                          const PackageReportOptions& options) {
  std::string& out = options.writer.buffer();
  const auto line = [&](auto&& append) {
    JsonWriter json(out);
    append(json);
    out += '\n';
    return options.writer.settle();
  };
  std::uint64_t number = 0;
  for (const PackageFile& file : files) {
    TRY_VOID(line([&](JsonWriter& json) { append_file(file, json); }));
    const std::uint64_t first = number;
    for (const Package& package : file.list.packages) {
      TRY_VOID(
          line([&](JsonWriter& json) { append_package(package, file, number++, first, json); }));
    }
  }
  for (const Diagnostic& problem : summary.problems) {
    TRY_VOID(line([&](JsonWriter& json) { append_problem(problem, json); }));
  }
  TRY_VOID(line([&](JsonWriter& json) { append_summary(summary, json); }));
  return options.writer.finish();
}

Result<void> write_json(const Files& files, const event::ScanSummary& summary,
                        const PackageReportOptions& options) {
  JsonWriter json(options.writer.buffer());
  json.begin_object().key("files").begin_array();
  for (const PackageFile& file : files) append_file(file, json);
  json.end_array().key("packages").begin_array();
  std::uint64_t number = 0;
  for (const PackageFile& file : files) {
    const std::uint64_t first = number;
    for (const Package& package : file.list.packages) {
      append_package(package, file, number++, first, json);
      TRY_VOID(options.writer.settle());
    }
  }
  json.end_array().key("problems").begin_array();
  for (const Diagnostic& problem : summary.problems) append_problem(problem, json);
  json.end_array().key("summary");
  append_summary(summary, json);
  json.end_object();
  options.writer.buffer() += '\n';
  return options.writer.finish();
}

void append_row(const Package& package, std::size_t width, std::string& out) {
  std::string row = "  ";
  append_column(package.name, kNameColumns, row);
  row += ' ';
  append_column(package.version.empty() ? package.requested : package.version, kVersionColumns,
                row);
  row += fmt::format(" {:<10} {:<11}", relation_of(package), scope_of(package));
  std::string rest;
  if (package.line != 0) rest = fmt::format(" line {:<6}", package.line);
  for (const std::string& license : package.licenses) rest += " " + license;
  if (!package.evidence.empty()) rest += fmt::format(" {} in {}", package.evidence, package.path);
  append_terminal(row + rest, width, out);
  while (out.ends_with(' ')) out.pop_back();
  out += '\n';
}

Result<void> write_table(const Files& files, const event::ScanSummary& summary,
                         const PackageReportOptions& options) {
  std::string& out = options.writer.buffer();
  const std::size_t width = options.width == 0 ? kLineMax : options.width;
  std::map<std::string_view, std::uint64_t> ecosystems;
  for (const PackageFile& file : files) {
    if (file.list.packages.empty()) continue;
    out += options.colour ? "\033[1m" : "";
    append_terminal(file.path, kLineMax, out);
    out += options.colour ? "\033[0m" : "";
    out += fmt::format("  {}, {} package{}\n", file.kind->name,
                       count_text(file.list.packages.size()), plural(file.list.packages.size()));
    for (const Package& package : file.list.packages) {
      ++ecosystems[names_of(package.ecosystem).purl];
      append_row(package, width, out);
      TRY_VOID(options.writer.settle());
    }
    out += '\n';
  }
  out += fmt::format("{} package{} in {} file{}", count_text(summary.findings),
                     plural(summary.findings), count_text(files.size()), plural(files.size()));
  std::string_view before = ": ";
  for (const auto& [name, count] : ecosystems) {
    out += fmt::format("{}{} {}", before, count_text(count), name);
    before = ", ";
  }
  out += '\n';
  for (const PackageFile& file : files) {
    if (file.left_out == 0) continue;
    append_terminal(
        fmt::format("{}: {} left out, {} speaks for {}", file.path, count_text(file.left_out),
                    file.spoken_for_by, file.left_out == 1 ? "it" : "them"),
        width, out);
    out += '\n';
  }
  return options.writer.finish();
}

constexpr std::array<PackageFormat, 5> kFormats = {{{"cyclonedx", write_cyclonedx},
                                                    {"json", write_json},
                                                    {"ndjson", write_ndjson},
                                                    {"spdx", write_spdx},
                                                    {"table", write_table}}};

}  // namespace

std::span<const PackageFormat> package_formats() { return kFormats; }

const PackageFormat* package_format(std::string_view name) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                  [name](const PackageFormat& one) { return one.name == name; });
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace vedette::output
