// SPDX-License-Identifier: Apache-2.0
#include "ingest/image_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "formats/archive/tar_reader.h"
#include "ingest/file_stream.h"
#include "ingest/mapped_stream.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;
using formats::archive::Expansion;
using formats::archive::Packing;
using formats::archive::TarEntry;
using formats::archive::TarReader;
using formats::archive::TarType;

constexpr int kLinksFollowed = 8;

// A part of a stream, which is at its beginning.
class RangeStream final : public ByteStream {
 public:
  // Adds what was read to `position`. Both outlive this.
  RangeStream(ByteStream& stream, std::uint64_t size, std::uint64_t* position)
      : stream_(stream), begin_(*position), size_(size), left_(size), position_(position) {}
  RangeStream(std::unique_ptr<ByteStream> owned, std::uint64_t begin, std::uint64_t size)
      : owned_(std::move(owned)), stream_(*owned_), begin_(begin), size_(size), left_(size) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
    if (capacity == 0) return 0;
    TRY(const std::size_t got, stream_.read(out, capacity));
    if (got == 0) {
      return failure(ErrorCode::kTruncated,
                     fmt::format("the archive ends too early, {} bytes are missing", left_));
    }
    take(got);
    return got;
  }
  std::string_view lend(std::size_t size_max) override {
    size_max = static_cast<std::size_t>(std::min<std::uint64_t>(size_max, left_));
    if (size_max == 0) return {};
    const std::string_view lent = stream_.lend(size_max);
    take(lent.size());
    return lent;
  }
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    if (position > size_ || size > size_ - position) return std::nullopt;
    return stream_.kept(begin_ + position, size);
  }

 private:
  void take(std::size_t count) {
    left_ -= count;
    if (position_ != nullptr) *position_ += count;
  }

  std::unique_ptr<ByteStream> owned_;
  ByteStream& stream_;
  const std::uint64_t begin_;  // in the stream
  const std::uint64_t size_;
  std::uint64_t left_;
  std::uint64_t* position_ = nullptr;
};

// By its pages, or read where too many files are mapped already.
Result<std::unique_ptr<ByteStream>> open_file(const std::string& path, ReadCounts counts) {
  Result<std::unique_ptr<MappedStream>> mapped = MappedStream::open(path, counts);
  if (mapped) return std::move(*mapped);
  TRY(std::unique_ptr<ByteStream> file, FileStream::open(path, counts));
  return file;
}

// "a/b" and "../c/d" is "c/d"; nothing where it would lead out.
std::optional<std::string> joined(std::string_view folder, std::string_view path) {
  std::string out(path.starts_with('/') ? std::string_view() : folder);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (out.empty()) return std::nullopt;
      const std::size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// A layout in a folder.
class FolderImage final : public ImageFile {
 public:
  FolderImage(std::string root, int descriptor, const Limits& limits)
      : ImageFile(limits), root_(std::move(root)), descriptor_(descriptor) {}
  ~FolderImage() override { ::close(descriptor_); }
  FolderImage(const FolderImage&) = delete;
  FolderImage& operator=(const FolderImage&) = delete;

  bool has(std::string_view name) const override {
    const Result<int> opened = open_below(name);
    if (opened) ::close(*opened);
    return opened.has_value();
  }

  Result<Part> open_part(std::string_view name) override {
    TRY(const int opened, open_below(name));
    Part part;
    part.expansion = std::make_unique<Expansion>(limits_);
    part.stream =
        FileStream::adopt(std::string(name), opened, {&bytes_read_, part.expansion.get()});
    return part;
  }
  std::optional<std::uint64_t> size_of(std::string_view name) const override {
    const Result<int> opened = open_below(name);
    if (!opened) return std::nullopt;
    struct stat status{};
    const bool known = ::fstat(*opened, &status) == 0;
    ::close(*opened);
    return known ? std::optional(static_cast<std::uint64_t>(status.st_size)) : std::nullopt;
  }
  std::uint64_t position_of(std::string_view) const override { return 0; }
  bool opens_many() const override { return true; }

 private:
  // Folder by folder without following a link, so that nothing leads out.
  Result<int> open_below(std::string_view name) const {
    const std::optional<std::string> path = joined("", name);
    if (!path || path->empty()) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected a name below {}, found {}", root_, name));
    }
    std::string_view rest = *path;
    int folder = descriptor_;
    while (true) {
      const std::size_t slash = rest.find('/');
      const bool is_last = slash == std::string_view::npos;
      const std::string part(rest.substr(0, slash));
      const int opened = ::openat(
          folder, part.c_str(),
          O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | (is_last ? 0 : O_DIRECTORY));
      const int reason = errno;
      if (folder != descriptor_) ::close(folder);
      if (opened < 0) {
        return failure(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                       fmt::format("cannot open {} in {}: {}", name, root_, std::strerror(reason)));
      }
      if (is_last) return opened;
      folder = opened;
      rest.remove_prefix(slash + 1);
    }
  }

  std::string root_;
  int descriptor_;
};

class ArchiveImage final : public ImageFile {
 public:
  ArchiveImage(std::string path, const Limits& limits)
      : ImageFile(limits), path_(std::move(path)) {}

  // Makes the table of parts.
  Result<void> index() {
    TRY_VOID(rewind());
    TarReader reader(*stream_);
    while (true) {
      TRY(const TarEntry* const entry, reader.next());
      if (entry == nullptr) break;
      const std::optional<std::string> name = joined("", entry->name);
      if (!name || name->empty()) continue;
      if (parts_.size() >= kPartsMax) {
        return failure(ErrorCode::kLimit,
                       fmt::format("expected at most {} parts of an image, found more", kPartsMax));
      }
      Member member{reader.position(), entry->size, "", {}};
      if (entry->type == TarType::kSymbolicLink || entry->type == TarType::kHardLink) {
        const bool hard = entry->type == TarType::kHardLink;
        member.link = joined(hard ? "" : folder_of(*name), entry->link).value_or("");
      } else if (entry->type != TarType::kFile) {
        continue;
      } else if (is_packed_ && entry->size <= kKeptPartMax && kept_ + entry->size <= kKeptMax) {
        TRY(member.kept, read_kept(reader, entry->size));
        kept_ += entry->size;
      }
      parts_.insert_or_assign(*name, std::move(member));
    }
    at_ = UINT64_MAX;  // nobody knows how far the reader went
    return {};
  }

  bool has(std::string_view name) const override { return find(name) != nullptr; }
  std::uint64_t position_of(std::string_view name) const override {
    const Member* const member = find(name);
    return member == nullptr ? 0 : member->position;
  }
  std::optional<std::uint64_t> size_of(std::string_view name) const override {
    const Member* const member = find(name);
    return member == nullptr ? std::nullopt : std::optional(member->size);
  }
  bool opens_many() const override { return !is_packed_; }

  Result<Part> open_part(std::string_view name) override {
    const Member* const member = find(name);
    if (member == nullptr)
      return failure(ErrorCode::kNotFound,
                     fmt::format("expected {} in the image, found none", name));
    Part part;
    part.expansion = std::make_unique<Expansion>(limits_);
    if (member->kept) {
      part.expansion->add_stored(member->kept->size());
      part.stream = std::make_unique<formats::archive::MemoryStream>(*member->kept);
      return part;
    }
    if (!is_packed_) {
      TRY(std::unique_ptr<ByteStream> file, open_file(path_, {&bytes_read_, part.expansion.get()}));
      if (!file->seek(member->position))
        return failure(ErrorCode::kSystem, fmt::format("cannot seek in {}", path_));
      part.stream = std::make_unique<RangeStream>(std::move(file), member->position, member->size);
      return part;
    }
    TRY_VOID(go_to(member->position));
    part.expansion->add_stored(member->size);
    part.stream = std::make_unique<RangeStream>(*stream_, member->size, &at_);
    return part;
  }

 private:
  struct Member {
    std::uint64_t position = 0;
    std::uint64_t size = 0;
    std::string link;  // to another member
    std::optional<std::string> kept;
  };

  static Result<std::string> read_kept(TarReader& reader, std::uint64_t size) {
    std::string bytes(size, '\0');
    std::size_t at = 0;
    while (at < bytes.size()) {
      TRY(const std::size_t got, reader.read(bytes.data() + at, bytes.size() - at));
      at += got;
    }
    return bytes;
  }

  const Member* find(std::string_view name) const {
    std::optional<std::string> path = joined("", name);
    for (int i = 0; path && i < kLinksFollowed; ++i) {
      const auto found = parts_.find(*path);
      if (found == parts_.end()) return nullptr;
      if (found->second.link.empty()) return &found->second;
      path = found->second.link;
    }
    return nullptr;
  }

  // Begins the archive again.
  Result<void> rewind() {
    stream_.reset();
    expansion_ = std::make_unique<Expansion>(limits_);
    TRY(auto file, FileStream::open(path_, {&bytes_read_, expansion_.get()}));
    std::string head(formats::archive::kPackingHead, '\0');
    TRY(const std::size_t got, file->read(head.data(), head.size()));
    head.resize(got);
    const Packing packing = formats::archive::detect_packing(head);
    if (!file->seek(0)) {
      return failure(ErrorCode::kUnsupported,
                     fmt::format("expected a file, found a pipe or the like: {}", path_));
    }
    is_packed_ = packing != Packing::kNone && !formats::archive::is_archive(packing);
    if (!is_packed_ && packing != Packing::kTar) {
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected an archive of an image (tar), found another file: {}; "
                                 "make one with `docker save` or `skopeo copy`",
                                 path_));
    }
    stream_ = std::move(file);
    if (is_packed_) {
      TRY(stream_, formats::archive::unpack(packing, std::move(stream_), *expansion_));
    }
    at_ = 0;
    return {};
  }

  Result<void> go_to(std::uint64_t position) {
    if (at_ == UINT64_MAX || at_ > position) TRY_VOID(rewind());
    std::string unread(std::size_t{256} << 10, '\0');
    while (at_ < position) {
      const std::size_t wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(unread.size(), position - at_));
      TRY(const std::size_t got, stream_->read(unread.data(), wanted));
      if (got == 0)
        return failure(ErrorCode::kTruncated, fmt::format("the archive {} ends too early", path_));
      at_ += got;
    }
    return {};
  }

  std::string path_;
  std::map<std::string, Member, std::less<>> parts_;
  std::uint64_t kept_ = 0;
  bool is_packed_ = false;
  std::unique_ptr<Expansion> expansion_;
  std::unique_ptr<ByteStream> stream_;
  std::uint64_t at_ = 0;  // in stream_; UINT64_MAX: unknown
};

}  // namespace

Result<std::string> ImageFile::read(std::string_view name, std::size_t bytes_max) {
  TRY(const Part part, open_part(name));
  std::string bytes;
  while (true) {
    constexpr std::size_t kStep = std::size_t{64} << 10;
    const std::size_t before = bytes.size();
    if (before > bytes_max) {
      return failure(ErrorCode::kLimit,
                     fmt::format("expected at most {} bytes in {}, found more", bytes_max, name));
    }
    bytes.resize(before + kStep);
    TRY(const std::size_t got, part.stream->read(bytes.data() + before, kStep));
    bytes.resize(before + got);
    if (got == 0) return bytes;
  }
}

Result<std::unique_ptr<ImageFile>> ImageFile::open(const std::string& path, const Limits& limits) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) {
    return failure(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  struct stat status{};
  const bool known = ::fstat(descriptor, &status) == 0;
  if (known && S_ISDIR(status.st_mode))
    return std::make_unique<FolderImage>(path, descriptor, limits);
  ::close(descriptor);
  auto image = std::make_unique<ArchiveImage>(path, limits);
  TRY_VOID(image->index());
  return image;
}

}  // namespace vedette::ingest
