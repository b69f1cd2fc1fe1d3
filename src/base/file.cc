// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vedette {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  return failure(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                 fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_error("write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

bool ends_with_any(std::string_view name, const std::vector<std::string_view>& suffixes) {
  return suffixes.empty() ||
         std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open", path);
  std::string content;
  Result<std::string> result;
  while (true) {
    const std::size_t before = content.size();
    struct stat status{};
    const std::size_t chunk =
        before == 0 && ::fstat(descriptor, &status) == 0 && status.st_size > 0
            ? std::min(static_cast<std::size_t>(status.st_size), bytes_max) + 1
            : 65536;
    content.resize(before + chunk);
    const ssize_t got = ::read(descriptor, content.data() + before, chunk);
    if (got < 0 && errno == EINTR) {
      content.resize(before);
      continue;
    }
    if (got < 0) {
      result = system_error("read", path);
      break;
    }
    content.resize(before + static_cast<std::size_t>(got));
    if (content.size() > bytes_max) {
      result = failure(ErrorCode::kLimit,
                       fmt::format("{} is larger than the limit of {} bytes", path, bytes_max));
      break;
    }
    if (got == 0) {
      result = std::move(content);
      break;
    }
  }
  ::close(descriptor);
  return result;
}

Result<void> write_file_whole(const std::string& path, std::string_view content) {
  TRY(AtomicFile file, AtomicFile::create(path));
  TRY_VOID(file.write(content));
  return file.commit();
}

Result<std::vector<std::string>> list_files(const std::string& path,
                                            const std::vector<std::string_view>& suffixes,
                                            std::vector<Diagnostic>* skipped) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return failure(ErrorCode::kNotFound, fmt::format("no such file or folder: {}", path));
  }
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  const auto skip = [skipped](DiagnosticKind kind, const fs::path& place, std::string message) {
    if (skipped != nullptr) {
      skipped->push_back({kind, {place.native(), 0, 0, 0}, std::move(message), ""});
    }
  };
  std::vector<std::string> files;
  std::vector<fs::path> folders = {path};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    fs::directory_iterator it(folder, error);
    while (!error && it != fs::directory_iterator()) {
      std::error_code ignored;
      const bool is_link = it->is_symlink(ignored);
      if (it->is_directory(ignored)) {
        if (!is_link) folders.push_back(it->path());
      } else if (it->is_regular_file(ignored)) {
        if (ends_with_any(it->path().native(), suffixes)) files.push_back(it->path().native());
      } else if (it->exists(ignored)) {
        skip(DiagnosticKind::kWarning, it->path(),
             "expected a file or folder, found something else (a pipe, a socket, a device); not "
             "read");
      }
      it.increment(error);
    }
    if (!error) continue;
    std::string message = fmt::format("cannot list {}: {}", folder.native(), error.message());
    if (folder == path) return failure(ErrorCode::kSystem, std::move(message));
    skip(DiagnosticKind::kError, folder, std::move(message));
    error.clear();
  }
  std::sort(files.begin(), files.end());
  return files;
}

AtomicFile::AtomicFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::create(const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return system_error("create", path);
  // mkostemp creates 0600; a new file should get what the user's umask allows.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
  return AtomicFile(path, std::move(temporary), descriptor);
}

Result<void> AtomicFile::write(std::string_view bytes) {
  return write_all(descriptor_, bytes, path_);
}

Result<void> AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS)
    return system_error("sync", path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error("rename into", path_);
  ::close(std::exchange(descriptor_, -1));
  return {};
}

}  // namespace vedette
