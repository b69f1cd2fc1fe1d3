// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/container_path.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace vedette::formats::kernel {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kInner(64, 'f');
const std::string kUid = "6f1c8a2e-1d3b-4a5c-9e7f-0123456789ab";
const std::string kUidOfSystemd = "6f1c8a2e_1d3b_4a5c_9e7f_0123456789ab";

struct Case {
  std::string path;
  std::string id;
  std::string runtime;
  std::string pod_uid;
  bool certain = true;
};

TEST(ContainerPath, IsReadAsRuntimesWriteIt) {
  const std::vector<Case> cases = {
      {"/docker/" + kId, kId, "docker", ""},
      {"/system.slice/docker-" + kId + ".scope", kId, "docker", ""},
      {"/docker/" + kId + "/init.scope", kId, "docker", ""},
      {"/moby/" + kId, kId, "docker", ""},
      {"/ecs/9a8b7c6d5e4f/" + kId, kId, "docker", ""},
      {"/k8s.io/" + kId, kId, "containerd", ""},
      {"/kubepods/pod" + kUid + "/" + kId, kId, "containerd", kUid},
      {"/kubepods/burstable/pod" + kUid + "/" + kId, kId, "containerd", kUid},
      {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + kUidOfSystemd +
           ".slice/cri-containerd-" + kId + ".scope",
       kId, "containerd", kUid},
      {"/kubepods.slice/kubepods-pod" + kUidOfSystemd + ".slice/crio-" + kId + ".scope", kId,
       "cri-o", kUid},
      {"/kubepods.slice/kubepods-pod" + kUidOfSystemd + ".slice/crio-" + kId + ".scope/container",
       kId, "cri-o", kUid},
      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kUidOfSystemd +
           ".slice/docker-" + kId + ".scope",
       kId, "docker", kUid},
      {"/system.slice/containerd.service/kubepods-burstable-pod" + kUidOfSystemd +
           ".slice:cri-containerd:" + kId,
       kId, "containerd", kUid},
      {"/machine.slice/libpod-" + kId + ".scope", kId, "podman", ""},
      {"/machine.slice/libpod-" + kId + ".scope/container", kId, "podman", ""},
      {"/libpod_parent/libpod-" + kId, kId, "podman", ""},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope", kId,
       "podman", ""},
      {"/system.slice/nerdctl-" + kId + ".scope", kId, "containerd", ""},
      {"/lxc.payload.web", "web", "lxc", ""},
      {"/" + kId, kId, "", ""},
      {"/somewhere/else/" + kId, kId, "", ""},
      {"/web", "web", "runc", "", false},
      {"/system.slice/runc-web.scope", "web", "runc", "", false},
      {"/default/web", "web", "containerd", "", false},
      {"/default/web/worker", "web", "containerd", "", false},
      {"/docker/named", "named", "docker", "", false},
  };
  for (const Case& expected : cases) {
    const std::optional<ContainerPath> found = container_of(expected.path);
    ASSERT_TRUE(found) << expected.path;
    EXPECT_EQ(found->id, expected.id) << expected.path;
    EXPECT_EQ(found->runtime, expected.runtime) << expected.path;
    EXPECT_EQ(found->pod_uid, expected.pod_uid) << expected.path;
    EXPECT_EQ(found->certain, expected.certain) << expected.path;
  }
}

TEST(ContainerPath, IsOfNoContainer) {
  const std::vector<std::string> paths = {
      "",
      "/",
      "//",
      "/init.scope",
      "/user.slice/user-0.slice/session-1.scope",
      "/system.slice/ssh.service",
      "/system.slice/docker.service",
      "/system.slice/docker-" + kId.substr(1) + ".scope",
      "/kubepods/burstable",
      "/kubepods/burstable/pod" + kUid,
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kUidOfSystemd + ".slice",
      "/kubepods.slice/kubepods-pod" + kUidOfSystemd + ".slice/crio-conmon-" + kId + ".scope",
      "/machine.slice/libpod-conmon-" + kId + ".scope",
  };
  for (const std::string& path : paths) EXPECT_FALSE(container_of(path)) << path;
}

TEST(ContainerPath, IsNotForgedFromWithin) {
  const std::optional<ContainerPath> found =
      container_of("/docker/" + kId + "/kubepods/podevil/" + kInner);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, kId);
  EXPECT_EQ(found->pod_uid, "");
}

}  // namespace
}  // namespace vedette::formats::kernel
