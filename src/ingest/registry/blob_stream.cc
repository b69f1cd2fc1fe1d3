// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/blob_stream.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace vedette::ingest {
namespace {

// Where the bytes of "bytes 5-9/10" begin.
std::optional<std::uint64_t> range_begin(std::string_view header) {
  constexpr std::string_view kUnit = "bytes ";
  if (!header.starts_with(kUnit)) return std::nullopt;
  header.remove_prefix(kUnit.size());
  std::uint64_t begin = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), begin);
  if (error != std::errc() || end == header.data()) return std::nullopt;
  return begin;
}

}  // namespace

Result<void> BlobStream::open() {
  // A server that packs what is packed already would hide where it stands.
  std::vector<std::string> headers = {"Accept-Encoding: identity"};
  if (at_ != 0) headers.push_back(fmt::format("Range: bytes={}-", at_));
  TRY(answer_, connections_.get(fmt::format("blobs/{}", digest_), headers));
  if (at_ == 0) return {};
  // Other successes than 206 give all of it again.
  const std::uint64_t begin =
      answer_->head.status == 206
          ? range_begin(answer_->head.header("content-range")).value_or(UINT64_MAX)
          : 0;
  if (begin > at_) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected bytes from {} on, found others", at_));
  }
  repeated_ = at_ - begin;
  return {};
}

Result<std::size_t> BlobStream::read(char* out, std::size_t capacity) {
  while (true) {
    if (!answer_ && size_ != 0 && at_ == size_) return 0;
    if (!answer_) TRY_VOID(open());
    Result<std::size_t> got = step(out, capacity);
    if (got && (*got != 0 || size_ == 0 || at_ == size_)) return take(*got);
    if (got) {
      got = failure(ErrorCode::kTruncated,
                    fmt::format("the layer ends too early, {} bytes are missing", size_ - at_));
    }
    answer_.reset();
    ++resumes_in_all_;
    if (++resumes_ > Registry::kResumesMax || resumes_in_all_ > Registry::kResumesInAllMax ||
        connections_.is_stopped())
      return got;
    TRY_VOID(connections_.wait(resumes_ - 1, 0));
  }
}

Result<std::size_t> BlobStream::step(char* out, std::size_t capacity) {
  while (repeated_ != 0) {
    TRY(const std::size_t got,
        answer_->lease->read(
            out, static_cast<std::size_t>(std::min<std::uint64_t>(capacity, repeated_))));
    if (got == 0) return failure(ErrorCode::kTruncated, "the layer ends before where it stood");
    repeated_ -= got;
  }
  return answer_->lease->read(out, capacity);
}

Result<std::size_t> BlobStream::take(std::size_t count) {
  at_ += count;
  if (size_ != 0 && at_ > size_) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a layer of {} bytes, found more", size_));
  }
  if (count == 0) {
    answer_.reset();  // others may have the connection
    size_ = at_;
    return 0;
  }
  resumes_ = 0;
  *counts_.total += count;
  counts_.expansion->add_stored(count);
  return count;
}

}  // namespace vedette::ingest
