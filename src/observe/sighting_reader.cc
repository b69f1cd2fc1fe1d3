// SPDX-License-Identifier: Apache-2.0
#include "observe/sighting_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "formats/kernel/fields.h"
#include "formats/kernel/system_calls.h"

namespace vedette::observe {
namespace {

using formats::kernel::Container;
using formats::kernel::Process;
using Kind = Sighting::Kind;

enum Slots : event::Slot {
  kType,
  kMark,
  kWrites,
  kRemoteAddress,
  kRemotePort,
  kLocalPort,
  kProtocol,
  kQuestion,
  kAnswer,
  kIsAnswer,
  kSlotCount,
};
constexpr std::array<std::pair<std::string_view, event::Slot>, kSlotCount> kFields = {{
    {"evt.type", kType},
    {"fd.typechar", kMark},
    {"evt.is_open_write", kWrites},
    {"fd.rip", kRemoteAddress},
    {"fd.rport", kRemotePort},
    {"fd.lport", kLocalPort},
    {"fd.l4proto", kProtocol},
    {"dns.question", kQuestion},
    {"dns.answer", kAnswer},
    {"dns.is_answer", kIsAnswer},
}};

event::FieldTree make_tree() {
  event::FieldTree::Builder builder;
  for (const auto& [name, slot] : kFields) builder.add(name, slot, 0);
  return std::move(builder).build();
}

// Calls that change a folder or a file by its path, and which of their paths: 1 the first, 2 the
// second, 3 both.
struct Change {
  std::string_view call;
  int paths;
};
constexpr auto kChanges = std::to_array<Change>({
    {"unlink", 1},    {"unlinkat", 1},  {"rmdir", 1},     {"mkdir", 1},    {"mkdirat", 1},
    {"rename", 3},    {"renameat", 3},  {"renameat2", 3}, {"link", 2},     {"linkat", 2},
    {"symlink", 2},   {"symlinkat", 2}, {"chmod", 1},     {"fchmodat", 1}, {"chown", 1},
    {"lchown", 1},    {"fchownat", 1},  {"truncate", 1},  {"mknod", 1},    {"mknodat", 1},
    {"fchmodat2", 1},
});

// Ports from here on the kernel gives to whoever asks for none (ip_local_port_range).
constexpr std::uint16_t kEphemeralMin = 32768;
constexpr std::size_t kImageNamesMax = 4096;

// What is no file of an image, however it is opened.
bool is_passing(std::string_view path) {
  return path.empty() || path.front() != '/' || path.starts_with("/dev/pts/") ||
         path == "/dev/null" || path == "/dev/tty" || path.starts_with("/proc/self/fd/");
}

// What sets a container up runs in its control group before the container's program does, with
// files of the host. (A program of the image that takes such a name is itself seen to be executed.)
bool is_runtime(const Process& process) {
  constexpr auto kRuntimes = std::to_array<std::string_view>({"runc", "crun", "youki", "conmon"});
  const std::string_view path = process.exe_path;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::find(kRuntimes, name) != kRuntimes.end() ||
         path.find("memfd:runc_cloned") != std::string_view::npos;
}

}  // namespace

SightingReader::SightingReader(const Limits& limits)
    : tree_(make_tree()), decoder_(tree_, limits), event_(kSlotCount) {
  decoder_.on_state([this] {
    if (decoder_.record().header().kind == VEDETTE_KIND_CALLS_SEEN && visit_ != nullptr) {
      look_at_calls(*visit_);
    }
  });
}

void SightingReader::read(const event::Batch& batch, const Visit& visit) {
  if (batch.input == nullptr || batch.input->format != event::RecordFormat::kKernel) return;
  decoder_.start(batch);
  visit_ = &visit;
  while (decoder_.next(event_)) look(visit);
  visit_ = nullptr;
  lost_ += decoder_.lost();
}

Sighting SightingReader::begin() {
  Sighting sighting;
  const formats::kernel::RecordReader& record = decoder_.record();
  sighting.process = decoder_.state().find(record.header().pid, record.header().started);
  const std::uint64_t cgroup =
      sighting.process == nullptr ? record.header().cgroup : sighting.process->cgroup;
  sighting.container = decoder_.state().container_of(cgroup);
  sighting.image = image_for(sighting.container);
  sighting.action = text(kType);
  sighting.time = event_.time;
  sighting.record = event_.record;
  sighting.offset = event_.offset;
  return sighting;
}

void SightingReader::look(const Visit& visit) {
  switch (decoder_.record().header().kind) {
    case VEDETTE_KIND_DNS:
      return remember_names();
    case VEDETTE_KIND_EXEC: {
      Sighting sighting = begin();
      return look_at_program(sighting, visit);
    }
    case VEDETTE_KIND_SYSCALL: {
      Sighting sighting = begin();
      if (sighting.container != nullptr && sighting.process != nullptr &&
          is_runtime(*sighting.process)) {
        return;
      }
      return look_at_call(sighting, visit);
    }
    default:
      return;
  }
}

void SightingReader::look_at_program(Sighting& sighting, const Visit& visit) {
  const bool failed = (decoder_.record().header().flags & VEDETTE_FLAG_FAILED) != 0;
  if (failed || sighting.process == nullptr || sighting.process->exe_path.empty()) return;
  sighting.kind = Kind::kExecuted;
  sighting.path = sighting.process->exe_path;
  const Process* const parent = decoder_.state().parent_of(*sighting.process);
  if (sighting.container != nullptr &&
      (parent == nullptr || decoder_.state().container_of(parent->cgroup) != sighting.container)) {
    sighting.parent = kRuntime;
  } else if (parent != nullptr) {
    sighting.parent = parent->exe_path;
  }
  visit(sighting);
}

void SightingReader::look_at_call(Sighting& sighting, const Visit& visit) {
  const auto& header = decoder_.record().header();
  const formats::kernel::SystemCall* const call = formats::kernel::find_call(header.syscall);
  if (call == nullptr || (header.result < 0 && header.result != -EINPROGRESS)) return;
  if (call->opens) return look_at_open(sighting, visit);
  if (call->name == "connect" || call->name == "listen" || call->name == "bind" ||
      call->name.starts_with("send")) {
    return look_at_socket(sighting, visit);
  }
  look_at_change(sighting, visit);
}

void SightingReader::look_at_open(Sighting& sighting, const Visit& visit) {
  if (text(kMark) != "f") return;
  const auto& record = decoder_.record();
  sighting.path = record.field(VEDETTE_FIELD_PATH);
  if (is_passing(sighting.path)) return;
  sighting.kind = text(kWrites) == "true" ? Kind::kWritten : Kind::kOpened;
  visit(sighting);
}

void SightingReader::look_at_change(Sighting& sighting, const Visit& visit) {
  const auto change = std::ranges::find(kChanges, sighting.action, &Change::call);
  if (change == kChanges.end()) return;
  formats::kernel::FieldContext context{
      .record = decoder_.record(),
      .state = decoder_.state(),
      .process = sighting.process,
      .container = sighting.container,
      .call = formats::kernel::find_call(decoder_.record().header().syscall),
      .arena = event_.arena(),
      .argument = {}};
  sighting.kind = Kind::kWritten;
  for (const int which : {1, 2}) {
    if ((change->paths & which) == 0) continue;
    sighting.path = which == 1 ? first_path(context) : second_path(context);
    if (!is_passing(sighting.path)) visit(sighting);
  }
}

void SightingReader::look_at_socket(Sighting& sighting, const Visit& visit) {
  const std::string_view mark = text(kMark);
  if (mark != "4" && mark != "6") return;
  sighting.protocol = text(kProtocol);
  if (sighting.protocol != "tcp" && sighting.protocol != "udp") return;
  const bool binds = sighting.action == "bind";
  if (sighting.action == "listen" || binds) {
    // Of TCP the listening counts: who connects binds too.
    if (binds == (sighting.protocol == "tcp")) return;
    const std::uint16_t local = port(kLocalPort);
    if (binds && (local == 0 || local >= kEphemeralMin)) return;
    sighting.kind = Kind::kListened;
    sighting.port = local >= kEphemeralMin ? kPortEphemeral : local;
    return visit(sighting);
  }
  // Who answers a datagram reaches nobody new.
  const std::uint16_t local = port(kLocalPort);
  const bool answers = sighting.action != "connect" && local != 0 && local < kEphemeralMin;
  sighting.kind = Kind::kConnected;
  sighting.address = text(kRemoteAddress);
  sighting.port = port(kRemotePort);
  if (sighting.address.empty() || sighting.port == 0 || answers) return;
  if (sighting.action != "connect" && sighting.protocol == "tcp") return;
  const auto named = names_.find(sighting.address);
  if (named != names_.end()) sighting.name = named->second;
  visit(sighting);
}

void SightingReader::look_at_calls(const Visit& visit) {
  const auto& record = decoder_.record();
  Sighting sighting;
  sighting.kind = Kind::kCallsSeen;
  sighting.container = decoder_.state().container_of(record.header().cgroup);
  sighting.image = image_for(sighting.container);
  sighting.calls = record.field(VEDETTE_FIELD_DATA);
  sighting.action = "syscall";
  sighting.time = decoder_.state().to_time(record.header().time);
  sighting.record = decoder_.records();
  if (!sighting.calls.empty()) visit(sighting);
}

// "dns.answer" holds the addresses of an answer, besides names.
void SightingReader::remember_names() {
  if (text(kIsAnswer) != "true") return;
  const std::string name = clean_text(text(kQuestion));
  if (name.empty()) return;
  for (const event::Value* value = &event_[kAnswer]; value != nullptr && value->size != 0;
       value = event_.next(*value)) {
    if (names_.size() >= kNamesMax) names_.clear();
    names_.insert_or_assign(std::string(value->bytes()), name);
  }
}

std::string_view SightingReader::text(event::Slot slot) {
  const event::Value& value = event_[slot];
  return value.kind == event::Kind::kAbsent ? std::string_view() : value.bytes();
}

std::uint16_t SightingReader::port(event::Slot slot) {
  const std::string_view digits = text(slot);
  std::uint16_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string_view SightingReader::image_for(const Container* container) {
  if (container == nullptr) return kHost;
  // Its image may be told later than the container itself, so only an answer is remembered.
  if (!container->complete) {
    unanswered_ = image_of(container);
    return unanswered_;
  }
  const auto found = image_names_.find(container->id);
  if (found != image_names_.end()) return found->second;
  if (image_names_.size() >= kImageNamesMax) image_names_.clear();
  return image_names_.emplace(container->id, image_of(container)).first->second;
}

}  // namespace vedette::observe
