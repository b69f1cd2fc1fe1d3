// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vedette::formats::kernel {

// What the path of a cgroup tells of a container. Views of the path.
struct ContainerPath {
  std::string_view id;       // empty: no container's
  std::string_view runtime;  // "docker", "containerd", "cri-o", "podman", "" when it cannot be told
  std::string pod_uid;       // with dashes; empty outside of Kubernetes
};

ContainerPath parse_container_path(std::string_view path);

}  // namespace vedette::formats::kernel
