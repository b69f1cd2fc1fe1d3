// SPDX-License-Identifier: Apache-2.0
#include "sensor/containers.h"

#include <algorithm>
#include <utility>

#include "formats/kernel/container_path.h"
#include "formats/kernel/record_writer.h"
#include "sensor/own_record.h"
#include "sensor/system_state.h"

namespace vedette::sensor {
namespace {

constexpr std::int64_t kFirstPauseMs = 10;
constexpr std::int64_t kPauseMaxMs = 200;

std::string list_of(const std::vector<std::string>& elements) {
  std::string list;
  for (const std::string& element : elements) {
    list += element;
    list += '\0';
  }
  return list;
}

}  // namespace

void write_container(std::string& out, const ContainerDescription& description,
                     std::uint64_t cgroup, bool complete) {
  formats::kernel::RecordWriter record(out, own_record(VEDETTE_KIND_CONTAINER, cgroup));
  const auto put = [&](vedette_field_id id, std::string_view text) {
    if (!text.empty()) record.text(id, text);
  };
  put(VEDETTE_FIELD_CONTAINER_ID, description.id);
  put(VEDETTE_FIELD_RUNTIME, description.runtime);
  put(VEDETTE_FIELD_NAME, description.name);
  put(VEDETTE_FIELD_IMAGE, description.image);
  put(VEDETTE_FIELD_IMAGE_ID, description.image_id);
  put(VEDETTE_FIELD_IMAGE_DIGEST, description.image_digest);
  if (description.privileged) {
    record.value(VEDETTE_FIELD_PRIVILEGED, static_cast<__u8>(*description.privileged ? 1 : 0));
  }
  put(VEDETTE_FIELD_LABELS, list_of(description.labels));
  put(VEDETTE_FIELD_MOUNTS, list_of(description.mounts));
  put(VEDETTE_FIELD_POD, description.pod);
  put(VEDETTE_FIELD_POD_UID, description.pod_uid);
  put(VEDETTE_FIELD_NAMESPACE, description.pod_namespace);
  if (description.created != 0) record.value(VEDETTE_FIELD_CREATED, description.created);
  record.value(VEDETTE_FIELD_COMPLETE, static_cast<__u8>(complete ? 1 : 0));
}

void Containers::cgroup_appeared(std::uint64_t cgroup, std::string_view path, std::int64_t now_ms,
                                 std::string& out) {
  const auto found = formats::kernel::container_of(path);
  if (!found || cgroup_by_id_.contains(found->id) || cgroup_by_id_.size() >= kContainersMax) return;
  Waiting waiting;
  waiting.cgroup = cgroup;
  waiting.path = path;
  waiting.guess.id = found->id;
  waiting.guess.runtime = found->runtime;
  waiting.guess.pod_uid = found->pod_uid;
  waiting.certain = found->certain;
  waiting.deadline_ms = now_ms + kAskingMs;
  waiting.pause_ms = kFirstPauseMs;
  cgroup_by_id_[found->id] = cgroup;
  id_by_cgroup_[cgroup] = found->id;
  if (answer(waiting, out)) return;
  waiting.bundle = describe_by_bundle(waiting, now_ms);
  if (waiting.certain) write_container(out, waiting.guess, cgroup, false);
  waiting.next_ms = now_ms + waiting.pause_ms;
  waiting_.push_back(std::move(waiting));
}

void Containers::answer_by_bundle(const Waiting& waiting, std::string& out) const {
  if (!waiting.bundle) return;
  ContainerDescription description = *waiting.bundle;
  description.runtime = waiting.guess.runtime;
  if (description.pod_uid.empty()) description.pod_uid = waiting.guess.pod_uid;
  write_container(out, description, waiting.cgroup, true);
}

void Containers::cgroup_gone(std::uint64_t cgroup, std::string& out) {
  const auto found = id_by_cgroup_.find(cgroup);
  if (found == id_by_cgroup_.end()) return;
  cgroup_by_id_.erase(found->second);
  id_by_cgroup_.erase(found);
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    if (waiting.cgroup != cgroup) return false;
    if (!answer(waiting, out)) answer_by_bundle(waiting, out);
    return true;
  });
}

bool Containers::answer(const Waiting& waiting, std::string& out) const {
  std::optional<ContainerDescription> description = describe(folders_, waiting.guess.id);
  if (!description) return false;
  // A group that only has a container's name is none of it.
  if (!waiting.certain && !description->cgroup.empty() &&
      !description->cgroup.ends_with(waiting.path)) {
    return false;
  }
  if (description->runtime.empty()) description->runtime = waiting.guess.runtime;
  if (description->pod_uid.empty()) description->pod_uid = waiting.guess.pod_uid;
  write_container(out, *description, waiting.cgroup, true);
  if (!description->root.empty()) write_accounts(out, description->root, description->id);
  return true;
}

void Containers::runtime_called(RuntimeCommand command, std::int64_t now_ms) {
  if (commands_.size() >= kCommandsMax) commands_.pop_front();
  commands_.push_back({std::move(command), now_ms});
}

std::optional<ContainerDescription> Containers::describe_by_bundle(const Waiting& waiting,
                                                                   std::int64_t now_ms) {
  while (!commands_.empty() && now_ms - commands_.front().at_ms > kCommandMs) commands_.pop_front();
  const auto found = std::find_if(commands_.begin(), commands_.end(), [&](const Called& called) {
    return called.command.id == waiting.guess.id;
  });
  if (found == commands_.end()) return std::nullopt;
  const std::string bundle = found->command.bundle;
  commands_.erase(found);
  return describe_bundle(bundle, waiting.guess.id, waiting.path);
}

void Containers::program_started(std::uint64_t cgroup, std::string& out) {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    return waiting.cgroup == cgroup && answer(waiting, out);
  });
}

void Containers::ask(std::int64_t now_ms, std::string& out) {
  std::erase_if(waiting_, [&](Waiting& waiting) {
    if (now_ms < waiting.next_ms) return false;
    if (answer(waiting, out)) return true;
    waiting.pause_ms = std::min(waiting.pause_ms * 3 / 2, kPauseMaxMs);
    waiting.next_ms = now_ms + waiting.pause_ms;
    if (now_ms < waiting.deadline_ms) return false;
    answer_by_bundle(waiting, out);
    // A name that no runtime knows is no container: another may have the name later.
    if (!waiting.certain && !waiting.bundle) {
      cgroup_by_id_.erase(waiting.guess.id);
      id_by_cgroup_.erase(waiting.cgroup);
    }
    return true;
  });
}

int Containers::next_asking_ms(std::int64_t now_ms, int most) const {
  std::int64_t least = most;
  for (const Waiting& waiting : waiting_) least = std::min(least, waiting.next_ms - now_ms);
  return static_cast<int>(std::max<std::int64_t>(least, 1));
}

}  // namespace vedette::sensor
