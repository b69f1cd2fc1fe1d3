// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sensor/runtime_command.h"

namespace vedette::sensor {

// What a runtime says of a container.
struct ContainerDescription {
  std::string id;
  std::string runtime;
  std::string name;
  std::string image;
  std::string image_id;
  std::string image_digest;
  std::optional<bool> privileged;
  std::vector<std::string> labels;  // name=value
  std::vector<std::string> mounts;  // source:destination:mode:rw:propagation
  std::string pod;
  std::string pod_uid;
  std::string pod_namespace;
  TimeNs created = 0;  // 0: not known
  std::string root;    // its file system as the host sees it; may be empty
  std::string cgroup;  // where the runtime put it; may be empty
};

// Where runtimes keep their state. Nothing is asked over a socket; files are read, each bounded.
struct RuntimeFolders {
  // Folders of runc and crun: one folder a container with state.json in it. One that ends with /*
  // stands for each folder in it.
  std::vector<std::string> states = {"/run/runc", "/run/docker/runtime-runc/*",
                                     "/run/containerd/runc/*", "/run/user/0/runc"};
  // Bundles: one folder a container with an OCI config.json (and perhaps state) in it.
  std::vector<std::string> bundles = {"/run/containerd/io.containerd.runtime.v2.task/*"};
  std::string docker = "/var/lib/docker/containers";
  std::string storage = "/var/lib/containers/storage/overlay-containers";  // podman, CRI-O
};

// Asks every runtime for `id`; nullopt when none knows it (yet).
std::optional<ContainerDescription> describe(const RuntimeFolders& folders, std::string_view id);

// What the configuration of a bundle (config.json, OCI) says of `id`, for when the runtime's own
// state was gone before it could be read; nullopt when there is none, or when the bundle is of a
// control group other than `cgroup_path`.
std::optional<ContainerDescription> describe_bundle(const std::string& bundle, std::string_view id,
                                                    std::string_view cgroup_path);

// A CONTAINER record. `complete`: a runtime has answered.
void write_container(std::string& out, const ContainerDescription& description,
                     std::uint64_t cgroup, bool complete);

// Containers by the control groups that appear: told at once with what the path says, and again
// when the runtime, which is later than the kernel, has answered; asked until a deadline.
class Containers {
 public:
  static constexpr std::int64_t kAskingMs = 5000;
  static constexpr std::size_t kContainersMax = 100'000;
  static constexpr std::size_t kCommandsMax = 1024;
  static constexpr std::int64_t kCommandMs = 5000;  // a runtime makes its group within this time

  explicit Containers(RuntimeFolders folders) : folders_(std::move(folders)) {}

  // Times are of any clock that does not go back.
  void cgroup_appeared(std::uint64_t cgroup, std::string_view path, std::int64_t now_ms,
                       std::string& out);
  // To be called before the record of the end is handed on: a container that no runtime could be
  // asked of in time is told of by its bundle.
  void cgroup_gone(std::uint64_t cgroup, std::string& out);
  // A runtime is about to start a container: where its bundle is. The bundle outlives a container
  // that lives for a moment, the runtime's state does not. Of the host's processes only.
  void runtime_called(RuntimeCommand command, std::int64_t now_ms);
  // Whether a control group is known to be a container's.
  bool is_container(std::uint64_t cgroup) const { return id_by_cgroup_.contains(cgroup); }
  // A program begins in it: the runtime has written down by now what it is, and a short one is gone
  // before its time to be asked comes.
  void program_started(std::uint64_t cgroup, std::string& out);
  // Asks for those without an answer whose time has come.
  void ask(std::int64_t now_ms, std::string& out);
  // How long until then, from 1 to `most`.
  int next_asking_ms(std::int64_t now_ms, int most) const;
  bool idle() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::uint64_t cgroup = 0;
    std::string path;
    ContainerDescription guess;
    std::optional<ContainerDescription> bundle;  // says less than the runtime, but stays
    bool certain = false;
    std::int64_t next_ms = 0;
    std::int64_t deadline_ms = 0;
    std::int64_t pause_ms = 0;
  };

  bool answer(const Waiting& waiting, std::string& out) const;
  void answer_by_bundle(const Waiting& waiting, std::string& out) const;
  // Uses the command up: a later group of the same name is none of that container.
  std::optional<ContainerDescription> describe_by_bundle(const Waiting& waiting,
                                                         std::int64_t now_ms);

  RuntimeFolders folders_;
  std::vector<Waiting> waiting_;
  std::map<std::uint64_t, std::string> id_by_cgroup_;  // of the outermost group of each
  std::map<std::string, std::uint64_t, std::less<>> cgroup_by_id_;
  struct Called {
    RuntimeCommand command;
    std::int64_t at_ms = 0;
  };
  std::deque<Called> commands_;  // the newest kCommandsMax
};

}  // namespace vedette::sensor
