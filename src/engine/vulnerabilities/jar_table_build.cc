// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/jar_table_build.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

#include "base/file.h"
#include "base/mapped_file.h"
#include "formats/archive/tar_archive.h"
#include "formats/packages/jars/class_member.h"
#include "formats/packages/jars/jar_coordinates.h"
#include "formats/packages/jars/jar_table.h"
#include "formats/packages/jars/jar_table_builder.h"

namespace vedette::engine {
namespace {

namespace archive = formats::archive;
using formats::packages::ClassShape;
using formats::packages::JarName;
using formats::packages::JarPlace;

constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

class Reading {
 public:
  Reading(const JarTableBuildOptions& options, const std::atomic<bool>& stop,
          JarTableBuildReport& report)
      : options_(options), stop_(stop), report_(report) {}

  Result<void> read(const std::string& input) {
    TRY(const std::vector<std::string> files, list_files(input, {".jar"}, &report_.problems));
    const bool is_file = files.size() == 1 && files.front() == input;
    for (const std::string& file : files) {
      if (stop_.load(std::memory_order_relaxed)) return {};
      Result<MappedFile> mapped = MappedFile::open(file);
      if (mapped) {
        TRY_VOID(read_jar({file, is_file ? std::string_view() : std::string_view(input)},
                          mapped->bytes()));
      } else {
        problem(file, mapped.error().message);
      }
    }
    return {};
  }

  formats::packages::JarTableBuilder& builder() { return builder_; }

 private:
  Result<void> read_jar(const JarPlace& place, std::string_view bytes) {
    const std::string path(place.path);
    const archive::ZipViews jar = archive::read_zip(bytes);
    if (jar.members.empty() || !jar.has_directory || jar.is_cut) {
      problem(path, "expected a jar, found none or a damaged one");
      return {};
    }
    const JarName name = name_of(place, jar);
    if (name.artifact.empty()) {
      ++report_.unnamed;
      return {};
    }
    ++report_.jars;
    TRY_VOID(builder_.begin(name.group + ":" + name.artifact, name.version));
    archive::Expansion expansion(options_.limits);
    expansion.add_stored(bytes.size());
    for (const archive::ZipMember& member : jar.members) {
      if (!formats::packages::is_class_member(member.name)) continue;
      const Result<std::string> content = formats::packages::unpack_class(member, expansion);
      if (!content) {
        problem(path + "!/" + archive::shown_name(member.name), content.error().message);
        if (content.error().code == ErrorCode::kLimit) break;
        continue;
      }
      const Result<ClassShape> shape = formats::packages::class_shape(*content);
      if (shape) {
        TRY_VOID(builder_.add(*shape));
      } else {
        problem(path + "!/" + archive::shown_name(member.name), shape.error().message);
      }
    }
    return {};
  }

  static JarName name_of(const JarPlace& place, const archive::ZipViews& jar) {
    std::vector<JarName> poms;
    std::string manifest;
    for (const archive::ZipMember& member : jar.members) {
      const bool is_pom =
          member.name.starts_with("META-INF/maven/") && member.name.ends_with("/pom.properties");
      if (!is_pom && member.name != "META-INF/MANIFEST.MF") continue;
      const Result<std::string> text = archive::unpack_whole_member(member, kTextBytesMax);
      if (!text) continue;  // what it would say is asked elsewhere
      if (is_pom) {
        poms.push_back(formats::packages::read_pom_properties(*text));
      } else {
        manifest = *text;
      }
    }
    return formats::packages::jar_coordinates(place, poms, manifest);
  }

  void problem(const std::string& place, std::string message) {
    ++report_.unreadable;
    if (report_.problems.size() >= JarTableBuildReport::kProblemsMax) return;
    report_.problems.push_back({DiagnosticKind::kError, {place, 0, 0, 0}, std::move(message), ""});
  }

  const JarTableBuildOptions& options_;  // the caller's, as all three
  const std::atomic<bool>& stop_;
  JarTableBuildReport& report_;
  formats::packages::JarTableBuilder builder_;
};

}  // namespace

Result<JarTableBuildReport> build_jar_table(const JarTableBuildOptions& options,
                                            const std::atomic<bool>& stop) {
  const auto begin = std::chrono::steady_clock::now();
  JarTableBuildReport report;
  Reading reading(options, stop, report);
  for (const std::string& input : options.inputs) TRY_VOID(reading.read(input));
  if (stop.load(std::memory_order_relaxed))
    return failure(ErrorCode::kSystem, "interrupted; the table is as it was");
  if (report.jars == 0) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected jars whose group, artifact and version are known, found "
                               "none ({} without)",
                               report.unnamed));
  }
  const std::string bytes = reading.builder().build();
  TRY(const auto table, formats::packages::JarTable::of_bytes(bytes));
  TRY_VOID(write_file_whole(options.output, bytes));
  for (std::uint32_t i = 0; i < table.releases(); ++i)
    report.releases += table.release(i).classes > 0 ? 1 : 0;
  report.classes = table.rows();
  report.bytes = bytes.size();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace vedette::engine
