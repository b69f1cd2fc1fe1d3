// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/image_store.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

#include "base/file.h"
#include "formats/packages/tree.h"
#include "ingest/store/store_image.h"

namespace vedette::ingest {
namespace {

constexpr std::size_t kIdDigitsMin = 12;
// What engines put before "alpine" and "team/shop".
constexpr auto kUsualPrefixes =
    std::to_array<std::string_view>({"localhost", "docker.io/library", "docker.io"});

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "name" is "name:latest".
std::string with_tag(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const bool tagged =
      name.find(':', slash == std::string_view::npos ? 0 : slash) != std::string_view::npos ||
      name.find('@') != std::string_view::npos;
  return std::string(name) + (tagged ? "" : ":latest");
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Of a storage.conf of containers (containers-storage.conf(5)); nothing where it says none.
StorePlace configured_store(const std::string& path) {
  constexpr std::size_t kBytesMax = 1 << 20;
  StorePlace place{StoreKind::kPodman, {}, {}};
  const auto text = read_file(path, kBytesMax);
  if (!text) return place;
  const auto tree = formats::packages::read_toml(path, *text, Limits());
  const formats::packages::Node& storage = tree.root["storage"];
  place.folder = storage["graphroot"].text;
  for (const formats::packages::Member& one : storage["options"]["additionalimagestores"].members)
    place.more.emplace_back(one.value.text);
  return place;
}

}  // namespace

NameMatch match_of(std::string_view stored, std::string_view asked) {
  if (stored.empty() || asked.empty()) return NameMatch::kNone;
  constexpr std::string_view kAlgorithm = "sha256:";
  const std::string_view id = stored.starts_with(kAlgorithm) ? stored.substr(7) : stored;
  const std::string_view digits = asked.starts_with(kAlgorithm) ? asked.substr(7) : asked;
  if (digits.size() >= kIdDigitsMin && is_hexadecimal(digits) && is_hexadecimal(id))
    return id.starts_with(digits) ? NameMatch::kExact : NameMatch::kNone;
  const std::string name = with_tag(asked);
  if (stored == name) return NameMatch::kExact;
  if (stored.size() <= name.size() || !stored.ends_with(name) ||
      stored[stored.size() - name.size() - 1] != '/')
    return NameMatch::kNone;
  stored.remove_suffix(name.size() + 1);
  return std::ranges::find(kUsualPrefixes, stored) != kUsualPrefixes.end() ? NameMatch::kUsual
                                                                           : NameMatch::kSomewhere;
}

std::vector<StorePlace> usual_stores() {
  std::vector<StorePlace> places = {
      {StoreKind::kDocker, "/var/lib/docker", {}},
      {StoreKind::kContainerd, "/var/lib/docker/containerd/daemon", {}},
      {StoreKind::kContainerd, "/var/lib/containerd", {}},
      {StoreKind::kContainerd, "/var/lib/rancher/k3s/agent/containerd", {}},
  };
  const std::string home = environment("HOME");
  const std::string data = environment("XDG_DATA_HOME");
  const std::string settings = environment("XDG_CONFIG_HOME");
  const std::string named = environment("CONTAINERS_STORAGE_CONF");
  StorePlace all = configured_store(named.empty() ? "/etc/containers/storage.conf" : named);
  StorePlace own = configured_store((settings.empty() ? home + "/.config" : settings) +
                                    "/containers/storage.conf");
  if (!named.empty()) own.folder.clear();
  if (own.folder.empty() && named.empty() && !home.empty())
    own.folder = (data.empty() ? home + "/.local/share" : data) + "/containers/storage";
  if (own.more.empty()) own.more = all.more;
  if (all.folder.empty()) all.folder = "/var/lib/containers/storage";
  for (const StorePlace& place : {own, all}) {
    if (!place.folder.empty()) places.push_back(place);
  }
  for (const std::string& folder : all.more) places.push_back({StoreKind::kPodman, folder, {}});
  return places;
}

Result<std::unique_ptr<ImageFile>> open_store_image(const StorePlace& place, std::string_view name,
                                                    const Limits& limits) {
  switch (place.kind) {
    case StoreKind::kDocker:
      return open_docker_image(place.folder, name, limits);
    case StoreKind::kContainerd:
      return open_containerd_image(place.folder, name, limits);
    case StoreKind::kPodman:
      break;
  }
  return open_podman_image(place.folder, place.more, name, limits);
}

}  // namespace vedette::ingest
