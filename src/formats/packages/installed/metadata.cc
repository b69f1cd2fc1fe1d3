// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "formats/packages/installed/installed.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

struct Found {
  std::string_view name;
  std::string_view version;
  std::string_view license;
  std::uint32_t line = 0;  // of the name
};

// Fields of a text of "Name: value" lines that ends at an empty line; the first of a name holds.
Found read_fields(std::string_view bytes, std::string_view name_field) {
  Found found;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line) && !trimmed(line).empty();) {
    if (line.front() == ' ' || line.front() == '\t') continue;
    const Halves field = cut_first(line, ":");
    if (!field.found) continue;
    const std::string_view value = trimmed(field.behind);
    if (field.before == name_field && found.name.empty()) {
      found.name = value;
      found.line = lines.number();
    }
    if (field.before == "Version" && found.version.empty()) found.version = value;
    // The newer field speaks before the older one.
    if (field.before == "License-Expression") found.license = value;
    if (field.before == "License" && found.license.empty()) found.license = value;
  }
  return found;
}

PackageList list_of(std::string_view path, Ecosystem ecosystem, const std::string& name,
                    const Found& found) {
  PackageReading reading(path, ecosystem);
  if (name.empty() || found.version.empty()) {
    reading.problem(1, "expected the name and version of a package, found one missing");
    return reading.take();
  }
  Package& package = reading.at(reading.add(name, found.version, found.line));
  if (!found.license.empty() && found.license != "UNKNOWN")
    package.licenses.emplace_back(found.license);
  return reading.take();
}

// "rack" of `s.name = "rack".freeze`; empty where something is computed.
std::string_view literal_of(std::string_view value) {
  value = trimmed(value);
  if (value.starts_with("Gem::Version.new(")) value.remove_prefix(17);
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return {};
  const std::size_t end = value.find(value.front(), 1);
  return end == std::string_view::npos ? std::string_view() : value.substr(1, end - 1);
}

}  // namespace

PackageList read_python_metadata(std::string_view path, std::string_view bytes, const Limits&) {
  const Found found = read_fields(bytes, "Name");
  return list_of(path, Ecosystem::kPypi, pypi_name(found.name), found);
}

PackageList read_r_description(std::string_view path, std::string_view bytes, const Limits&) {
  const Found found = read_fields(bytes, "Package");
  return list_of(path, Ecosystem::kCran, std::string(found.name), found);
}

PackageList read_gemspec(std::string_view path, std::string_view bytes, const Limits&) {
  Found found;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const Halves assignment = cut_first(line, "=");
    if (!assignment.found) continue;
    const std::string_view target = trimmed(assignment.before);
    const std::string_view value = literal_of(assignment.behind);
    if (target.ends_with(".name") && found.name.empty()) {
      found.name = value;
      found.line = lines.number();
    }
    if (target.ends_with(".version") && found.version.empty()) found.version = value;
    if (target.ends_with(".licenses") && found.license.empty())
      found.license = literal_of(trimmed(assignment.behind, " \t["));
    if (target.ends_with(".license") && found.license.empty()) found.license = value;
  }
  return list_of(path, Ecosystem::kGem, std::string(found.name), found);
}

}  // namespace vedette::formats::packages
