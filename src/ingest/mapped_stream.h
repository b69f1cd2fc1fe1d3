// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/mapped_file.h"
#include "formats/archive/byte_stream.h"
#include "ingest/file_stream.h"

namespace vedette::ingest {

// A regular file by its pages, which it lends: half the cost of read(2). Of what it lends it holds
// kHeldMax bytes in memory, of what it keeps what others look at meanwhile. A file that is cut
// breaks off there.
class MappedStream final : public formats::archive::ByteStream {
 public:
  static constexpr std::size_t kHeldMax = std::size_t{4} << 20;

  // kNotFound, kSystem; kInvalid for what is no regular file; kLimit where as many are mapped as
  // can be: FileStream reads all of them.
  static Result<std::unique_ptr<MappedStream>> open(const std::string& path, ReadCounts counts);

  Result<std::size_t> read(char* out, std::size_t capacity) override;
  std::string_view lend(std::size_t size_max) override;
  std::optional<std::string_view> kept(std::uint64_t position, std::uint64_t size) override {
    return formats::archive::piece_of(file_.bytes(), position, size);
  }
  bool seek(std::uint64_t position) override;
  std::optional<std::uint64_t> size() const override { return file_.bytes().size(); }
  bool is_at_end() const override { return at_ == file_.bytes().size(); }

 private:
  MappedStream(std::string path, MappedFile file, ReadCounts counts)
      : path_(std::move(path)), file_(std::move(file)), counts_(counts) {}

  std::string path_;
  MappedFile file_;
  ReadCounts counts_;
  std::size_t at_ = 0;
  std::size_t held_ = 0;  // lent since pages were given back
};

}  // namespace vedette::ingest
