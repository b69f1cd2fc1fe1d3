// SPDX-License-Identifier: Apache-2.0
#include "sensor/system_state.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <linux/openat2.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <system_error>
#include <time.h>
#include <unistd.h>
#include <vector>

#include "formats/kernel/record_reader.h"
#include "formats/kernel/record_writer.h"
#include "sensor/own_record.h"

namespace vedette::sensor {
namespace {

namespace fs = std::filesystem;
using formats::kernel::RecordWriter;

constexpr std::size_t kAccountsBytesMax = std::size_t{4} << 20;
constexpr std::size_t kAccountNameField = 0;
constexpr std::size_t kAccountIdField = 2;

__s64 nanoseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Up to `most` bytes of a file whose size is not known, as those of /proc. One byte more is read to
// tell whether it was cut.
std::string read_descriptor(int descriptor, std::size_t most, bool& cut) {
  constexpr std::size_t kBlock = 16384;
  std::string text;
  while (text.size() <= most) {
    const std::size_t size = text.size();
    text.resize(size + std::min(kBlock, most + 1 - size));
    const ssize_t count = read(descriptor, text.data() + size, text.size() - size);
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count <= 0) break;
  }
  if (text.size() > most) {
    cut = true;
    text.resize(most);
  }
  return text;
}

std::string read_some(const std::string& path, std::size_t most, bool& cut) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  std::string text = read_descriptor(descriptor, most, cut);
  close(descriptor);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// A file below a root that its container may have filled with links and pipes: nothing is followed
// out of it, nothing is waited for.
std::string read_in_root(const std::string& root, const char* path) {
  const int folder = open(root.empty() ? "/" : root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return {};
  open_how how = {};
  how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const int file = static_cast<int>(syscall(SYS_openat2, folder, path, &how, sizeof(how)));
  close(folder);
  struct stat status = {};
  std::string text;
  if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    bool cut = false;
    text = read_descriptor(file, kAccountsBytesMax, cut);
  }
  if (file >= 0) close(file);
  return text;
}

void write_account_file(std::string& out, const std::string& root, const char* path,
                        vedette_kind kind, std::string_view container_id) {
  const std::string text = read_in_root(root, path);
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() <= kAccountIdField || fields[kAccountNameField].empty()) continue;
    const std::string_view number = fields[kAccountIdField];
    __u32 id = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), id);
    if (error != std::errc() || end != number.data() + number.size()) continue;
    RecordWriter record(out, own_record(kind));
    record.value(VEDETTE_FIELD_ID, id).text(VEDETTE_FIELD_NAME, fields[kAccountNameField]);
    if (!container_id.empty()) record.text(VEDETTE_FIELD_CONTAINER_ID, container_id);
  }
}

}  // namespace

void write_host(std::string& out) {
  utsname names = {};
  uname(&names);
  RecordWriter record(out, own_record(VEDETTE_KIND_HOST));
  record.text(VEDETTE_FIELD_HOSTNAME, names.nodename);
  record.text(VEDETTE_FIELD_KERNEL, names.release);
  record.value(VEDETTE_FIELD_BOOT_TIME, nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME));
}

void write_accounts(std::string& out, const std::string& root, std::string_view container_id) {
  write_account_file(out, root, "etc/passwd", VEDETTE_KIND_USER, container_id);
  write_account_file(out, root, "etc/group", VEDETTE_KIND_GROUP, container_id);
}

std::string unified_mount() {
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  while (std::getline(mounts, line)) {
    const std::size_t type = line.find(" - cgroup2 ");
    if (type == std::string::npos) continue;
    const std::vector<std::string_view> fields = split(std::string_view(line).substr(0, type), ' ');
    if (fields.size() > 4 && fields[3] == "/") return std::string(fields[4]);
  }
  return {};
}

void write_cgroups(std::string& out, const std::string& mount,
                   const std::function<void(std::uint64_t, std::string_view)>& each) {
  if (mount.empty()) return;
  const auto write_one = [&](const std::string& folder) {
    struct stat status = {};
    if (stat(folder.c_str(), &status) != 0) return;
    const std::string path = folder.size() == mount.size() ? "/" : folder.substr(mount.size());
    RecordWriter(out, own_record(VEDETTE_KIND_CGROUP, status.st_ino))
        .text(VEDETTE_FIELD_CGROUP_PATH, path);
    each(status.st_ino, path);
  };
  write_one(mount);
  std::error_code error;
  std::size_t count = 0;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator walk(mount, options, error), end;
       !error && walk != end && count < kCgroupsMax; walk.increment(error)) {
    std::error_code gone;
    if (walk->symlink_status(gone).type() != fs::file_type::directory) continue;
    write_one(walk->path().string());
    ++count;
  }
}

std::string with_arguments(std::string_view tasks, std::size_t arguments_max,
                           std::size_t environment_max) {
  constexpr auto kKept = std::to_array<vedette_field_id>(
      {VEDETTE_FIELD_PARENT, VEDETTE_FIELD_COMM, VEDETTE_FIELD_EXE_PATH, VEDETTE_FIELD_EXE_FILE,
       VEDETTE_FIELD_CWD, VEDETTE_FIELD_ROOT, VEDETTE_FIELD_CREDENTIALS, VEDETTE_FIELD_SESSION});
  std::string out;
  out.reserve(tasks.size() * 2);
  formats::kernel::RecordReader task;
  for (; task.read(tasks); tasks.remove_prefix(task.bytes().size())) {
    const std::string folder = fmt::format("/proc/{}/", task.header().pid);
    bool cut = false;
    const std::string arguments = read_some(folder + "cmdline", arguments_max, cut);
    const std::string environment = read_some(folder + "environ", environment_max, cut);
    vedette_record header = task.header();
    if (cut) header.flags |= VEDETTE_FLAG_CUT;
    RecordWriter record(out, header);
    for (const vedette_field_id id : kKept) {
      if (task.has(id)) record.text(id, task.field(id));
    }
    if (!arguments.empty()) record.text(VEDETTE_FIELD_ARGUMENTS, arguments);
    if (!environment.empty()) record.text(VEDETTE_FIELD_ENVIRONMENT, environment);
  }
  return out;
}

}  // namespace vedette::sensor
