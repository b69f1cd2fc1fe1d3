// SPDX-License-Identifier: Apache-2.0
#include "sensor/enforcement_programs.h"

#ifndef VEDETTE_SENSOR_MISSING

#include <algorithm>
#include <array>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

namespace vedette::sensor {
namespace {

// Memories for decisions for each CPU: a task may be interrupted in the middle of one.
constexpr int kDecidersPerCpu = 4;

constexpr auto kPrograms = std::to_array<const char*>(
    {"enforce_exec", "enforce_open", "enforce_create", "enforce_connect"});
constexpr auto kTables = std::to_array<const char*>(
    {"enforcement", "enforced_wholes", "enforced_starts", "enforced_ends", "enforced_exes",
     "enforced_names", "enforced_parents", "enforced_networks", "enforced_ports",
     "enforced_cgroups", "files_not_made"});

Error full(std::string_view table, int error) {
  return {ErrorCode::kSystem, fmt::format("enforcement: the kernel took no more of the {}: {}",
                                          table, std::strerror(error < 0 ? -error : error))};
}

template <typename Key>
Result<void> put(bpf_object* object, const char* table, const Key& key, const EntrySets& sets) {
  const int map = bpf_object__find_map_fd_by_name(object, table);
  const int refused = bpf_map_update_elem(map, &key, &sets, BPF_ANY);
  if (refused != 0) return std::unexpected(full(table, refused));
  return {};
}

template <typename Key>
Key text_key(std::string_view text) {
  Key key = {};
  std::memcpy(key.text, text.data(), std::min(text.size(), sizeof key.text));
  if constexpr (requires { key.bits; }) {
    key.bits = static_cast<__u32>(8 * std::min(text.size(), sizeof key.text));
  }
  return key;
}

template <typename Key>
Result<void> put_texts(bpf_object* object, const char* map, const EntryTable& table) {
  for (const auto& [text, sets] : table.by_text) {
    TRY_VOID(put(object, map, text_key<Key>(text), sets));
  }
  return {};
}

Result<void> put_tables(bpf_object* object, const EnforcementTable& table) {
  TRY_VOID(put_texts<vedette_whole>(object, "enforced_wholes", table.wholes));
  TRY_VOID(put_texts<vedette_start>(object, "enforced_starts", table.starts));
  for (const auto& [text, sets] : table.ends.by_text) {
    const std::string backwards(text.rbegin(), text.rend());
    TRY_VOID(put(object, "enforced_ends", text_key<vedette_end>(backwards), sets));
  }
  TRY_VOID(put_texts<vedette_whole>(object, "enforced_exes", table.exes));
  TRY_VOID(put_texts<vedette_name>(object, "enforced_names", table.names));
  TRY_VOID(put_texts<vedette_name>(object, "enforced_parents", table.parents));
  for (const auto& [text, sets] : table.networks.by_text) {
    vedette_network key = {};
    std::memcpy(key.address, text.data(), sizeof key.address);
    key.bits = static_cast<unsigned char>(text[sizeof key.address]);
    TRY_VOID(put(object, "enforced_networks", key, sets));
  }
  for (const auto& [port, sets] : table.ports) {
    TRY_VOID(put(object, "enforced_ports", __u32{port}, sets));
  }
  return {};
}

// How often the programs were asked whether a file may be opened.
std::uint64_t opens_asked(bpf_object* object) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (!std::string_view(bpf_map__name(map)).ends_with(".data.asked")) continue;
    std::uint64_t count = 0;
    const __u32 zero = 0;
    if (bpf_map_lookup_elem(bpf_map__fd(map), &zero, &count) == 0) return count;
  }
  return 0;
}

}  // namespace

void choose_enforcement(bpf_object* object, const EnforcementTable* table, int cpus) {
  for (const char* name : kPrograms) {
    bpf_program* program = bpf_object__find_program_by_name(object, name);
    if (program != nullptr) bpf_program__set_autoload(program, table != nullptr);
  }
  for (const char* name : kTables) {
    bpf_map* map = bpf_object__find_map_by_name(object, name);
    if (map != nullptr) bpf_map__set_autocreate(map, table != nullptr);
  }
  const int deciders = table == nullptr ? 0 : cpus * kDecidersPerCpu;
  bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "scratches"),
                           static_cast<__u32>(cpus + 1 + deciders));
}

Result<void> fill_enforcement(bpf_object* object, const EnforcementTable& table, __u32 own_pid,
                              int cpus) {
  TRY_VOID(put_tables(object, table));
  vedette_enforcement rules = {};
  rules.all = table.all;
  rules.host = table.host;
  rules.start = table.starts.otherwise;
  rules.end = table.ends.otherwise;
  rules.exe = table.exes.otherwise;
  rules.name = table.names.otherwise;
  rules.parent_name = table.parents.otherwise;
  rules.network = table.networks.otherwise;
  rules.port = table.port;
  rules.no_network = table.no_network;
  rules.no_port = table.no_port;
  std::ranges::copy(table.access, rules.access);
  rules.created = table.created;
  std::ranges::copy(table.types, rules.type);
  rules.ends = table.asks_ends ? 1 : 0;
  rules.exes = table.asks_exes ? 1 : 0;
  rules.own_pid = own_pid;
  rules.decider_at = static_cast<__u32>(cpus + 1);
  rules.deciders = static_cast<__u32>(cpus * kDecidersPerCpu);
  const __u32 zero = 0;
  const int map = bpf_object__find_map_fd_by_name(object, "enforcement");
  const int refused = bpf_map_update_elem(map, &zero, &rules, BPF_ANY);
  if (refused != 0) return std::unexpected(full("entries", refused));
  return {};
}

Result<void> check_enforcement(bpf_object* object) {
  const std::uint64_t before = opens_asked(object);
  const int file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file >= 0) ::close(file);
  if (opens_asked(object) != before) return {};
  return failure(ErrorCode::kUnsupported,
                 "enforcement: expected the kernel to ask BPF-LSM programs, found that it does "
                 "not: 'bpf' is missing in /sys/kernel/security/lsm; start it with lsm=…,bpf, or "
                 "leave out --enforce");
}

Result<void> set_enforced_cgroup(bpf_object* object, std::uint64_t cgroup, const EntrySets* sets) {
  if (sets != nullptr) return put(object, "enforced_cgroups", cgroup, *sets);
  bpf_map_delete_elem(bpf_object__find_map_fd_by_name(object, "enforced_cgroups"), &cgroup);
  return {};
}

Error enforcement_refused(int error) {
  const int number = error < 0 ? -error : error;
  if (number == EACCES || number == EINVAL || number == E2BIG) {
    return {ErrorCode::kSystem,
            fmt::format("enforcement: the kernel did not accept the programs that block ({}); "
                        "please report its version, and leave out --enforce",
                        std::strerror(number))};
  }
  return {ErrorCode::kUnsupported,
          fmt::format("enforcement: the kernel refused BPF-LSM programs ({}), so that nothing can "
                      "be blocked; use a kernel with CONFIG_BPF_LSM, started with lsm=…,bpf, or "
                      "leave out --enforce: rules with action: block then only detect",
                      std::strerror(number))};
}

}  // namespace vedette::sensor

#endif
