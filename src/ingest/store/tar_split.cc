// SPDX-License-Identifier: Apache-2.0
#include "ingest/store/tar_split.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "formats/packages/tree.h"
#include "ingest/registry/challenge.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;
using formats::archive::Expansion;
using formats::packages::Node;

constexpr std::size_t kLineMax = std::size_t{64} << 20;
// Of zeros in the place of what is missing, in one layer: a size may be a lie.
constexpr std::uint64_t kFilledMax = std::uint64_t{1} << 30;
constexpr std::string_view kFile = "1";
constexpr std::string_view kSegment = "2";

class TarSplitStream final : public ByteStream {
 public:
  TarSplitStream(std::unique_ptr<ByteStream> lines, std::shared_ptr<const StoreFolder> contents,
                 ReadCounts counts)
      : lines_(std::move(lines)), contents_(std::move(contents)), counts_(counts) {}
  ~TarSplitStream() override { close_file(); }
  TarSplitStream(const TarSplitStream&) = delete;
  TarSplitStream& operator=(const TarSplitStream&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    while (true) {
      if (at_ < segment_.size()) {
        const std::size_t count = std::min(capacity, segment_.size() - at_);
        std::memcpy(out, segment_.data() + at_, count);
        at_ += count;
        return count;
      }
      if (left_ > 0) return read_content(out, capacity);
      TRY(const bool more, next());
      if (!more) return end();
    }
  }

 private:
  void close_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  // Zeros stand for what is not there, so that the files behind it are read.
  Result<std::size_t> read_content(char* out, std::size_t capacity) {
    capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, left_));
    ssize_t got = 0;
    do {
      got = descriptor_ < 0 ? 0 : ::read(descriptor_, out, capacity);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
      counts_.total->fetch_add(static_cast<std::uint64_t>(got), std::memory_order_relaxed);
      counts_.expansion->add_stored(static_cast<std::uint64_t>(got));
    } else {
      if (descriptor_ >= 0) fail(fmt::format("{} is shorter than the layer says", name_));
      close_file();
      filled_ += capacity;
      if (filled_ > kFilledMax) return end();
      std::memset(out, 0, capacity);
      got = static_cast<ssize_t>(capacity);
    }
    left_ -= static_cast<std::uint64_t>(got);
    if (left_ == 0) close_file();
    return static_cast<std::size_t>(got);
  }

  void fail(std::string what) {
    if (failures_++ == 0) first_failure_ = std::move(what);
  }

  Result<std::size_t> end() {
    if (failures_ == 0) return 0;
    return failure(ErrorCode::kTruncated,
                   fmt::format("{} files in {} are missing or not whole, the first: {}", failures_,
                               contents_->path(), first_failure_));
  }

  // One line further. False at the end.
  Result<bool> next() {
    std::size_t end = buffer_.find('\n', begin_);
    while (end == std::string::npos && !ended_) {
      buffer_.erase(0, begin_);
      begin_ = 0;
      const std::size_t before = buffer_.size();
      constexpr std::size_t kStep = 1 << 16;
      if (before > kLineMax)
        return failure(ErrorCode::kLimit, "a line of tar-split's is longer than 64 MiB");
      buffer_.resize(before + kStep);
      TRY(const std::size_t got, lines_->read(buffer_.data() + before, kStep));
      buffer_.resize(before + got);
      ended_ = got == 0;
      end = buffer_.find('\n', before);
    }
    end = std::min(end, buffer_.size());
    const std::string line = buffer_.substr(begin_, end - begin_);
    begin_ = std::min(end + 1, buffer_.size());
    if (line.empty() && begin_ >= buffer_.size() && ended_) return false;
    TRY_VOID(take(line));
    return true;
  }

  Result<void> take(const std::string& line) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) return {};
    Limits limits;
    limits.file_bytes_max = kLineMax;
    const auto tree = formats::packages::read_json("tar-split", line, limits);
    const Node& root = tree.root;
    if (!tree.problems.empty() || !root.is_table())
      return failure(ErrorCode::kInvalid, "expected lines of tar-split, found something else");
    if (root["type"].text == kSegment) {
      segment_ = base64_decoded(root["payload"].text);
      at_ = 0;
      return {};
    }
    if (root["type"].text != kFile)
      return failure(ErrorCode::kUnsupported,
                     fmt::format("tar-split has an entry of type {}", root["type"].text));
    std::uint64_t size = 0;
    const std::string_view digits = root["size"].text;
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (size == 0) return {};
    name_ = root["name_raw"].text.empty() ? std::string(root["name"].text)
                                          : base64_decoded(root["name_raw"].text);
    left_ = size;
    if (const Result<int> opened = contents_->open_file(name_)) {
      descriptor_ = *opened;
    } else {
      fail(opened.error().message);
    }
    return {};
  }

  std::unique_ptr<ByteStream> lines_;
  std::shared_ptr<const StoreFolder> contents_;
  ReadCounts counts_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of the next line
  bool ended_ = false;
  std::string segment_;
  std::size_t at_ = 0;
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t left_ = 0;    // of the file at hand
  std::uint64_t filled_ = 0;  // with zeros
  std::uint64_t failures_ = 0;
  std::string first_failure_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_tar_split(std::unique_ptr<ByteStream> split,
                                                   std::shared_ptr<const StoreFolder> contents,
                                                   ReadCounts counts) {
  TRY(auto lines, formats::archive::unpack(formats::archive::Packing::kGzip, std::move(split),
                                           *counts.expansion));
  return open_tar_split_lines(std::move(lines), std::move(contents), counts);
}

std::unique_ptr<ByteStream> open_tar_split_lines(std::unique_ptr<ByteStream> lines,
                                                 std::shared_ptr<const StoreFolder> contents,
                                                 ReadCounts counts) {
  return std::make_unique<TarSplitStream>(std::move(lines), std::move(contents), counts);
}

}  // namespace vedette::ingest
