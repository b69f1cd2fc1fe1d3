// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "formats/packages/package_reading.h"
#include "formats/packages/system/system.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "1.2.3-r1": what a version of Gentoo's begins with.
bool is_version(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

}  // namespace

// Sections: a line "%NAME%", lines of values, an empty line.
PackageList read_pacman_desc(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kArch);
  Package found;
  std::uint32_t line_of_name = 0;
  std::string_view section;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const std::string_view value = trimmed(line);
    if (value.size() > 2 && value.front() == '%' && value.back() == '%') {
      section = value.substr(1, value.size() - 2);
    } else if (value.empty()) {
      section = {};
    } else if (section == "NAME") {
      found.name = value;
      line_of_name = lines.number();
    } else if (section == "VERSION") {
      found.version = value;
    } else if (section == "BASE") {
      found.source_name = value;
    } else if (section == "ARCH") {
      found.architecture = value;
    } else if (section == "LICENSE") {
      found.licenses.emplace_back(value);
    }
  }
  if (found.name.empty() || found.version.empty()) {
    reading.problem(1, "expected %NAME% and %VERSION%, found one missing");
    return reading.take();
  }
  Package& package = reading.at(reading.add(found.name, found.version, line_of_name));
  package.source_name = std::move(found.source_name);
  package.architecture = std::move(found.architecture);
  package.licenses = std::move(found.licenses);
  return reading.take();
}

// The category is the folder above the package's own.
PackageList read_portage_pf(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kPortage);
  const std::string_view full = trimmed(bytes);
  const std::string_view category = file_name(folder_of(folder_of(path)));
  Halves halves = cut_last(full, "-");
  if (halves.found && halves.behind.starts_with('r') && is_version(halves.behind.substr(1))) {
    const Halves before = cut_last(halves.before, "-");
    // "-r1" alone may end a name.
    if (before.found && is_version(before.behind))
      halves = {before.before, full.substr(before.before.size() + 1), true};
  }
  if (!halves.found || !is_version(halves.behind) || category.empty()) {
    reading.problem(1, "expected NAME-VERSION below a category, found something else");
    return reading.take();
  }
  reading.add(std::string(category) + "/" + std::string(halves.before), halves.behind, 1);
  return reading.take();
}

}  // namespace vedette::formats::packages
