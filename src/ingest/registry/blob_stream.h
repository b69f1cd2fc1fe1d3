// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "formats/archive/byte_stream.h"
#include "ingest/file_stream.h"
#include "ingest/registry/connections.h"

namespace vedette::ingest {

// The bytes of a blob. Asks again from where it stands whenever the connection breaks, or ends
// before `size` (0: not known).
class BlobStream final : public formats::archive::ByteStream {
 public:
  // What it is given outlives it.
  BlobStream(RegistryConnections& connections, std::string_view digest, std::uint64_t size,
             ReadCounts counts)
      : connections_(connections), digest_(digest), size_(size), counts_(counts) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override;
  std::optional<std::uint64_t> size() const override {
    return size_ == 0 ? std::nullopt : std::optional(size_);
  }

 private:
  Result<void> open();
  Result<std::size_t> step(char* out, std::size_t capacity);
  Result<std::size_t> take(std::size_t count);

  RegistryConnections& connections_;
  const std::string digest_;
  std::uint64_t size_;
  const ReadCounts counts_;
  std::optional<RegistryConnections::Answer> answer_;
  std::uint64_t at_ = 0;
  std::uint64_t repeated_ = 0;  // bytes to come that were read before
  int resumes_ = 0;             // since the last byte
  int resumes_in_all_ = 0;
};

}  // namespace vedette::ingest
