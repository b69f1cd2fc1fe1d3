// SPDX-License-Identifier: Apache-2.0
#include "sensor/containers.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "sensor/live_test.h"

namespace vedette::sensor {
namespace {

namespace fs = std::filesystem;
using live::Record;
using live::take_apart;

const std::string kId(64, 'a');

// State of runtimes in a folder of the test.
class ContainersTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vedette_runtimes_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    folders_.states = {folder_ + "/runc", folder_ + "/containerd/*"};
    folders_.bundles = {folder_ + "/tasks/*"};
    folders_.docker = folder_ + "/docker";
    folders_.storage = folder_ + "/storage";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + path).parent_path());
    std::ofstream(folder_ + "/" + path) << text;
  }

  std::string folder_;
  RuntimeFolders folders_;
};

TEST_F(ContainersTest, DockerIsAsked) {
  write("docker/" + kId + "/config.v2.json", R"({"ID": "x", "Created": "2026-02-03T04:05:06.5Z",
    "Name": "/shop", "Image": "sha256:1234", "Config": {"Image": "shop:1",
    "Labels": {"team": "payments"}}, "MountPoints": {"/data": {"Source": "/srv/data",
    "RW": true, "Propagation": "rprivate", "Relabel": "z"}}})");
  write("docker/" + kId + "/hostconfig.json", R"({"Privileged": true})");
  const auto found = describe(folders_, kId);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->runtime, "docker");
  EXPECT_EQ(found->name, "shop");
  EXPECT_EQ(found->image, "shop:1");
  EXPECT_EQ(found->image_id, "sha256:1234");
  EXPECT_EQ(found->privileged, true);
  EXPECT_EQ(found->labels, (std::vector<std::string>{"team=payments"}));
  EXPECT_EQ(found->mounts, (std::vector<std::string>{"/srv/data:/data:z:true:rprivate"}));
  EXPECT_EQ(found->created, *parse_time("2026-02-03T04:05:06.5Z"));
}

TEST_F(ContainersTest, BundlesOfContainerdAreRead) {
  write("tasks/k8s.io/" + kId + "/config.json", R"({"root": {"path": "rootfs"},
    "annotations": {"io.kubernetes.cri.container-name": "web",
    "io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-uid": "uid"}})");
  const auto found = describe(folders_, kId);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->runtime, "containerd");
  EXPECT_EQ(found->pod, "web-0");
  EXPECT_EQ(found->pod_uid, "uid");
  EXPECT_EQ(found->root, folder_ + "/tasks/k8s.io/" + kId + "/rootfs");
}

TEST_F(ContainersTest, ABundleSpeaksForAContainerWhoseStateIsGone) {
  write("b/config.json", R"({"root": {"path": "rootfs"}, "linux": {"cgroupsPath": "/jobs/short"},
    "annotations": {"org.opencontainers.image.ref.name": "shop:1", "team": "payments"}})");
  Containers containers(folders_);
  containers.runtime_called({"short", folder_ + "/b"}, 0);
  containers.runtime_called({"other", folder_ + "/b"}, 0);
  std::string out;
  containers.cgroup_appeared(7, "/jobs/short", 0, out);
  EXPECT_EQ(out, "") << "the runtime knows more, and may still answer";
  containers.cgroup_gone(7, out);
  std::vector<Record> records = take_apart(out);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front().text(VEDETTE_FIELD_IMAGE), "shop:1");
  EXPECT_EQ(records.front().text(VEDETTE_FIELD_CONTAINER_ID), "short");
  // Nor does a later group of that name.
  out.clear();
  containers.cgroup_appeared(9, "/jobs/short", 10, out);
  containers.cgroup_gone(9, out);
  EXPECT_EQ(out, "");
  // A group that the bundle does not name borrows nothing.
  out.clear();
  containers.cgroup_appeared(8, "/elsewhere/other", 0, out);
  containers.cgroup_gone(8, out);
  EXPECT_EQ(out.find("shop:1"), std::string::npos);
}

TEST_F(ContainersTest, ABundleIsOfTheGroupThatItNames) {
  const auto known = [&](std::string_view configured, std::string_view path) {
    write("b/config.json", configured.empty() ? "{\"root\": {\"path\": \"rootfs\"}}"
                                              : "{\"linux\": {\"cgroupsPath\": \"" +
                                                    std::string(configured) + "\"}}");
    return describe_bundle(folder_ + "/b", "web", path).has_value();
  };
  EXPECT_TRUE(known("", "/web"));
  EXPECT_TRUE(known("", "/system.slice/web"));
  EXPECT_FALSE(known("", "/webs"));
  EXPECT_TRUE(known("/k8s/web", "/unified/k8s/web"));
  EXPECT_FALSE(known("/k8s/web", "/k8s/web/inner"));
  EXPECT_FALSE(known("web", "/x/otherweb"));
  EXPECT_TRUE(known("system.slice:docker:web", "/system.slice/docker-web.scope"));
  EXPECT_FALSE(known("system.slice:docker:web", "/system.slice/docker-webs.scope"));
  EXPECT_FALSE(describe_bundle(folder_ + "/absent", "web", "/web").has_value());
}

TEST_F(ContainersTest, PrivilegedIsEveryCapabilityAndNothingHidden) {
  std::string capabilities;
  for (int i = 0; i < 41; ++i)
    capabilities += (i == 0 ? "\"CAP_" : ",\"CAP_") + std::to_string(i) + "\"";
  const std::string process =
      R"({"process": {"capabilities": {"bounding": [)" + capabilities + "]}}";
  write("tasks/a/" + kId + "/config.json", process + "}");
  EXPECT_EQ(describe(folders_, kId)->privileged, true);
  write("tasks/a/" + kId + "/config.json",
        process + R"(, "linux": {"maskedPaths": ["/proc/kcore"]}})");
  EXPECT_EQ(describe(folders_, kId)->privileged, false);
}

TEST_F(ContainersTest, StorageOfPodmanIsRead) {
  write("storage/containers.json", R"([{"id": ")" + kId + R"(", "names": ["shop"],
    "image": "4567", "metadata": "{\"image-name\":\"localhost/shop:2\"}",
    "created": "2026-02-03T04:05:06Z"}])");
  write("storage/" + kId + "/userdata/config.json",
        R"({"annotations": {"io.container.manager": "libpod"}})");
  const auto found = describe(folders_, kId);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "shop");
  EXPECT_EQ(found->image, "localhost/shop:2");
  EXPECT_EQ(found->image_id, "4567");
}

TEST_F(ContainersTest, IdsAreNoPaths) {
  write("docker/config.v2.json", "{}");
  for (const char* id : {"", ".", "..", "../docker", "a/b"})
    EXPECT_FALSE(describe(folders_, id)) << id;
}

TEST_F(ContainersTest, BrokenStateIsNoAnswer) {
  write("docker/" + kId + "/config.v2.json", "{\"Name\": ");
  EXPECT_FALSE(describe(folders_, kId));
}

TEST_F(ContainersTest, AreToldAtOnceAndAgainWhenTheRuntimeAnswers) {
  Containers containers(folders_);
  std::string out;
  containers.cgroup_appeared(7, "/docker/" + kId, 0, out);
  std::vector<Record> records = take_apart(out);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].header.cgroup, 7U);
  EXPECT_EQ(records[0].as<__u8>(VEDETTE_FIELD_COMPLETE), 0);
  out.clear();
  containers.cgroup_appeared(8, "/docker/" + kId + "/inner", 1, out);
  containers.ask(20, out);
  EXPECT_TRUE(out.empty());
  write("docker/" + kId + "/config.v2.json", R"({"Name": "/late"})");
  containers.ask(100, out);
  records = take_apart(out);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].text(VEDETTE_FIELD_NAME), "late");
  EXPECT_EQ(records[0].as<__u8>(VEDETTE_FIELD_COMPLETE), 1);
  EXPECT_TRUE(containers.idle());
}

TEST_F(ContainersTest, NameWithoutRuntimeIsForgotten) {
  Containers containers(folders_);
  std::string out;
  containers.cgroup_appeared(7, "/web", 0, out);
  EXPECT_FALSE(containers.idle());
  containers.ask(Containers::kAskingMs + 1, out);
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(containers.idle());
  // A group that took a container's name is not that container.
  write("runc/web/state.json", R"({"cgroup_paths": {"": "/sys/fs/cgroup/unified/real"}})");
  containers.cgroup_appeared(8, "/web", 0, out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace vedette::sensor
