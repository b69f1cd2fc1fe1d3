// SPDX-License-Identifier: Apache-2.0
#include "ingest/folder_lister.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace vedette::ingest {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{32} << 10;

constexpr std::array<std::uint64_t, 14> kVirtualFileSystems = {
    PROC_SUPER_MAGIC,    SYSFS_MAGIC,      DEBUGFS_MAGIC,  TRACEFS_MAGIC, CGROUP_SUPER_MAGIC,
    CGROUP2_SUPER_MAGIC, SECURITYFS_MAGIC, BPF_FS_MAGIC,   SELINUX_MAGIC, DEVPTS_SUPER_MAGIC,
    PSTOREFS_MAGIC,      NSFS_MAGIC,       EFIVARFS_MAGIC, SMACK_MAGIC,
};

FolderLister::Kind kind_of_mode(::mode_t mode) {
  if (S_ISREG(mode)) return FolderLister::Kind::kFile;
  if (S_ISDIR(mode)) return FolderLister::Kind::kFolder;
  return S_ISLNK(mode) ? FolderLister::Kind::kLink : FolderLister::Kind::kSpecial;
}

FolderLister::Kind kind_of(const OpenFolder& folder, const char* name, unsigned char type) {
  switch (type) {
    case DT_REG:
      return FolderLister::Kind::kFile;
    case DT_DIR:
      return FolderLister::Kind::kFolder;
    case DT_LNK:
      return FolderLister::Kind::kLink;
    case DT_UNKNOWN: {
      // Some file systems do not say. What vanishes meanwhile is said when it is opened.
      struct stat status{};
      const int code = ::fstatat(folder.descriptor(), name, &status, AT_SYMLINK_NOFOLLOW);
      return code == 0 ? kind_of_mode(status.st_mode) : FolderLister::Kind::kFile;
    }
    default:
      return FolderLister::Kind::kSpecial;
  }
}

}  // namespace

std::shared_ptr<const OpenFolder> OpenFolder::open(const OpenFolder* parent, const char* name,
                                                   Links links, int& error) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links == Links::kRefuse ? O_NOFOLLOW : 0);
  const int descriptor = ::openat(parent == nullptr ? AT_FDCWD : parent->descriptor(), name, flags);
  struct stat status{};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return nullptr;
  }
  return std::shared_ptr<const OpenFolder>(
      new OpenFolder(descriptor, {status.st_dev, status.st_ino}));
}

OpenFolder::~OpenFolder() { ::close(descriptor_); }

bool OpenFolder::is_virtual() const {
  struct statfs status{};
  if (::fstatfs(descriptor_, &status) != 0) return false;
  const auto type = static_cast<std::uint32_t>(status.f_type);
  return std::ranges::find(kVirtualFileSystems, type) != kVirtualFileSystems.end();
}

std::size_t FolderLister::bytes() const {
  return names_.capacity() + order_.capacity() * sizeof(Name);
}

Result<void> FolderLister::list(const OpenFolder& folder) {
  names_.clear();
  order_.clear();
  bound_.clear();
  next_ = 0;
  more_ = false;
  // What was read before an error is good.
  Result<void> read = read_names(folder);
  std::ranges::sort(order_, {}, [this](const Name& name) { return text(name); });
  if (more_) last_ = text(order_.back());
  return read;
}

Result<void> FolderLister::read_names(const OpenFolder& folder) {
  if (listed_ && ::lseek(folder.descriptor(), 0, SEEK_SET) < 0)
    return failure(ErrorCode::kSystem, std::strerror(errno));
  listed_ = true;
  alignas(dirent64) std::array<char, kBufferBytes> buffer;
  while (true) {
    const ssize_t got = ::getdents64(folder.descriptor(), buffer.data(), buffer.size());
    if (got < 0) return failure(ErrorCode::kSystem, std::strerror(errno));
    if (got == 0) return {};
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      // The kernel writes and aligns these records.
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      add(folder, entry->d_name, entry->d_type);
      at += entry->d_reclen;
    }
  }
}

void FolderLister::add(const OpenFolder& folder, const char* name, unsigned char type) {
  const std::string_view given(name);
  if (given == "." || given == "..") return;
  const Kind kind = kind_of(folder, name, type);
  if (given.front() == '.') {
    marks_.git = marks_.git || given == ".git";
    if (kind == Kind::kFile) {
      marks_.git_ignore = marks_.git_ignore || given == ".gitignore";
      marks_.own_ignore = marks_.own_ignore || given == ".vedetteignore";
    }
  }
  const auto begin = static_cast<std::uint32_t>(names_.size());
  names_ += given;
  if (kind == Kind::kFolder) names_ += '/';
  const Name added{begin, static_cast<std::uint16_t>(names_.size() - begin), kind};
  const std::string_view spelled = text(added);
  if ((!last_.empty() && spelled <= last_) || (!bound_.empty() && spelled >= bound_)) {
    if (spelled > last_) more_ = true;
    names_.resize(begin);
    return;
  }
  order_.push_back(added);
  if (names_.size() + order_.size() * sizeof(Name) > names_bytes_max_) keep_first_half();
}

void FolderLister::keep_first_half() {
  if (order_.size() < 2) return;
  const auto middle = order_.begin() + static_cast<std::ptrdiff_t>(order_.size() / 2);
  std::ranges::nth_element(order_, middle, {}, [this](const Name& name) { return text(name); });
  bound_ = text(*middle);
  more_ = true;
  order_.erase(middle, order_.end());
  std::string kept;
  for (Name& name : order_) {
    const std::string_view spelled = text(name);
    name.begin = static_cast<std::uint32_t>(kept.size());
    kept += spelled;
  }
  names_ = std::move(kept);
}

bool FolderLister::next(Listed& listed) {
  if (next_ == order_.size()) return false;
  const Name& name = order_[next_++];
  listed.kind = name.kind;
  listed.name = text(name);
  if (name.kind == Kind::kFolder) listed.name.remove_suffix(1);
  return true;
}

}  // namespace vedette::ingest
