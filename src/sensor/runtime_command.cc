// SPDX-License-Identifier: Apache-2.0
#include "sensor/runtime_command.h"

#include <algorithm>
#include <array>
#include <vector>

namespace vedette::sensor {
namespace {

constexpr auto kRuntimes = std::to_array<std::string_view>({"runc", "crun", "youki"});
constexpr auto kStarting = std::to_array<std::string_view>({"run", "create"});
// Flags that are followed by a value, of the three runtimes; others are switches, or hold their
// value behind '='.
constexpr auto kValued = std::to_array<std::string_view>(
    {"--root", "--log", "--log-format", "--log-level", "--criu", "--rootless", "--cgroup-manager",
     "-b", "--bundle", "--console-socket", "--pid-file", "--preserve-fds", "--config", "-f",
     "--pidfd-socket"});

template <typename Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::optional<RuntimeCommand> runtime_command(const formats::kernel::RecordReader& record) {
  if (record.header().kind != VEDETTE_KIND_EXEC ||
      (record.header().flags & (VEDETTE_FLAG_FAILED | VEDETTE_FLAG_CUT)) != 0) {
    return std::nullopt;
  }
  const std::string_view path = record.field(VEDETTE_FIELD_EXE_PATH);
  if (!is_one_of(path.substr(path.rfind('/') + 1), kRuntimes)) return std::nullopt;
  const auto credentials = record.get<vedette_credentials>(VEDETTE_FIELD_CREDENTIALS);
  if (!credentials || credentials->euid != 0) return std::nullopt;

  formats::kernel::ListReader list(record.field(VEDETTE_FIELD_ARGUMENTS));
  std::string_view argument;
  std::string_view command;
  std::string_view bundle;
  std::string_view id;
  list.next(argument);  // the program's own name
  while (list.next(argument)) {
    if (!argument.starts_with('-')) {
      (command.empty() ? command : id) = argument;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view flag = argument.substr(0, equals);
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (is_one_of(flag, kValued)) {
      list.next(value);
    }
    if (flag == "-b" || flag == "--bundle") bundle = value;
  }
  if (!is_one_of(command, kStarting) || id.empty()) return std::nullopt;
  RuntimeCommand found{std::string(id), std::string(bundle)};
  if (!bundle.starts_with('/')) {
    found.bundle = record.field(VEDETTE_FIELD_CWD);
    if (!found.bundle.starts_with('/')) return std::nullopt;
    if (!bundle.empty()) found.bundle.append("/").append(bundle);
  }
  return found;
}

}  // namespace vedette::sensor
