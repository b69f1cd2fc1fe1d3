// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/image_store.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

#include "base/file.h"
#include "ingest/store/store_image.h"

namespace vedette::ingest {
namespace {

constexpr std::size_t kIdDigitsMin = 12;

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

// `graphroot = "…"` of a storage.conf of containers; empty where it says none.
std::string graph_root(const std::string& path) {
  constexpr std::size_t kBytesMax = 1 << 20;
  const auto text = read_file(path, kBytesMax);
  if (!text) return {};
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("graphroot")) continue;
    const std::size_t open = line.find('"');
    const std::size_t close = line.find('"', open + 1);
    if (open != std::string_view::npos && close != std::string_view::npos)
      return std::string(line.substr(open + 1, close - open - 1));
  }
  return {};
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_meant(std::string_view stored, std::string_view asked) {
  if (stored.empty() || asked.empty()) return false;
  constexpr std::string_view kAlgorithm = "sha256:";
  const std::string_view id = stored.starts_with(kAlgorithm) ? stored.substr(7) : stored;
  const std::string_view digits = asked.starts_with(kAlgorithm) ? asked.substr(7) : asked;
  if (digits.size() >= kIdDigitsMin && is_hexadecimal(digits) && is_hexadecimal(id))
    return id.starts_with(digits);
  const std::string name = with_tag(asked);
  if (stored == name) return true;
  // "alpine" is "docker.io/library/alpine:latest" and "localhost/alpine:latest".
  return stored.size() > name.size() && stored.ends_with(name) &&
         stored[stored.size() - name.size() - 1] == '/';
}

std::vector<StorePlace> usual_stores() {
  std::vector<StorePlace> places = {
      {StoreKind::kDocker, "/var/lib/docker"},
      {StoreKind::kContainerd, "/var/lib/docker/containerd/daemon"},
      {StoreKind::kContainerd, "/var/lib/containerd"},
      {StoreKind::kContainerd, "/var/lib/rancher/k3s/agent/containerd"},
  };
  const std::string home = environment("HOME");
  const std::string data = environment("XDG_DATA_HOME");
  const std::string settings = environment("XDG_CONFIG_HOME");
  std::string own =
      graph_root((settings.empty() ? home + "/.config" : settings) + "/containers/storage.conf");
  if (own.empty() && !home.empty())
    own = (data.empty() ? home + "/.local/share" : data) + "/containers/storage";
  if (!own.empty()) places.push_back({StoreKind::kPodman, own});
  const std::string all = graph_root("/etc/containers/storage.conf");
  places.push_back({StoreKind::kPodman, all.empty() ? "/var/lib/containers/storage" : all});
  return places;
}

Result<std::unique_ptr<ImageFile>> open_store_image(const StorePlace& place, std::string_view name,
                                                    const Limits& limits) {
  using Open =
      Result<std::unique_ptr<ImageFile>> (*)(const std::string&, std::string_view, const Limits&);
  constexpr std::array<Open, 3> kOpen = {open_docker_image, open_containerd_image,
                                         open_podman_image};
  return kOpen[static_cast<std::size_t>(place.kind)](place.folder, name, limits);
}

}  // namespace vedette::ingest
