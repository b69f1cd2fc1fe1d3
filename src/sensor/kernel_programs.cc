// SPDX-License-Identifier: Apache-2.0
#include "sensor/kernel_programs.h"

#ifdef VEDETTE_SENSOR_MISSING

namespace vedette::sensor {

Result<std::unique_ptr<KernelPrograms>> KernelPrograms::load(const ProgramOptions&) {
  return failure(ErrorCode::kUnsupported, "built without kernel sensor: " VEDETTE_SENSOR_MISSING
                                          "; run tools/install_deps.sh, configure and build again");
}

}  // namespace vedette::sensor

#else

#include <algorithm>
#include <array>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <fmt/format.h>
#include <linux/membarrier.h>
#include <string>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "formats/kernel/record_reader.h"
#include "sensor/call_table.h"
#include "sensor/enforcement_programs.h"
#include "sensor/kernel_object.h"

namespace vedette::sensor {
namespace {

constexpr std::size_t kIteratorBlock = std::size_t{64} << 10;
constexpr std::size_t kIteratorBytesMax = std::size_t{1} << 30;

struct ObjectCloser {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct LinkCloser {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
struct RingCloser {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
struct TypesCloser {
  void operator()(btf* types) const { btf__free(types); }
};
using Object = std::unique_ptr<bpf_object, ObjectCloser>;
using Link = std::unique_ptr<bpf_link, LinkCloser>;
using Ring = std::unique_ptr<ring_buffer, RingCloser>;
using Types = std::unique_ptr<btf, TypesCloser>;

// Programs that belong to a kernel version: loaded where the kernel has the tracepoint.
struct OptionalProgram {
  const char* program;
  const char* tracepoint;
};
constexpr auto kOptional = std::to_array<OptionalProgram>({
    {"uring_submit_req", "btf_trace_io_uring_submit_req"},
    {"uring_submit_sqe", "btf_trace_io_uring_submit_sqe"},
    {"uring_complete", "btf_trace_io_uring_complete"},
});

int print_nothing(enum libbpf_print_level, const char*, va_list) { return 0; }

Error system_error(std::string_view what, int error) {
  return {ErrorCode::kSystem,
          fmt::format("{}: {}", what, std::strerror(error < 0 ? -error : error))};
}

bool has_function(const btf* types, const char* name) {
  return btf__find_by_name_kind(types, name, BTF_KIND_FUNC) > 0;
}

bool has_type(const btf* types, const char* name) {
  return btf__find_by_name_kind(types, name, BTF_KIND_TYPEDEF) > 0;
}

// Since 6.9 the completion's tracepoint is given the completion itself.
bool completion_is_cqe(const btf* types) {
  const int id = btf__find_by_name_kind(types, "btf_trace_io_uring_complete", BTF_KIND_TYPEDEF);
  if (id <= 0) return false;
  const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
  type = btf__type_by_id(types, type->type);                // pointer
  type = type ? btf__type_by_id(types, type->type) : type;  // to function
  return type != nullptr && btf_is_func_proto(type) && btf_vlen(type) == 4;
}

class LibbpfPrograms : public KernelPrograms {
 public:
  Result<void> open(const ProgramOptions& options);
  Result<void> set_filter(const vedette_filter& filter,
                          const std::vector<std::string>& prefixes) override;
  Result<void> set_enforced(std::uint64_t cgroup, const EntrySets* sets) override {
    return set_enforced_cgroup(object_.get(), cgroup, sets);
  }
  ~LibbpfPrograms() override;
  bool wait(int timeout_ms) override;
  void consume(const std::function<bool(std::string_view)>& take) override;
  Result<std::string> read(Iterator iterator) override;
  KernelCounters counters() const override;
  std::vector<std::uint64_t> groups_with_calls() const override;
  std::optional<vedette_seen_calls> seen_calls(std::uint64_t cgroup) const override;
  void forget_calls(std::uint64_t cgroup) override;
  void detach() override;

 private:
  static int take_sample(void* self, void* data, size_t size);
  Result<void> configure(const ProgramOptions& options, const btf* types);
  Result<void> attach();
  static Result<void> refused_with_enforcement(const ProgramOptions& options, int error);
  Result<void> wait_for_edges();
  __u32 find_own_pid();
  Result<void> set_prefixes(const std::vector<std::string>& prefixes);
  int map_of(const char* name) const {
    return bpf_object__find_map_fd_by_name(object_.get(), name);
  }

  Object object_;
  std::vector<Link> links_;
  Ring ring_;
  vedette_settings settings_ = {};
  std::vector<std::string> prefixes_;
  const std::function<bool(std::string_view)>* take_ = nullptr;  // during consume()
  int cpus_ = 0;
  int wakes_ = -1;     // epoll
  __u32 own_pid_ = 0;  // in the initial namespace; 0: watched like all others
};

// Maps of sections have names that begin with a part of the object's.
bpf_map* map_named(bpf_object* object, std::string_view suffix) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (std::string_view(bpf_map__name(map)).ends_with(suffix)) return map;
  }
  return nullptr;
}

template <typename T>
T* section_of(bpf_object* object, std::string_view suffix) {
  bpf_map* map = map_named(object, suffix);
  size_t size = 0;
  void* memory = map == nullptr ? nullptr : const_cast<void*>(bpf_map__initial_value(map, &size));
  return size >= sizeof(T) ? static_cast<T*>(memory) : nullptr;
}

Result<void> LibbpfPrograms::configure(const ProgramOptions& options, const btf* types) {
  auto* settings = section_of<vedette_settings>(object_.get(), ".settings");
  if (settings == nullptr || map_named(object_.get(), ".data.filter") == nullptr) {
    return failure(ErrorCode::kInvalid, "kernel sensor: the compiled programs lack their settings");
  }
  cpus_ = libbpf_num_possible_cpus();
  if (cpus_ <= 0) return std::unexpected(system_error("kernel sensor: number of CPUs", cpus_));
  settings_.cpus = static_cast<__u32>(cpus_);
  settings_.arguments_max = std::min(options.arguments_max, __u32{16384});
  settings_.environment_max = std::min(options.environment_max, __u32{32768});
  settings_.wake_bytes = options.wake_bytes;
  settings_.can_cast = has_function(types, "bpf_rdonly_cast") ? 1 : 0;
  settings_.completion_is_cqe = completion_is_cqe(types) ? 1 : 0;
  settings_.note_calls = options.note_calls ? 1 : 0;
  describe_calls(settings_);
  *settings = settings_;
  choose_enforcement(object_.get(), options.enforcement, cpus_);
  bpf_map__set_max_entries(bpf_object__find_map_by_name(object_.get(), "ring"),
                           static_cast<__u32>(options.ring_bytes));
  if (!options.note_calls) {
    bpf_map__set_max_entries(bpf_object__find_map_by_name(object_.get(), "seen_calls"), 1);
  }
  for (const OptionalProgram& row : kOptional) {
    if (has_type(types, row.tracepoint)) continue;
    bpf_program* program = bpf_object__find_program_by_name(object_.get(), row.program);
    if (program != nullptr) bpf_program__set_autoload(program, false);
  }
  return {};
}

Result<void> LibbpfPrograms::attach() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    if (!bpf_program__autoload(program)) continue;
    bpf_link* link = bpf_program__attach(program);
    if (link == nullptr) {
      return std::unexpected(system_error(
          fmt::format("kernel sensor: attaching {}", bpf_program__name(program)), errno));
    }
    links_.emplace_back(link);
  }
  return {};
}

Result<void> LibbpfPrograms::open(const ProgramOptions& options) {
  libbpf_set_print(print_nothing);
  const Types types(btf__load_vmlinux_btf());
  if (!types) {
    return failure(ErrorCode::kUnsupported,
                   "kernel sensor: expected the kernel's type information in "
                   "/sys/kernel/btf/vmlinux, found none; use a kernel built with "
                   "CONFIG_DEBUG_INFO_BTF");
  }
  const std::string_view bytes = kernel_object();
  object_.reset(bpf_object__open_mem(bytes.data(), bytes.size(), nullptr));
  if (!object_) return std::unexpected(system_error("kernel sensor: opening the programs", errno));
  TRY_VOID(configure(options, types.get()));
  const int refused = bpf_object__load(object_.get());
  if (refused != 0 && options.enforcement != nullptr) {
    return refused_with_enforcement(options, refused);
  }
  if (refused != 0) {
    return std::unexpected(
        system_error("kernel sensor: the kernel refused to load the programs "
                     "(expected root, or CAP_BPF and CAP_PERFMON)",
                     refused));
  }
  own_pid_ = options.watch_self ? 0 : find_own_pid();
  TRY_VOID(set_filter(options.filter, options.prefixes));
  ring_.reset(ring_buffer__new(map_of("ring"), take_sample, this, nullptr));
  if (!ring_) return std::unexpected(system_error("kernel sensor: mapping the ring buffer", errno));
  TRY_VOID(wait_for_edges());
  if (options.enforcement == nullptr) return attach();
  TRY_VOID(fill_enforcement(object_.get(), *options.enforcement, own_pid_, cpus_));
  TRY_VOID(attach());
  return check_enforcement(object_.get());
}

// Which of the two it was that the kernel does not take.
Result<void> LibbpfPrograms::refused_with_enforcement(const ProgramOptions& options, int error) {
  ProgramOptions without = options;
  without.enforcement = nullptr;
  LibbpfPrograms programs;
  TRY_VOID(programs.open(without));
  return std::unexpected(enforcement_refused(error));
}

// The kernel numbers processes by the initial namespace, which may not be ours.
__u32 LibbpfPrograms::find_own_pid() {
  constexpr ino_t kInitialNamespace = 0xEFFFFFFC;
  struct stat own = {};
  const auto pid = static_cast<__u32>(getpid());
  if (stat("/proc/self/ns/pid", &own) != 0 || own.st_ino == kInitialNamespace) return pid;
  const Result<std::string> tasks = read(Iterator::kTasks);
  if (!tasks) return 0;
  formats::kernel::RecordReader task;
  for (std::string_view rest = *tasks; task.read(rest); rest.remove_prefix(task.bytes().size())) {
    const auto session = task.get<vedette_session>(VEDETTE_FIELD_SESSION);
    if (session && session->vpid == pid && session->pid_namespace == own.st_ino) {
      return task.header().pid;
    }
  }
  return 0;
}

// libbpf's own waiting returns whenever anything is in the ring, so under load after each record.
// Edges come with wake-ups only, which the programs send when a batch is together.
Result<void> LibbpfPrograms::wait_for_edges() {
  wakes_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  if (wakes_ < 0 || epoll_ctl(wakes_, EPOLL_CTL_ADD, map_of("ring"), &event) != 0) {
    return std::unexpected(system_error("kernel sensor: waiting for the ring buffer", errno));
  }
  return {};
}

bool LibbpfPrograms::wait(int timeout_ms) {
  epoll_event event = {};
  return epoll_wait(wakes_, &event, 1, timeout_ms) > 0;
}

LibbpfPrograms::~LibbpfPrograms() {
  if (wakes_ >= 0) close(wakes_);
}

Result<void> LibbpfPrograms::set_prefixes(const std::vector<std::string>& prefixes) {
  const auto key_of = [](const std::string& text) {
    vedette_prefix key = {};
    const std::size_t size = std::min<std::size_t>(text.size(), VEDETTE_PREFIX_MAX);
    key.bits = static_cast<__u32>(8 * size);
    std::memcpy(key.text, text.data(), size);
    return key;
  };
  const int map = map_of("prefixes");
  const __u8 value = 1;
  for (const std::string& prefix : prefixes) {
    const vedette_prefix key = key_of(prefix);
    const int refused = bpf_map_update_elem(map, &key, &value, BPF_ANY);
    if (refused != 0) {
      return std::unexpected(system_error("kernel sensor: adding path prefix " + prefix, refused));
    }
  }
  for (const std::string& prefix : prefixes_) {
    if (std::find(prefixes.begin(), prefixes.end(), prefix) != prefixes.end()) continue;
    const vedette_prefix key = key_of(prefix);
    bpf_map_delete_elem(map, &key);
  }
  prefixes_ = prefixes;
  return {};
}

Result<void> LibbpfPrograms::set_filter(const vedette_filter& filter,
                                        const std::vector<std::string>& prefixes) {
  // No prefix is missing while the old or the new filter asks for it.
  std::vector<std::string> all = prefixes_;
  all.insert(all.end(), prefixes.begin(), prefixes.end());
  TRY_VOID(set_prefixes(all));
  vedette_filter next = filter;
  next.own_pid = own_pid_;
  mark_compat_calls(settings_, next);
  const bpf_map* map = map_named(object_.get(), ".data.filter");
  const __u32 zero = 0;
  const int refused = bpf_map_update_elem(bpf_map__fd(map), &zero, &next, BPF_ANY);
  if (refused != 0) {
    return std::unexpected(system_error("kernel sensor: changing the filter", refused));
  }
  return set_prefixes(prefixes);
}

int LibbpfPrograms::take_sample(void* self, void* data, size_t size) {
  auto* programs = static_cast<LibbpfPrograms*>(self);
  return (*programs->take_)({static_cast<const char*>(data), size}) ? 0 : -ECANCELED;
}

void LibbpfPrograms::consume(const std::function<bool(std::string_view)>& take) {
  take_ = &take;
  static_cast<void>(ring_buffer__consume(ring_.get()));
  take_ = nullptr;
}

Result<std::string> LibbpfPrograms::read(Iterator iterator) {
  const char* name = iterator == Iterator::kTasks ? "existing_task" : "existing_file";
  const Link link(
      bpf_program__attach_iter(bpf_object__find_program_by_name(object_.get(), name), nullptr));
  if (!link) return std::unexpected(system_error("kernel sensor: iterator", errno));
  const int descriptor = bpf_iter_create(bpf_link__fd(link.get()));
  if (descriptor < 0) return std::unexpected(system_error("kernel sensor: iterator", errno));
  std::string records;
  std::string block(kIteratorBlock, '\0');
  while (records.size() < kIteratorBytesMax) {
    errno = 0;
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count > 0) {
      records.append(block.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EAGAIN) {
      break;
    }
  }
  close(descriptor);
  return records;
}

KernelCounters LibbpfPrograms::counters() const {
  KernelCounters sum;
  std::vector<vedette_counters> parts(static_cast<std::size_t>(cpus_));
  const __u32 zero = 0;
  if (bpf_map_lookup_elem(map_of("counters"), &zero, parts.data()) != 0) return sum;
  for (const vedette_counters& part : parts) {
    for (int kind = 0; kind < VEDETTE_KINDS; ++kind) {
      sum.produced[kind] += part.produced[kind];
      sum.lost[kind] += part.lost[kind];
    }
    sum.filtered += part.filtered;
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    bpf_prog_info info = {};
    __u32 size = sizeof(info);
    const int descriptor = bpf_program__fd(program);
    if (descriptor >= 0 && bpf_obj_get_info_by_fd(descriptor, &info, &size) == 0) {
      sum.not_run += info.recursion_misses;
    }
  }
  return sum;
}

std::vector<std::uint64_t> LibbpfPrograms::groups_with_calls() const {
  std::vector<std::uint64_t> groups;
  if (settings_.note_calls == 0) return groups;
  const int map = map_of("seen_calls");
  std::uint64_t next = 0;
  while (groups.size() < VEDETTE_SEEN_GROUPS &&
         bpf_map_get_next_key(map, groups.empty() ? nullptr : &groups.back(), &next) == 0) {
    groups.push_back(next);
  }
  return groups;
}

std::optional<vedette_seen_calls> LibbpfPrograms::seen_calls(std::uint64_t cgroup) const {
  vedette_seen_calls seen = {};
  if (settings_.note_calls == 0 || bpf_map_lookup_elem(map_of("seen_calls"), &cgroup, &seen) != 0) {
    return std::nullopt;
  }
  return seen;
}

void LibbpfPrograms::forget_calls(std::uint64_t cgroup) {
  if (settings_.note_calls != 0) bpf_map_delete_elem(map_of("seen_calls"), &cgroup);
}

void LibbpfPrograms::detach() {
  links_.clear();
  // Waits until no CPU is inside of a program any more: what it made can then be read.
  syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

}  // namespace

Result<std::unique_ptr<KernelPrograms>> KernelPrograms::load(const ProgramOptions& options) {
  auto programs = std::make_unique<LibbpfPrograms>();
  TRY_VOID(programs->open(options));
  return programs;
}

}  // namespace vedette::sensor

#endif
