// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vedette::formats::kernel {

// What the path of a control group tells of the container that it belongs to.
struct ContainerPath {
  std::string id;            // in full: 64 hexadecimal digits, or a name
  std::string_view runtime;  // a guess; "" where the path does not tell
  std::string pod_uid;       // of Kubernetes, with dashes; may be empty
  // The path fits, but would for others too ("/web"): a container only if a runtime knows `id`.
  bool certain = true;
};

// Knows docker, containerd, CRI-O, podman, Kubernetes, lxc and plain runc, by the systemd and the
// cgroupfs driver. `path` starts at the root of the hierarchy. Groups within a container's own
// belong to it: the outermost that fits is taken, for what is below it the container itself may
// have named. Nullopt: a path of no container.
std::optional<ContainerPath> container_of(std::string_view path);

}  // namespace vedette::formats::kernel
