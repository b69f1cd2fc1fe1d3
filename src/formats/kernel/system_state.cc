// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/system_state.h"

#include <algorithm>

#include "formats/kernel/system_calls.h"

namespace vedette::formats::kernel {
namespace {

constexpr std::size_t kSpareMax = 1024;

void copy_text(std::string& to, const RecordReader& record, vedette_field_id id) {
  if (record.has(id)) to.assign(record.field(id));
}

std::vector<std::string> list_of(std::string_view list) {
  std::vector<std::string> elements;
  ListReader reader(list);
  for (std::string_view element; reader.next(element);) elements.emplace_back(element);
  return elements;
}

}  // namespace

SystemState::SystemState() = default;

void SystemState::apply(const RecordReader& record) {
  if (exited_ != 0) {
    forget(exited_);
    exited_ = 0;
  }
  current_ = nullptr;
  switch (record.header().kind) {
    case VEDETTE_KIND_HOST:
      return apply_host(record);
    case VEDETTE_KIND_LOST:
      lost_ += record.get<std::uint64_t>(VEDETTE_FIELD_LOST).value_or(0);
      return;
    case VEDETTE_KIND_STARTED:
      started_ = true;
      return;
    case VEDETTE_KIND_USER:
      return apply_name(record, users_);
    case VEDETTE_KIND_GROUP:
      return apply_name(record, groups_);
    case VEDETTE_KIND_CONTAINER:
      return apply_container(record);
    case VEDETTE_KIND_CGROUP:
      return apply_cgroup(record);
    case VEDETTE_KIND_TASK:
    case VEDETTE_KIND_EXEC:
      return apply_process(record);
    case VEDETTE_KIND_FORK:
      return apply_fork(record);
    case VEDETTE_KIND_EXIT:
      current_ = &process_of(record.header());
      exited_ = record.header().pid;
      return;
    default:
      return apply_call(record);
  }
}

void SystemState::apply_host(const RecordReader& record) {
  copy_text(hostname_, record, VEDETTE_FIELD_HOSTNAME);
  boot_time_ = record.get<std::int64_t>(VEDETTE_FIELD_BOOT_TIME).value_or(boot_time_);
  ++epoch_;
}

void SystemState::apply_name(const RecordReader& record, Names& names) {
  const auto id = record.get<std::uint32_t>(VEDETTE_FIELD_ID);
  if (!id || names.size() >= kProcessesMax) return;
  names[{std::string(record.field(VEDETTE_FIELD_CONTAINER_ID)), *id}] =
      record.field(VEDETTE_FIELD_NAME);
  ++epoch_;
}

void SystemState::apply_container(const RecordReader& record) {
  const std::string_view id = record.field(VEDETTE_FIELD_CONTAINER_ID);
  if (id.empty()) return;
  Container* const held = container_for(id);
  if (held == nullptr) return;
  Container& container = *held;
  copy_text(container.name, record, VEDETTE_FIELD_NAME);
  copy_text(container.runtime, record, VEDETTE_FIELD_RUNTIME);
  copy_text(container.image, record, VEDETTE_FIELD_IMAGE);
  copy_text(container.image_id, record, VEDETTE_FIELD_IMAGE_ID);
  copy_text(container.image_digest, record, VEDETTE_FIELD_IMAGE_DIGEST);
  copy_text(container.pod, record, VEDETTE_FIELD_POD);
  copy_text(container.pod_uid, record, VEDETTE_FIELD_POD_UID);
  copy_text(container.pod_namespace, record, VEDETTE_FIELD_NAMESPACE);
  if (record.has(VEDETTE_FIELD_LABELS)) {
    container.labels = list_of(record.field(VEDETTE_FIELD_LABELS));
  }
  if (record.has(VEDETTE_FIELD_MOUNTS)) {
    container.mounts = list_of(record.field(VEDETTE_FIELD_MOUNTS));
  }
  container.privileged =
      record.get<std::uint8_t>(VEDETTE_FIELD_PRIVILEGED).value_or(container.privileged ? 1 : 0) !=
      0;
  container.complete =
      record.get<std::uint8_t>(VEDETTE_FIELD_COMPLETE).value_or(container.complete ? 1 : 0) != 0;
  container.created = record.get<std::int64_t>(VEDETTE_FIELD_CREATED).value_or(container.created);
  // A control group whose path alone proves nothing is the container's when its runtime says so.
  const auto possible = possible_.find(record.header().cgroup);
  if (container.complete && possible != possible_.end() && possible->second == container.id) {
    cgroups_[possible->first] = &container;
    possible_.erase(possible);
  }
  ++epoch_;
}

void SystemState::apply_cgroup(const RecordReader& record) {
  const std::uint64_t cgroup = record.header().cgroup;
  if ((record.header().flags & VEDETTE_FLAG_GONE) != 0) {
    forget_cgroup(cgroup);
    return;
  }
  const std::optional<ContainerPath> path =
      kernel::container_of(record.field(VEDETTE_FIELD_CGROUP_PATH));
  possible_.erase(cgroup);
  if (!path) {
    cgroups_.erase(cgroup);
    return;
  }
  const bool known = containers_.contains(path->id);
  if (!known && !path->certain) {
    // Only a runtime can tell.
    if (possible_.size() < kContainersMax) possible_[cgroup] = path->id;
    return;
  }
  if (Container* const container = container_for(path->id)) {
    if (container->runtime.empty()) container->runtime = path->runtime;
    if (container->pod_uid.empty()) container->pod_uid = path->pod_uid;
    cgroups_[cgroup] = container;
    ++epoch_;
  }
}

// Null when there are too many.
Container* SystemState::container_for(std::string_view id) {
  const auto found = containers_.find(id);
  if (found != containers_.end()) return &found->second;
  if (containers_.size() >= kContainersMax) return nullptr;
  Container& container = containers_.emplace(id, Container()).first->second;
  container.id = id;
  return &container;
}

Process& SystemState::process_of(const vedette_record& header) {
  std::unique_ptr<Process>& held = processes_[header.pid];
  if (held != nullptr && held->started != header.started && header.started != 0 &&
      held->started != 0) {
    // The number was used again: the end of its former owner was lost.
    held.reset();
    ++epoch_;
  }
  if (held == nullptr) {
    if (processes_.size() > kProcessesMax) forget_processes(header.pid);
    if (spare_.empty()) {
      held = std::make_unique<Process>();
    } else {
      held = std::move(spare_.back());
      spare_.pop_back();
    }
    held->pid = header.pid;
    held->started = header.started;
    held->executed = header.started;
  }
  if (header.cgroup != 0 && held->cgroup != header.cgroup) {
    held->cgroup = header.cgroup;
    held->prepared_at = 0;
  }
  return *held;
}

// So many were never told of as ended: those of whom only the number is known go first; when that
// is not enough, all do but the first process and `but`, and later events name them anew.
void SystemState::forget_processes(std::uint32_t but) {
  const auto spare = [but](std::uint32_t pid) { return pid == but || pid == 1; };
  std::erase_if(processes_, [&](const auto& entry) {
    return !spare(entry.first) && (entry.second == nullptr || !entry.second->known);
  });
  if (processes_.size() > kProcessesMax / 2) {
    std::erase_if(processes_, [&](const auto& entry) { return !spare(entry.first); });
    namespace_init_.clear();
  }
  ++epoch_;
}

// Forgets a container with the last control group that is its own; its accounts go with it.
void SystemState::forget_cgroup(std::uint64_t cgroup) {
  possible_.erase(cgroup);
  const auto found = cgroups_.find(cgroup);
  if (found == cgroups_.end()) return;
  const Container* const container = found->second;
  cgroups_.erase(found);
  for (const auto& [other, owner] : cgroups_) {
    if (owner == container) return;
  }
  for (Names* names : {&users_, &groups_}) {
    auto name = names->lower_bound(std::pair<std::string, std::uint32_t>(container->id, 0));
    while (name != names->end() && name->first.first == container->id) name = names->erase(name);
  }
  containers_.erase(containers_.find(container->id));
  ++epoch_;
}

void SystemState::changed(Process& process) {
  process.prepared_at = 0;
  if (process.children != 0) ++epoch_;
}

void SystemState::copy_fields(Process& process, const RecordReader& record) {
  copy_text(process.comm, record, VEDETTE_FIELD_COMM);
  copy_text(process.exe_path, record, VEDETTE_FIELD_EXE_PATH);
  copy_text(process.arguments, record, VEDETTE_FIELD_ARGUMENTS);
  copy_text(process.environment, record, VEDETTE_FIELD_ENVIRONMENT);
  copy_text(process.cwd, record, VEDETTE_FIELD_CWD);
  const auto take = [&record]<typename T>(vedette_field_id id, T& to) {
    if (const auto value = record.get<T>(id)) to = *value;
  };
  take(VEDETTE_FIELD_EXE_FILE, process.exe_file);
  take(VEDETTE_FIELD_CREDENTIALS, process.credentials);
  take(VEDETTE_FIELD_SESSION, process.session);
  struct Parent {
    std::uint32_t pid;
    std::uint32_t zero;
    std::uint64_t started;
  };
  if (const auto parent = record.get<Parent>(VEDETTE_FIELD_PARENT)) {
    process.parent = parent->pid;
    process.parent_started = parent->started;
  }
  process.known = true;
  if (process.session.vpid == 1) namespace_init_[process.session.pid_namespace] = process.pid;
}

void SystemState::apply_process(const RecordReader& record) {
  const vedette_record& header = record.header();
  Process& process = process_of(header);
  current_ = &process;
  if ((header.flags & VEDETTE_FLAG_FAILED) != 0) return;
  if (header.kind == VEDETTE_KIND_EXEC) process.executed = header.time;
  copy_fields(process, record);
  changed(process);
}

void SystemState::apply_fork(const RecordReader& record) {
  const vedette_record& header = record.header();
  Process& process = process_of(header);
  current_ = &process;
  copy_fields(process, record);
  const auto found = processes_.find(process.parent);
  if (found != processes_.end() && found->second->pid != process.pid) {
    Process& parent = *found->second;
    ++parent.children;
    // What the record does not bring is as with the parent.
    const auto inherit = [&record](vedette_field_id id, auto& to, const auto& from) {
      if (!record.has(id)) to = from;
    };
    inherit(VEDETTE_FIELD_COMM, process.comm, parent.comm);
    inherit(VEDETTE_FIELD_EXE_PATH, process.exe_path, parent.exe_path);
    inherit(VEDETTE_FIELD_EXE_FILE, process.exe_file, parent.exe_file);
    inherit(VEDETTE_FIELD_ARGUMENTS, process.arguments, parent.arguments);
    inherit(VEDETTE_FIELD_ENVIRONMENT, process.environment, parent.environment);
    inherit(VEDETTE_FIELD_CWD, process.cwd, parent.cwd);
    inherit(VEDETTE_FIELD_CREDENTIALS, process.credentials, parent.credentials);
    inherit(VEDETTE_FIELD_SESSION, process.session, parent.session);
  }
  changed(process);
}

// Calls that change what the process is.
void SystemState::apply_call(const RecordReader& record) {
  const vedette_record& header = record.header();
  if (header.pid == 0) return;
  Process& process = process_of(header);
  current_ = &process;
  bool differs = false;
  if (record.has(VEDETTE_FIELD_CWD) && process.cwd != record.field(VEDETTE_FIELD_CWD)) {
    process.cwd = record.field(VEDETTE_FIELD_CWD);
    differs = true;
  }
  const auto take = [&]<typename T>(vedette_field_id id, T& to) {
    const auto value = record.get<T>(id);
    if (!value || std::memcmp(&*value, &to, sizeof to) == 0) return;
    to = *value;
    differs = true;
  };
  take(VEDETTE_FIELD_CREDENTIALS, process.credentials);
  take(VEDETTE_FIELD_SESSION, process.session);
  if (record.has(VEDETTE_FIELD_COMM) && process.comm != record.field(VEDETTE_FIELD_COMM)) {
    process.comm = record.field(VEDETTE_FIELD_COMM);
    differs = true;
  }
  if (differs) changed(process);
}

void SystemState::forget(std::uint32_t pid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  std::unique_ptr<Process> process = std::move(found->second);
  processes_.erase(found);
  const auto init = namespace_init_.find(process->session.pid_namespace);
  if (init != namespace_init_.end() && init->second == pid) namespace_init_.erase(init);
  if (process->children != 0) ++epoch_;
  if (spare_.size() >= kSpareMax) return;
  // Memory of text is kept, the rest is as new.
  for (std::string* text : {&process->comm, &process->exe_path, &process->arguments,
                            &process->environment, &process->cwd}) {
    text->clear();
    if (text->capacity() > 4096) text->shrink_to_fit();
  }
  process->parent = 0;
  process->parent_started = 0;
  process->cgroup = 0;
  process->children = 0;
  process->known = false;
  process->exe_file = {};
  process->credentials = {};
  process->session = {};
  process->prepared.clear();
  process->prepared_at = 0;
  process->prepared_text.clear();
  spare_.push_back(std::move(process));
}

const Process* SystemState::find(std::uint32_t pid, std::uint64_t started) const {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return nullptr;
  const Process& process = *found->second;
  const bool same = started == 0 || process.started == 0 || process.started == started;
  return same ? &process : nullptr;
}

const Process* SystemState::parent_of(const Process& process) const {
  if (process.parent == 0 || process.parent == process.pid) return nullptr;
  if (const Process* parent = find(process.parent, process.parent_started)) return parent;
  const auto init = namespace_init_.find(process.session.pid_namespace);
  const std::uint32_t reaper = init == namespace_init_.end() ? 1 : init->second;
  return reaper == process.pid ? nullptr : find(reaper, 0);
}

const Container* SystemState::container_of(std::uint64_t cgroup) const {
  const auto found = cgroups_.find(cgroup);
  return found == cgroups_.end() ? nullptr : found->second;
}

const Container* SystemState::container(std::string_view id) const {
  const auto found = containers_.find(id);
  return found == containers_.end() ? nullptr : &found->second;
}

std::string_view SystemState::name_in(const Names& names, std::uint32_t id,
                                      const Container* container) const {
  if (container != nullptr) {
    const auto own = names.find(std::pair<std::string, std::uint32_t>(container->id, id));
    if (own != names.end()) return own->second;
  }
  const auto host = names.find(std::pair<std::string, std::uint32_t>(std::string(), id));
  return host == names.end() ? std::string_view() : std::string_view(host->second);
}

std::string_view SystemState::user_name(std::uint32_t uid, const Container* container) const {
  return name_in(users_, uid, container);
}

std::string_view SystemState::group_name(std::uint32_t gid, const Container* container) const {
  return name_in(groups_, gid, container);
}

}  // namespace vedette::formats::kernel
