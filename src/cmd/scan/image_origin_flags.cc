// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/image_origin_flags.h"

#include <fmt/format.h>

#include "ingest/registry/short_names.h"

namespace vedette::cmd {
namespace {

using engine::ImagePlace;

struct Place {
  const char* name;
  ImagePlace place;
};
constexpr Place kPlaces[] = {{"archive", ImagePlace::kArchive},
                             {"docker", ImagePlace::kDocker},
                             {"containerd", ImagePlace::kContainerd},
                             {"podman", ImagePlace::kPodman},
                             {"registry", ImagePlace::kRegistry}};

}  // namespace

std::vector<Flag> ImageOriginFlags::rows() {
  std::vector<std::string> places;
  for (const Place& place : kPlaces) places.emplace_back(place.name);
  const auto path = [](const char* names, const char* help, std::string* target) {
    return Flag{names, "FILE", help, target, {}, ValueKind::kPath};
  };
  return {
      {"--from", "PLACE",
       "Where the image is; default: an archive where there is such a path, else the first of "
       "docker's, containerd's and podman's stores that has it, else a registry.",
       &from, places, ValueKind::kChoice},
      {"--store",
       "FOLDER",
       "The store's folder, with --from; default: its usual ones.",
       &store,
       {},
       ValueKind::kFolder},
      {"--registry", "HOST",
       "Registry of names without one: HOST, or HOST/FOLDER for names without a folder; default: "
       "as registries.conf of podman and its kin says.",
       &registry},
      {"--mirror", "HOST=URL", "Asked first in place of a registry; given several times.",
       &mirrors},
      {"--insecure-http", "HOST", "A registry that is asked by plain HTTP; given several times.",
       &insecure},
      path("--ca", "Certificates to trust instead of the system's.", &ca_file),
      {"--proxy", "URL", "Goes through this proxy.", &proxy},
      {"--username", "NAME", "At the registry; default: what docker login has stored.", &user},
      path("--password-file", "Password of --username.", &password_file),
  };
}

Result<engine::ImageOrigin> ImageOriginFlags::origin() const {
  engine::ImageOrigin origin;
  for (const Place& place : kPlaces) {
    if (from == place.name) origin.place = place.place;
  }
  origin.store = store;
  const bool of_store = origin.place == ImagePlace::kDocker ||
                        origin.place == ImagePlace::kContainerd ||
                        origin.place == ImagePlace::kPodman;
  if (!store.empty() && !of_store) {
    return failure(ErrorCode::kInvalid,
                   "expected --from docker, containerd or podman with --store, found none");
  }
  origin.short_name_files = ingest::short_name_files();
  ingest::RegistryOptions& options = origin.registry;
  options.default_registry = registry;
  options.insecure_hosts = insecure;
  options.ca_file = ca_file;
  options.proxy = proxy;
  options.user = user;
  options.password_file = password_file;
  options.credentials.config_file = ingest::default_docker_config();
  if (user.empty() != password_file.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --username and --password-file together, found one of them");
  }
  for (const std::string& mirror : mirrors) {
    const std::size_t equals = mirror.find('=');
    const std::string url = equals == std::string::npos ? "" : mirror.substr(equals + 1);
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected --mirror HOST=URL with http or https, found '{}'", mirror));
    }
    options.mirrors.emplace_back(mirror.substr(0, equals), url);
  }
  return origin;
}

}  // namespace vedette::cmd
