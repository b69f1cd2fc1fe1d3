// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "formats/archive/archive.h"
#include "formats/archive/byte_stream.h"

namespace vedette::ingest {

// Who is told how many stored bytes were read; both outlive the stream.
struct ReadCounts {
  std::atomic<std::uint64_t>* total;
  formats::archive::Expansion* expansion;
};

// A file, a named pipe or the like, or standard input ("-") through read(2).
class FileStream final : public formats::archive::ByteStream {
 public:
  static Result<std::unique_ptr<FileStream>> open(const std::string& path, ReadCounts counts);
  // Of a descriptor, which it closes in the end unless it is standard input.
  static std::unique_ptr<FileStream> adopt(std::string name, int descriptor, ReadCounts counts);
  ~FileStream() override;
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override;
  bool seek(std::uint64_t position) override;
  std::optional<std::uint64_t> size() const override;
  bool is_ready() override;
  bool is_at_end() const override { return at_end_; }
  // When it was last written to: for a pipe about now. 0 when unknown.
  TimeNs written() const { return written_; }

 private:
  FileStream(std::string path, int descriptor, ReadCounts counts);

  std::string path_;
  int descriptor_;
  ReadCounts counts_;
  bool regular_ = false;
  bool at_end_ = false;
  TimeNs written_ = 0;
  std::uint64_t size_ = 0;  // of a regular file
};

}  // namespace vedette::ingest
