// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "event/value.h"
#include "formats/kernel/container_path.h"
#include "formats/kernel/record_reader.h"

namespace vedette::formats::kernel {

// What a runtime said of a container, or nothing yet.
struct Container {
  std::string id;  // full
  std::string name;
  std::string runtime;  // as its cgroup's path or the runtime itself says
  std::string image;    // reference: repository[:tag][@digest]
  std::string image_id;
  std::string image_digest;
  std::string pod;
  std::string pod_uid;
  std::string pod_namespace;
  std::vector<std::string> labels;  // name=value
  std::vector<std::string> mounts;  // source:destination:mode:rw:propagation
  bool privileged = false;
  bool complete = false;  // the runtime has answered
  std::int64_t created = 0;
};

// A value that was made ready for a slot.
struct PreparedValue {
  event::Slot slot = event::kNoSlot;
  bool more = false;  // a further value of the same field
  event::Value value;
};

// A process as the stream has told of it. Threads are not told apart.
struct Process {
  std::uint32_t pid = 0;
  std::uint64_t started = 0;  // nanoseconds since boot
  std::uint32_t parent = 0;
  std::uint64_t parent_started = 0;
  std::uint64_t executed = 0;  // time of the last exec, or `started`
  std::uint64_t cgroup = 0;
  std::uint32_t children = 0;  // that were ever forked
  bool known = false;          // false: only its number was seen
  std::string comm;
  std::string exe_path;
  std::string arguments;    // list
  std::string environment;  // list
  std::string cwd;
  vedette_file exe_file{};
  vedette_credentials credentials{};
  vedette_session session{};

  // Values of fields that depend on nothing but the state, made by the decoder when an event first
  // needs them, for all wanted fields at once. Good while `prepared_at` is the state's epoch.
  std::vector<PreparedValue> prepared;
  std::uint64_t prepared_at = 0;
  Arena prepared_text{512};
};

// What exists while the stream of records passes by: processes, containers, cgroups, users.
// Processes leave when they exit, containers with their last control group. Bounded: beyond
// kProcessesMax processes are forgotten, beyond kContainersMax containers are not taken in. Not
// thread-safe.
class SystemState {
 public:
  static constexpr std::size_t kProcessesMax = 262'144;
  static constexpr std::size_t kContainersMax = 65'536;

  SystemState();

  // Takes in what a record says. To be called for each record, in order; before fields are asked.
  void apply(const RecordReader& record);

  // The process of the record applied last, or null when it is of none. An exited process is held
  // until the next apply().
  Process* current() { return current_; }
  // Null when it is not known. `started` 0: whichever has the number now.
  const Process* find(std::uint32_t pid, std::uint64_t started) const;
  // The living parent: of an orphan the first process of its pid namespace.
  const Process* parent_of(const Process& process) const;

  // The container of a cgroup; null: none, it is the host's.
  const Container* container_of(std::uint64_t cgroup) const;
  const Container* container(std::string_view id) const;
  // "" when unknown.
  std::string_view user_name(std::uint32_t uid, const Container* container) const;
  std::string_view group_name(std::uint32_t gid, const Container* container) const;

  const std::string& hostname() const { return hostname_; }
  // From nanoseconds since boot to nanoseconds since 1970.
  std::int64_t to_time(std::uint64_t since_boot) const {
    // Sums of what a stream says may leave the range: they wrap.
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(boot_time_) + since_boot);
  }
  std::int64_t boot_time() const { return boot_time_; }
  std::uint64_t lost() const { return lost_; }
  bool started() const { return started_; }

  // For other fields than so far.
  void forget_prepared() { ++epoch_; }
  // Changes whenever values made ready for other processes than the one at hand may be wrong.
  std::uint64_t epoch() const { return epoch_; }
  void outdate() { ++epoch_; }

 private:
  using Names = std::map<std::pair<std::string, std::uint32_t>, std::string, std::less<>>;

  void apply_host(const RecordReader& record);
  void apply_name(const RecordReader& record, Names& names);
  void apply_container(const RecordReader& record);
  void apply_cgroup(const RecordReader& record);
  Container* container_for(std::string_view id);
  void apply_process(const RecordReader& record);
  void apply_fork(const RecordReader& record);
  void apply_call(const RecordReader& record);
  void copy_fields(Process& process, const RecordReader& record);
  Process& process_of(const vedette_record& header);
  void changed(Process& process);
  void forget(std::uint32_t pid);
  void forget_processes(std::uint32_t but);
  void forget_cgroup(std::uint64_t cgroup);
  std::string_view name_in(const Names& names, std::uint32_t id, const Container* container) const;

  std::unordered_map<std::uint32_t, std::unique_ptr<Process>> processes_;  // by pid
  std::unordered_map<std::uint32_t, std::uint32_t>
      namespace_init_;  // pid namespace -> process 1 of it
  std::vector<std::unique_ptr<Process>> spare_;
  std::map<std::string, Container, std::less<>> containers_;  // by id
  std::unordered_map<std::uint64_t, const Container*> cgroups_;
  // Control groups that are a container's if a runtime says so -> its id.
  std::unordered_map<std::uint64_t, std::string> possible_;
  Names users_;
  Names groups_;
  std::string hostname_;
  std::int64_t boot_time_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t epoch_ = 1;
  bool started_ = false;
  Process* current_ = nullptr;
  std::uint32_t exited_ = 0;  // to be forgotten with the next record
};

}  // namespace vedette::formats::kernel
