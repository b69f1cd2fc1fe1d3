// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <unordered_map>

#include "formats/packages/package_reading.h"
#include "formats/packages/system/system.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// One paragraph of deb822(5): the fields that say something here.
struct Paragraph {
  std::uint32_t line = 0;  // of "Package", else of the paragraph
  std::string_view package;
  std::string_view version;
  std::string_view architecture;
  std::string_view status;
  std::string_view source;
  std::string_view depends;
  std::string_view pre_depends;
  std::string_view provides;
};

struct FieldRow {
  std::string_view name;  // lower case, as names of fields are compared
  std::string_view Paragraph::* value;
};
constexpr FieldRow kFields[] = {
    {"package", &Paragraph::package},   {"version", &Paragraph::version},
    {"status", &Paragraph::status},     {"architecture", &Paragraph::architecture},
    {"source", &Paragraph::source},     {"depends", &Paragraph::depends},
    {"provides", &Paragraph::provides}, {"pre-depends", &Paragraph::pre_depends},
};

// "want flag state": what is removed but for its configuration is not installed.
bool is_installed(std::string_view status) {
  if (status.empty()) return true;  // status.d has none
  const std::string_view state = cut_last(status, " ").behind;
  return state != "not-installed" && state != "config-files";
}

// "libc6 (>= 2.36) | libc6.1:any, zlib1g": the first of each group of alternatives that is there
// would be what is used; all that are there are needed by something.
void add_needs(std::string_view depends, std::uint32_t index, PackageReading& reading) {
  while (!depends.empty()) {
    const Halves group = cut_first(depends, ",");
    std::string_view alternatives = group.before;
    while (!alternatives.empty()) {
      const Halves one = cut_first(alternatives, "|");
      const std::string_view name =
          cut_first(cut_first(trimmed(one.before), " ").before, ":").before;
      if (!name.empty()) reading.need(index, std::string(name));
      alternatives = one.found ? one.behind : std::string_view();
    }
    depends = group.found ? group.behind : std::string_view();
  }
}

void add_paragraph(const Paragraph& paragraph, PackageReading& reading) {
  if (!is_installed(paragraph.status)) return;
  if (paragraph.package.empty() || paragraph.version.empty()) {
    reading.problem(paragraph.line, "expected a package with name and version, found one missing");
    return;
  }
  const std::uint32_t index = reading.add(paragraph.package, paragraph.version, paragraph.line);
  Package& package = reading.at(index);
  package.architecture = paragraph.architecture;
  // "Source: glibc (2.36-9)": the version only where it differs.
  const Halves source = cut_first(paragraph.source, " ");
  package.source_name = source.before;
  if (source.found) package.source_version = trimmed(source.behind, " ()");
  reading.know(std::string(paragraph.package), index);
  add_needs(paragraph.pre_depends, index, reading);
  add_needs(paragraph.depends, index, reading);
}

// After all packages, whose own names come first.
void know_provided(const std::vector<Paragraph>& paragraphs, PackageReading& reading) {
  for (const Paragraph& paragraph : paragraphs) {
    const std::uint32_t index = reading.find(std::string(paragraph.package));
    std::string_view provides = paragraph.provides;
    while (!provides.empty()) {
      const Halves one = cut_first(provides, ",");
      reading.know(std::string(cut_first(trimmed(one.before), " ").before), index);
      provides = one.found ? one.behind : std::string_view();
    }
  }
}

}  // namespace

PackageList read_dpkg_status(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kDebian);
  std::vector<Paragraph> provided;
  Paragraph paragraph;
  const auto end_paragraph = [&] {
    if (paragraph.line == 0) return;
    add_paragraph(paragraph, reading);
    if (!paragraph.provides.empty() && is_installed(paragraph.status) &&
        provided.size() < PackageReading::kPackagesMax) {
      provided.push_back(paragraph);
    }
    paragraph = {};
  };
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    if (trimmed(line).empty()) {
      end_paragraph();
      continue;
    }
    if (paragraph.line == 0) paragraph.line = lines.number();
    if (line.front() == ' ' || line.front() == '\t' || line.front() == '#') continue;
    const Halves field = cut_first(line, ":");
    if (!field.found) {
      reading.problem(lines.number(), "expected \"Field: value\", found something else");
      continue;
    }
    if (field.before.size() > 16) continue;
    const std::string name = lower(field.before);
    for (const FieldRow& row : kFields) {
      if (name == row.name) paragraph.*row.value = trimmed(field.behind);
    }
    if (name == "package") paragraph.line = lines.number();
  }
  end_paragraph();
  know_provided(provided, reading);
  return reading.take();
}

}  // namespace vedette::formats::packages
