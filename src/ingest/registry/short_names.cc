// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/short_names.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

#include "base/file.h"
#include "formats/packages/tree.h"
#include "ingest/registry/reference.h"

namespace vedette::ingest {
namespace {

using formats::packages::Member;
using formats::packages::Node;

constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;
constexpr std::size_t kFilesMax = 1000;
constexpr std::size_t kRegistriesMax = 20;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The files of a drop-in folder in the order of their names.
void add_folder(const std::string& folder, std::vector<std::string>& files) {
  std::error_code error;
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".conf" && found.size() < kFilesMax)
      found.push_back(at->path().string());
  }
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

// "team/app:1@sha256:…" in two.
struct Split {
  std::string_view repository;
  std::string_view rest;
};

Split split(std::string_view name) {
  std::size_t end = std::min(name.find('@'), name.size());
  const std::size_t slash = name.substr(0, end).rfind('/');
  const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
  end = std::min(end, colon);
  return {name.substr(0, end), name.substr(end)};
}

}  // namespace

std::vector<std::string> short_name_files() {
  if (const std::string only = environment("CONTAINERS_REGISTRIES_CONF"); !only.empty())
    return {only};
  const std::string home = environment("HOME");
  std::string own = environment("XDG_CONFIG_HOME");
  if (own.empty() && !home.empty()) own = home + "/.config";
  std::string cache = environment("XDG_CACHE_HOME");
  if (cache.empty() && !home.empty()) cache = home + "/.cache";
  const std::string system = "/etc/containers/registries.conf";
  std::vector<std::string> files;
  const std::string own_file = own + "/containers/registries.conf";
  files.push_back(!own.empty() && ::access(own_file.c_str(), F_OK) == 0 ? own_file : system);
  add_folder(system + ".d", files);
  if (!own.empty()) add_folder(own_file + ".d", files);
  files.push_back("/var/cache/containers/short-name-aliases.conf");
  if (!cache.empty()) files.push_back(cache + "/containers/short-name-aliases.conf");
  return files;
}

Result<std::vector<std::string>> full_names(std::string_view name,
                                            const std::vector<std::string>& files) {
  std::vector<std::string> names;
  // Only a name that has no registry is refused without one.
  if (read_reference(name, "") || !read_reference(name, "registry.example")) return names;
  const Split asked = split(name);
  std::string alias;
  std::vector<std::string> registries;
  for (const std::string& file : files) {
    const Result<std::string> text = read_file(file, kFileBytesMax);
    if (!text && ::access(file.c_str(), F_OK) != 0) continue;
    if (!text) return std::unexpected(text.error());
    const auto tree = formats::packages::read_toml(file, *text, Limits());
    if (!tree.problems.empty())
      return failure(
          ErrorCode::kInvalid,
          fmt::format("{}: expected TOML, found: {}; or name the image with its registry", file,
                      tree.problems.front().message));
    if (const Node& search = tree.root["unqualified-search-registries"]; search.is_list()) {
      registries.clear();
      for (const Member& one : search.members) registries.emplace_back(one.value.text);
    }
    // An empty one takes back what an earlier file said.
    for (const Member& one : tree.root["aliases"].members) {
      if (one.key == asked.repository) alias = one.value.text;
    }
  }
  if (!alias.empty()) return std::vector{alias + std::string(asked.rest)};
  if (registries.size() > kRegistriesMax) registries.resize(kRegistriesMax);
  for (const std::string& registry : registries)
    names.push_back(registry + "/" + std::string(name));
  return names;
}

}  // namespace vedette::ingest
