// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "formats/packages/package_reading.h"
#include "formats/packages/system/rpm_database.h"
#include "formats/packages/system/rpm_header.h"
#include "formats/packages/system/system.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Names of files, of all packages.
constexpr std::size_t kFilesMax = 4'000'000;

struct DatabaseRow {
  bool (*is)(std::string_view bytes);
  Result<void> (*read)(std::string_view bytes, const RpmBlobSink& sink);
};
constexpr std::array<DatabaseRow, 3> kDatabases = {
    {{is_sqlite, read_rpm_sqlite}, {is_ndb, read_ndb}, {is_berkeley_hash, read_berkeley_hash}}};

// "bash-5.1.8-6.el9.src.rpm" is bash, 5.1.8-6.el9; the epoch is the package's.
void set_source(const RpmHeader& header, std::string_view epoch, Package& package) {
  std::string_view name = header.source_rpm;
  for (const std::string_view end : {".rpm", ".src", ".nosrc"}) {
    if (name.ends_with(end)) name.remove_suffix(end.size());
  }
  const Halves release = cut_last(name, "-");
  const Halves version = cut_last(release.before, "-");
  if (!release.found || !version.found) return;
  package.source_name = version.before;
  package.source_version = fmt::format("{}{}-{}", epoch, version.behind, release.behind);
}

void add_header(const RpmHeader& header, PackageReading& reading) {
  const std::string epoch = header.epoch ? fmt::format("{}:", *header.epoch) : "";
  const std::string version = fmt::format("{}{}{}{}", epoch, header.version,
                                          header.release.empty() ? "" : "-", header.release);
  Package& package = reading.at(reading.add(header.name, version, 0));
  package.architecture = header.architecture;
  if (!header.license.empty()) package.licenses.emplace_back(header.license);
  set_source(header, epoch, package);
}

}  // namespace

PackageList read_rpm_database(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kRpm);
  std::size_t files_left = kFilesMax;
  const RpmBlobSink sink = [&](std::string_view blob) {
    Result<RpmHeader> header = read_rpm_header(blob, files_left);
    if (!header) {
      reading.problem(0, header.error().message);
      return;
    }
    files_left -= header->files.size();
    const std::size_t before = reading.size();
    add_header(*header, reading);
    if (reading.size() > before) reading.list().packages.back().files = std::move(header->files);
  };
  for (const DatabaseRow& row : kDatabases) {
    if (!row.is(bytes)) continue;
    if (const Result<void> read = row.read(bytes, sink); !read)
      reading.problem(0, read.error().message);
    return reading.take();
  }
  if (!bytes.empty()) reading.problem(0, "expected a database of rpm, found other bytes");
  return reading.take();
}

// What `rpm -qa` told with tabs between: name, version and release, times of installing and of
// building, vendor, epoch, size, architecture, epoch as a number, source.
PackageList read_rpm_manifest(std::string_view path, std::string_view bytes, const Limits&) {
  constexpr std::size_t kColumns = 10;
  PackageReading reading(path, Ecosystem::kRpm);
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    if (trimmed(line).empty()) continue;
    const std::vector<std::string_view> columns = words_of(line, "\t");
    if (columns.size() != kColumns) {
      reading.problem(lines.number(), "expected a package in ten columns");
      continue;
    }
    const std::string epoch = columns[8] == "0" ? "" : fmt::format("{}:", columns[8]);
    Package& package =
        reading.at(reading.add(columns[0], epoch + std::string(columns[1]), lines.number()));
    package.architecture = columns[7];
    RpmHeader header;
    header.source_rpm = columns[9];
    set_source(header, epoch, package);
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
