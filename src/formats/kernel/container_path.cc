// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/container_path.h"

#include <algorithm>
#include <array>
#include <vector>

namespace vedette::formats::kernel {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kComponentsMax = 32;

// A component that is a container's: what stands before its id.
struct Prefix {
  std::string_view text;
  std::string_view runtime;
  bool named;  // followed by any name, not only by an id of 64 digits
};
constexpr auto kPrefixes = std::to_array<Prefix>({
    {"cri-containerd-", "containerd", false},
    {"nerdctl-", "containerd", false},
    {"docker-", "docker", false},
    {"crio-", "cri-o", false},
    {"libpod-payload-", "podman", false},
    {"libpod-", "podman", false},
    {"lxc.payload.", "lxc", true},
});

// A component whose children are named by nothing but their id.
struct Parent {
  std::string_view text;
  std::string_view runtime;
};
constexpr auto kParents = std::to_array<Parent>({
    {"docker", "docker"},
    {"moby", "docker"},
    {"ecs", "docker"},
    {"k8s.io", "containerd"},
    {"default", "containerd"},
    {"buildkit", "buildkit"},
    {"lxc", "lxc"},
});

bool is_id(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> components;
  while (!path.empty() && components.size() < kComponentsMax) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end != 0) components.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

// "pod1234-…" and "kubepods-burstable-pod1234_….slice"; empty when the component is no pod's.
std::string pod_of(std::string_view component) {
  if (component.ends_with(".slice")) {
    component.remove_suffix(6);
    if (!component.starts_with("kubepods")) return {};
    const std::size_t start = component.find("-pod");
    if (start == std::string_view::npos) return {};
    component.remove_prefix(start + 1);
  }
  if (!component.starts_with("pod") || component.size() == 3) return {};
  std::string uid(component.substr(3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

std::string_view runtime_of_parent(std::string_view parent, bool in_pod) {
  const auto* row = std::find_if(kParents.begin(), kParents.end(),
                                 [&](const Parent& known) { return known.text == parent; });
  if (row != kParents.end()) return row->runtime;
  return in_pod ? "containerd" : "";
}

std::optional<ContainerPath> container_component(std::string_view component) {
  // What systemd would have made of it: "slice:prefix:id".
  const std::size_t colon = component.rfind(':');
  if (colon != std::string_view::npos && is_id(component.substr(colon + 1))) {
    const std::string_view rest = component.substr(0, colon);
    const std::string prefix = std::string(rest.substr(rest.rfind(':') + 1)) + "-";
    for (const Prefix& known : kPrefixes) {
      if (known.text == prefix) {
        return ContainerPath{std::string(component.substr(colon + 1)), known.runtime,
                             pod_of(component.substr(0, component.find(':'))), true};
      }
    }
  }
  const bool scope = component.ends_with(".scope");
  if (scope) component.remove_suffix(6);
  for (const Prefix& known : kPrefixes) {
    if (!component.starts_with(known.text)) continue;
    const std::string_view rest = component.substr(known.text.size());
    if (is_id(rest) || (known.named && !rest.empty())) {
      return ContainerPath{std::string(rest), known.runtime, {}, true};
    }
  }
  if (scope && component.starts_with("runc-") && component.size() > 5) {
    return ContainerPath{std::string(component.substr(5)), "runc", {}, false};
  }
  return std::nullopt;
}

// "/web" of runc, "/default/web" of containerd.
std::optional<ContainerPath> named_container(const std::vector<std::string_view>& components) {
  const auto has_suffix = [](std::string_view name) {
    return name.ends_with(".slice") || name.ends_with(".scope") || name.ends_with(".service") ||
           name.ends_with(".mount");
  };
  if (components.empty() || has_suffix(components[0])) return std::nullopt;
  if (components.size() == 1) {
    return ContainerPath{std::string(components[0]), "runc", {}, false};
  }
  if (has_suffix(components[1]) || components[0].starts_with("kubepods")) return std::nullopt;
  std::string_view runtime = runtime_of_parent(components[0], false);
  if (runtime.empty()) runtime = "containerd";
  return ContainerPath{std::string(components[1]), runtime, {}, false};
}

}  // namespace

std::optional<ContainerPath> container_of(std::string_view path) {
  const std::vector<std::string_view> components = components_of(path);
  std::string pod_uid;
  std::string_view parent;
  for (const std::string_view component : components) {
    std::optional<ContainerPath> found = container_component(component);
    if (!found && is_id(component)) {
      found = ContainerPath{
          std::string(component), runtime_of_parent(parent, !pod_uid.empty()), {}, true};
    }
    if (found) {
      if (found->pod_uid.empty()) found->pod_uid = pod_uid;
      return found;
    }
    if (std::string pod = pod_of(component); !pod.empty()) pod_uid = std::move(pod);
    parent = component;
    // Containers of ECS stand below their task.
    if (!components.empty() && components[0] == "ecs") parent = components[0];
  }
  return named_container(components);
}

}  // namespace vedette::formats::kernel
