// SPDX-License-Identifier: Apache-2.0
#include "engine/observe/image_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vedette::engine {
namespace {

constexpr std::size_t kNamesMax = 100'000;

class ImageRoot : public observe::RootFiles {
 public:
  explicit ImageRoot(int root) : root_(root) {}
  ~ImageRoot() override { close(root_); }
  ImageRoot(const ImageRoot&) = delete;
  ImageRoot& operator=(const ImageRoot&) = delete;

  std::string read(const std::string& path, std::size_t bytes_max) override {
    const int file = open_below(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return {};
    std::string text;
    struct stat status = {};
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
      constexpr std::size_t kBlock = std::size_t{64} << 10;
      while (text.size() < bytes_max) {
        const std::size_t size = text.size();
        text.resize(size + kBlock);
        const ssize_t got = ::read(file, text.data() + size, kBlock);
        text.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got <= 0) break;
      }
      if (text.size() > bytes_max) text.resize(bytes_max);
    }
    close(file);
    return text;
  }

  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    const int descriptor = open_below(folder, O_RDONLY | O_DIRECTORY);
    DIR* const stream = descriptor < 0 ? nullptr : fdopendir(descriptor);
    if (stream == nullptr) {
      if (descriptor >= 0) close(descriptor);
      return names;
    }
    while (const dirent* entry = readdir(stream)) {
      if (names.size() >= kNamesMax) break;
      names.emplace_back(entry->d_name);
    }
    closedir(stream);
    return names;
  }

 private:
  int open_below(const std::string& path, int flags) const {
    open_how how = {};
    how.flags = static_cast<__u64>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(syscall(SYS_openat2, root_, path.c_str(), &how, sizeof how));
  }

  int root_;
};

}  // namespace

std::unique_ptr<observe::RootFiles> open_image_root(std::uint32_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/root";
  const int root = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return nullptr;
  return std::make_unique<ImageRoot>(root);
}

}  // namespace vedette::engine
