// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/folder_tar.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "formats/packages/package_file.h"
#include "ingest/folder_lister.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameField = 100;
constexpr std::size_t kPathMax = std::size_t{60} << 10;  // of TarReader's
constexpr std::size_t kStepBytes = std::size_t{64} << 10;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

std::size_t padding_of(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

// Big-endian with the high bit set, GNU's form, which has no bound.
void put_size(std::uint64_t size, char* field) {
  field[0] = static_cast<char>(0x80);
  for (std::size_t i = 11; i > 3; --i) {
    field[i] = static_cast<char>(size & 0xFF);
    size >>= 8;
  }
}

std::string one_header(std::string_view name, std::string_view link, char type,
                       std::uint64_t size) {
  std::string block(kBlock, '\0');
  name.copy(block.data(), kNameField);
  put_size(size, block.data() + 124);
  block[156] = type;
  link.copy(block.data() + 157, kNameField);
  std::memset(block.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  fmt::format_to_n(block.data() + 148, 7, "{:06o}", sum);
  block[154] = '\0';
  return block;
}

// With what GNU puts before it where names are long.
std::string header_of(std::string_view name, std::string_view link, char type, std::uint64_t size) {
  std::string out;
  const auto put_long = [&out](std::string_view text, char kind) {
    if (text.size() <= kNameField) return;
    out += one_header("././@LongLink", "", kind, text.size());
    out += text;
    out.append(padding_of(text.size()), '\0');
  };
  put_long(link, 'K');
  put_long(name, 'L');
  return out + one_header(name, link, type, size);
}

class FolderTar final : public ByteStream {
 public:
  FolderTar(std::string shown, OverlayMarks marks, ReadCounts counts)
      : shown_(std::move(shown)), marks_(marks), counts_(counts) {}
  ~FolderTar() override { close_file(); }
  FolderTar(const FolderTar&) = delete;
  FolderTar& operator=(const FolderTar&) = delete;

  void begin(std::shared_ptr<const OpenFolder> root) {
    is_virtual_ = root->is_virtual();
    enter(std::move(root));
  }

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    while (true) {
      if (at_ < pending_.size()) {
        const std::size_t count = pending_.copy(out, capacity, at_);
        at_ += count;
        position_ += count;
        return count;
      }
      if (left_ > 0) return read_content(out, capacity);
      if (padding_ > 0) {
        pending_.assign(std::exchange(padding_, 0), '\0');
        at_ = 0;
        continue;
      }
      close_file();
      pending_.clear();
      at_ = 0;
      if (!frames_.empty()) {
        step();
      } else if (!is_ended_) {
        is_ended_ = true;
        pending_.assign(2 * kBlock, '\0');
      } else {
        return end();
      }
    }
  }

  bool seek(std::uint64_t position) override {
    if (at_ < pending_.size() || position < position_) return false;
    const std::uint64_t count = position - position_;
    if (count > left_ + padding_ || left_ == 0) return false;
    const std::uint64_t passed = std::min(count, left_);
    if (descriptor_ >= 0 && ::lseek(descriptor_, static_cast<off_t>(passed), SEEK_CUR) < 0)
      return false;
    left_ -= passed;
    padding_ -= static_cast<std::size_t>(count - passed);
    position_ = position;
    return true;
  }

 private:
  struct Frame {
    std::shared_ptr<const OpenFolder> folder;
    FolderLister lister;
    std::size_t path_size = 0;  // of path_, with the slash
  };

  void close_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  void fail(std::string_view what, int reason) {
    if (failures_++ == 0) first_failure_ = fmt::format("{}: {}", what, std::strerror(reason));
  }

  Result<std::size_t> end() {
    if (failures_ == 0) return 0;
    return failure(ErrorCode::kSystem,
                   fmt::format("{} files or folders in {} could not be read, the first: {}",
                               std::exchange(failures_, 0), shown_, first_failure_));
  }

  void enter(std::shared_ptr<const OpenFolder> folder) {
    // Deep below there is less room, so that all together have a bound.
    Frame frame{std::move(folder),
                FolderLister(FolderLister::kNamesBytesMax / (frames_.size() + 1)), path_.size()};
    if (const Result<void> listed = frame.lister.list(*frame.folder); !listed) fail(path_, errno);
    frames_.push_back(std::move(frame));
  }

  // One name further.
  void step() {
    Frame& frame = frames_.back();
    path_.resize(frame.path_size);
    FolderLister::Listed listed;
    if (!frame.lister.next(listed)) {
      if (!frame.lister.more()) {
        frames_.pop_back();
      } else if (const Result<void> more = frame.lister.list(*frame.folder); !more) {
        fail(path_, errno);
      }
      return;
    }
    path_ += listed.name;
    if (path_.size() > kPathMax) {
      fail(path_.substr(0, kNameField), ENAMETOOLONG);
      return;
    }
    switch (listed.kind) {
      case FolderLister::Kind::kFolder:
        return add_folder(frame);
      case FolderLister::Kind::kFile:
        return add_file(frame);
      case FolderLister::Kind::kLink:
        pending_ = header_of(path_, "", '2', 0);
        return;
      case FolderLister::Kind::kSpecial:
        return add_special(frame);
    }
  }

  // Of `folder`, by the name that path_ ends with.
  const char* name_in(const Frame& frame) const { return path_.c_str() + frame.path_size; }

  void add_folder(const Frame& frame) {
    int error = 0;
    auto folder =
        OpenFolder::open(frame.folder.get(), name_in(frame), OpenFolder::Links::kRefuse, error);
    if (folder != nullptr && frames_.size() >= kFolderTarDepthMax) error = ELOOP;
    path_ += '/';
    pending_ = header_of(path_, "", '5', 0);
    if (error != 0 || folder == nullptr) return fail(path_, error);
    if (!is_virtual_ && folder->is_virtual()) return;
    if (marks_ == OverlayMarks::kWhiteouts && is_opaque(*folder))
      pending_ += header_of(path_ + std::string(kOpaque), "", '0', 0);
    enter(std::move(folder));
  }

  static bool is_opaque(const OpenFolder& folder) {
    char value = 0;
    for (const char* const name : {"trusted.overlay.opaque", "user.overlay.opaque"}) {
      if (::fgetxattr(folder.descriptor(), name, &value, 1) == 1 && value == 'y') return true;
    }
    return false;
  }

  // A device 0/0 is an overlay's whiteout.
  void add_special(const Frame& frame) {
    struct stat status{};
    if (marks_ != OverlayMarks::kWhiteouts ||
        ::fstatat(frame.folder->descriptor(), name_in(frame), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISCHR(status.st_mode) || status.st_rdev != makedev(0, 0))
      return;
    pending_ = header_of(path_.substr(0, frame.path_size) + std::string(kWhiteout) + name_in(frame),
                         "", '0', 0);
  }

  void add_file(const Frame& frame) {
    descriptor_ = ::openat(frame.folder->descriptor(), name_in(frame),
                           O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    struct stat status{};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
      fail(path_, errno);
      return close_file();
    }
    if (!S_ISREG(status.st_mode)) return close_file();  // it became something else meanwhile
    if (status.st_nlink > 1 && add_link(status)) return close_file();
    left_ = static_cast<std::uint64_t>(status.st_size);
    padding_ = padding_of(left_);
    pending_ = header_of(path_, "", '0', left_);
  }

  // Whether the file was there by another name, which is then named. By a name that says more of
  // what is in it, it is a file once more.
  bool add_link(const struct stat& status) {
    using formats::packages::installed_file_kind;
    const std::pair key(status.st_dev, status.st_ino);
    const auto found = links_.find(key);
    if (found == links_.end()) {
      if (links_.size() < kFolderTarLinksMax) links_.emplace(key, path_);
      return false;
    }
    if (installed_file_kind(path_) != nullptr && installed_file_kind(found->second) == nullptr)
      return false;
    pending_ = header_of(path_, found->second, '1', 0);
    return true;
  }

  Result<std::size_t> read_content(char* out, std::size_t capacity) {
    capacity =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::min(capacity, kStepBytes), left_));
    ssize_t got = 0;
    do {
      got = descriptor_ < 0 ? 0 : ::read(descriptor_, out, capacity);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
      if (descriptor_ >= 0) fail(path_, got < 0 ? errno : ENODATA);
      close_file();
      std::memset(out, 0, capacity);
      got = static_cast<ssize_t>(capacity);
    } else {
      counts_.total->fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
      counts_.expansion->add_stored(static_cast<std::uint64_t>(got));
    }
    left_ -= static_cast<std::uint64_t>(got);
    position_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }

  const std::string shown_;
  const OverlayMarks marks_;
  const ReadCounts counts_;
  bool is_virtual_ = false;    // the root is
  std::vector<Frame> frames_;  // the innermost last
  std::string path_;           // from the root
  std::string pending_;        // before the file's bytes
  std::size_t at_ = 0;
  int descriptor_ = -1;
  std::uint64_t left_ = 0;
  std::size_t padding_ = 0;
  std::uint64_t position_ = 0;
  bool is_ended_ = false;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  std::uint64_t failures_ = 0;
  std::string first_failure_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_folder_tar(const std::string& path, OverlayMarks marks,
                                                    ReadCounts counts) {
  int error = 0;
  auto root = OpenFolder::open(nullptr, path.c_str(), OpenFolder::Links::kFollow, error);
  if (root == nullptr) {
    return failure(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(error)));
  }
  auto tar = std::make_unique<FolderTar>(path, marks, counts);
  tar->begin(std::move(root));
  return tar;
}

}  // namespace vedette::ingest
