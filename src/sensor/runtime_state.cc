// SPDX-License-Identifier: Apache-2.0
// The state files of container runtimes. All are JSON, which is YAML too.
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/limits.h"
#include "formats/yaml/yaml.h"
#include "sensor/containers.h"

namespace vedette::sensor {
namespace {

namespace fs = std::filesystem;
using formats::yaml::Document;
using formats::yaml::Node;
using formats::yaml::NodeKind;

constexpr std::size_t kStateBytesMax = std::size_t{4} << 20;
constexpr std::size_t kFoldersMax = 256;
constexpr std::size_t kCapabilitiesOfAll = 38;  // as many as the oldest supported kernel has

std::optional<Document> read_document(const std::string& path) {
  const Result<std::string> text = read_file(path, kStateBytesMax);
  if (!text) return std::nullopt;
  Result<Document> document = Document::parse(*text, Limits{});
  if (!document || document->roots().empty()) return std::nullopt;
  return std::move(*document);
}

// The node below `keys`; null when there is none.
const Node* at(const Node* node, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (node == nullptr) return nullptr;
    node = node->find(key);
  }
  return node;
}

std::string text_at(const Node* node, std::initializer_list<std::string_view> keys) {
  const Node* found = at(node, keys);
  if (found == nullptr || found->kind != NodeKind::kScalar) return {};
  if (found->plain && scalar_type(*found) == formats::yaml::ScalarType::kNull) return {};
  return std::string(found->text);
}

// What the annotations of an OCI configuration say, by runtime.
struct Annotation {
  std::string_view key;
  std::string ContainerDescription::* field;
};
constexpr auto kAnnotations = std::to_array<Annotation>({
    {"io.kubernetes.cri.container-name", &ContainerDescription::name},
    {"io.kubernetes.cri.image-name", &ContainerDescription::image},
    {"io.kubernetes.cri.sandbox-name", &ContainerDescription::pod},
    {"io.kubernetes.cri.sandbox-namespace", &ContainerDescription::pod_namespace},
    {"io.kubernetes.cri.sandbox-uid", &ContainerDescription::pod_uid},
    {"io.kubernetes.container.name", &ContainerDescription::name},
    {"io.kubernetes.cri-o.ImageName", &ContainerDescription::image},
    {"io.kubernetes.cri-o.ImageRef", &ContainerDescription::image_id},
    {"io.kubernetes.pod.name", &ContainerDescription::pod},
    {"io.kubernetes.pod.namespace", &ContainerDescription::pod_namespace},
    {"io.kubernetes.pod.uid", &ContainerDescription::pod_uid},
    {"nerdctl/name", &ContainerDescription::name},
    {"org.opencontainers.image.ref.name", &ContainerDescription::image},
});

void read_annotations(const Node* annotations, ContainerDescription& into) {
  if (annotations == nullptr) return;
  for (const auto& [key, value] : annotations->members) {
    const auto* row =
        std::find_if(kAnnotations.begin(), kAnnotations.end(),
                     [&name = key](const Annotation& known) { return known.key == name->text; });
    if (row == kAnnotations.end()) {
      into.labels.push_back(std::string(key->text) + "=" + std::string(value->text));
    } else if (row->field != nullptr && (into.*row->field).empty()) {
      into.*row->field = value->text;
    }
  }
}

std::string mount_of(const Node& mount) {
  constexpr auto kPropagations = std::to_array<std::string_view>(
      {"private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"});
  bool writable = true;
  std::string propagation;
  if (const Node* options = mount.find("options")) {
    for (const Node* option : options->elements) {
      if (option->text == "ro") writable = false;
      if (std::find(kPropagations.begin(), kPropagations.end(), option->text) !=
          kPropagations.end()) {
        propagation = option->text;
      }
    }
  }
  return text_at(&mount, {"source"}) + ":" + text_at(&mount, {"destination"}) +
         "::" + (writable ? "true" : "false") + ":" + propagation;
}

// Privileged as Kubernetes has it: every capability, and nothing of /proc hidden.
bool is_privileged(const Node* config) {
  const Node* bounding = at(config, {"process", "capabilities", "bounding"});
  const Node* masked = at(config, {"linux", "maskedPaths"});
  return bounding != nullptr && bounding->elements.size() >= kCapabilitiesOfAll &&
         (masked == nullptr || masked->elements.empty());
}

// A bundle may lie where others than root write: no link is followed, no pipe waited for.
std::optional<Document> read_configuration(const std::string& bundle) {
  const int descriptor =
      ::open((bundle + "/config.json").c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat status{};
  std::optional<Document> document;
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    document = read_document("/proc/self/fd/" + std::to_string(descriptor));
  }
  ::close(descriptor);
  return document;
}

void read_bundle(const std::string& bundle, ContainerDescription& into) {
  const std::optional<Document> document = read_configuration(bundle);
  if (!document) return;
  const Node* config = document->roots()[0];
  read_annotations(at(config, {"annotations"}), into);
  if (const Node* mounts = at(config, {"mounts"})) {
    for (const Node* mount : mounts->elements) into.mounts.push_back(mount_of(*mount));
  }
  into.privileged = is_privileged(config);
  const std::string root = text_at(config, {"root", "path"});
  if (into.root.empty() && !root.empty()) {
    into.root = root.front() == '/' ? root : bundle + "/" + root;
  }
}

// Whether the cgroupsPath of a configuration may have become this control group: runc's "/a/b" is
// the end of its path, and systemd's "slice:prefix:name" names its last part.
bool is_group_of(std::string_view configured, std::string_view path, std::string_view id) {
  if (configured.empty()) return path.substr(path.rfind('/') + 1) == id;
  const std::size_t first = configured.find(':');
  if (first == std::string_view::npos) {
    while (configured.starts_with('/')) configured.remove_prefix(1);
    return path.ends_with("/" + std::string(configured));
  }
  std::string last(configured.substr(first + 1));
  std::ranges::replace(last, ':', '-');
  return path.ends_with("/" + last + ".scope");
}

std::vector<std::string> expand(const std::string& folder) {
  if (!folder.ends_with("/*")) return {folder};
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator entry(folder.substr(0, folder.size() - 2), error), end;
       !error && entry != end && folders.size() < kFoldersMax; entry.increment(error)) {
    folders.push_back(entry->path().string());
  }
  return folders;
}

std::string runtime_of_state(std::string_view folder) {
  if (folder.starts_with("/run/docker/")) return "docker";
  if (folder.starts_with("/run/containerd/")) return "containerd";
  return "";
}

bool read_state(const std::string& folder, std::string_view id, ContainerDescription& into) {
  const std::optional<Document> document =
      read_document(folder + "/" + std::string(id) + "/state.json");
  if (!document) return false;
  const Node* state = document->roots()[0];
  into.runtime = runtime_of_state(folder);
  into.root = text_at(state, {"config", "rootfs"});
  into.created = parse_time(text_at(state, {"created"})).value_or(0);
  into.cgroup = text_at(state, {"cgroup_paths", ""});
  std::string bundle;
  if (const Node* labels = at(state, {"config", "labels"})) {
    for (const Node* label : labels->elements) {
      if (label->text.starts_with("bundle=")) bundle = label->text.substr(7);
    }
  }
  if (!bundle.empty()) read_bundle(bundle, into);
  return true;
}

bool read_docker(const std::string& folder, std::string_view id, ContainerDescription& into) {
  const std::optional<Document> document =
      read_document(folder + "/" + std::string(id) + "/config.v2.json");
  if (!document) return false;
  const Node* config = document->roots()[0];
  into.runtime = "docker";
  into.name = text_at(config, {"Name"});
  if (into.name.starts_with("/")) into.name.erase(0, 1);
  into.image = text_at(config, {"Config", "Image"});
  into.image_id = text_at(config, {"Image"});
  into.created = parse_time(text_at(config, {"Created"})).value_or(0);
  into.labels.clear();
  if (const Node* labels = at(config, {"Config", "Labels"})) {
    for (const auto& [key, value] : labels->members) {
      into.labels.push_back(std::string(key->text) + "=" + std::string(value->text));
    }
  }
  if (const Node* mounts = at(config, {"MountPoints"})) {
    into.mounts.clear();
    for (const auto& [destination, mount] : mounts->members) {
      into.mounts.push_back(text_at(mount, {"Source"}) + ":" + std::string(destination->text) +
                            ":" + text_at(mount, {"Relabel"}) + ":" + text_at(mount, {"RW"}) + ":" +
                            text_at(mount, {"Propagation"}));
    }
  }
  const std::optional<Document> host =
      read_document(folder + "/" + std::string(id) + "/hostconfig.json");
  if (host) into.privileged = text_at(host->roots()[0], {"Privileged"}) == "true";
  return true;
}

// containers/storage: an index of all, and a bundle for each.
bool read_storage(const std::string& folder, std::string_view id, ContainerDescription& into) {
  const std::optional<Document> index = read_document(folder + "/containers.json");
  if (!index) return false;
  for (const Node* container : index->roots()[0]->elements) {
    if (text_at(container, {"id"}) != id) continue;
    into.image_id = text_at(container, {"image"});
    into.created = parse_time(text_at(container, {"created"})).value_or(into.created);
    if (const Node* names = at(container, {"names"}); names && !names->elements.empty()) {
      if (into.name.empty()) into.name = names->elements[0]->text;
    }
    const Result<Document> metadata = Document::parse(text_at(container, {"metadata"}), Limits{});
    if (metadata && !metadata->roots().empty()) {
      const Node* described = metadata->roots()[0];
      if (into.image.empty()) into.image = text_at(described, {"image-name"});
    }
    if (!into.privileged) read_bundle(folder + "/" + std::string(id) + "/userdata", into);
    return true;
  }
  return false;
}

// An id becomes part of a path.
bool is_name(std::string_view id) {
  return !id.empty() && id.size() < 256 && id.front() != '.' &&
         id.find('/') == std::string_view::npos && id.find('\0') == std::string_view::npos;
}

}  // namespace

std::optional<ContainerDescription> describe_bundle(const std::string& bundle, std::string_view id,
                                                    std::string_view cgroup_path) {
  const std::optional<Document> document = read_configuration(bundle);
  if (!document) return std::nullopt;
  const Node* const config = document->roots()[0];
  if (!is_group_of(text_at(config, {"linux", "cgroupsPath"}), cgroup_path, id)) return std::nullopt;
  ContainerDescription description;
  description.id = id;
  description.cgroup = cgroup_path;
  read_bundle(bundle, description);
  return description;
}

std::optional<ContainerDescription> describe(const RuntimeFolders& folders, std::string_view id) {
  if (!is_name(id)) return std::nullopt;
  ContainerDescription description;
  description.id = id;
  bool known = false;
  for (const std::string& pattern : folders.states) {
    for (const std::string& folder : expand(pattern)) {
      known = known || read_state(folder, id, description);
    }
  }
  for (const std::string& pattern : folders.bundles) {
    for (const std::string& folder : expand(pattern)) {
      const std::string bundle = folder + "/" + std::string(id);
      std::error_code error;
      if (description.privileged || !fs::exists(bundle + "/config.json", error)) continue;
      description.runtime = "containerd";
      read_bundle(bundle, description);
      known = true;
    }
  }
  // What is above a low-level runtime knows more, and names itself.
  known = read_docker(folders.docker, id, description) || known;
  known = read_storage(folders.storage, id, description) || known;
  if (!known) return std::nullopt;
  return description;
}

}  // namespace vedette::sensor
