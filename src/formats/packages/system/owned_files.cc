// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/system/owned_files.h"

#include "formats/packages/owned_path.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kFilesMax = 4'000'000;  // of one package

// A list of one package with the files that `path_of` finds in lines; empty: the line is none.
template <typename PathOf>
PackageList list_of(std::string_view path, std::string_view bytes, Ecosystem ecosystem,
                    std::string_view name, PathOf&& path_of) {
  PackageReading reading(path, ecosystem);
  Package& package = reading.at(reading.add(name, "", 0));
  Lines lines(bytes);
  for (std::string_view line; lines.next(line) && package.files.size() < kFilesMax;) {
    const std::string_view file = path_of(line);
    if (!file.empty()) package.files.push_back(path_key(file));
  }
  package.files.shrink_to_fit();
  return reading.take();
}

}  // namespace

PackageList read_dpkg_list(std::string_view path, std::string_view bytes, const Limits&) {
  const Halves name = cut_first(cut_last(file_name(path), ".").before, ":");
  // A folder stands before what is in it, and belongs to many packages.
  std::string_view last;
  PackageList list =
      list_of(path, bytes, Ecosystem::kDebian, name.before, [&](std::string_view line) {
        const bool is_folder = line.starts_with(last) && line.substr(last.size()).starts_with('/');
        const std::string_view file = is_folder || last == "/." ? std::string_view() : last;
        last = line;
        return file;
      });
  if (!last.empty() && last != "/.")
    for (Package& package : list.packages) package.files.push_back(path_key(last));
  for (Package& package : list.packages) package.architecture = name.behind;
  return list;
}

PackageList read_dpkg_sums(std::string_view path, std::string_view bytes, const Limits&) {
  return list_of(path, bytes, Ecosystem::kDebian, cut_last(file_name(path), ".").before,
                 [](std::string_view line) { return trimmed(cut_first(line, " ").behind); });
}

PackageList read_pacman_files(std::string_view path, std::string_view bytes, const Limits&) {
  bool is_inside = false;
  return list_of(path, bytes, Ecosystem::kArch, file_name(folder_of(path)),
                 [&](std::string_view line) -> std::string_view {
                   if (line.starts_with('%')) is_inside = line == "%FILES%";
                   const bool is_file = is_inside && !line.starts_with('%') && !line.ends_with('/');
                   return is_file ? line : std::string_view();
                 });
}

PackageList read_portage_contents(std::string_view path, std::string_view bytes, const Limits&) {
  return list_of(path, bytes, Ecosystem::kPortage, file_name(folder_of(path)),
                 [](std::string_view line) -> std::string_view {
                   const Halves kind = cut_first(line, " ");
                   if (kind.before == "sym") return cut_first(kind.behind, " -> ").before;
                   if (kind.before != "obj") return {};
                   // Names may hold blanks; sum and time do not.
                   return cut_last(cut_last(kind.behind, " ").before, " ").before;
                 });
}

}  // namespace vedette::formats::packages
