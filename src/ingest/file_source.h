// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/source.h"
#include "formats/logs/splitter.h"
#include "ingest/input_walk.h"

namespace vedette::ingest {

// Logs in files, folders, archives and pipes. Each file, or member of an archive, is one Input and
// one InputReport, in the order named and sorted within folders; archives get a report of their own
// only when they break.
//
// Packing and format are found by content. UTF-16 text (with a byte order mark) becomes UTF-8 while
// it is read, and offsets count in that; a UTF-8 byte order mark is left out. A stream that breaks
// gives the records before the damage. Inputs that are empty, of unknown format or cannot be opened
// have a report, but no batch.
//
// Files are read, not mapped: by blocks that stay in the second level cache, straight into the
// batch's buffer. Memory at most: Limits::record_bytes_max and one block for each batch in use. A
// batch from a pipe is handed on when no more bytes are waiting, so a live stream is not held back.
// next() decompresses, and follows brackets for RecordFormat::kJson; for other formats it only
// looks for the last line end.
class FileSource final : public event::Source {
 public:
  // Measured over 350 MB of JSON lines: 128 KiB to 2 MiB are equally fast within noise (5 to 6
  // GB/s), 4 MiB is slower, as it leaves the second level cache.
  static constexpr std::size_t kBlockBytes = std::size_t{128} << 10;
  static constexpr std::size_t kBlockBytesMin = 1024;
  // What the format is judged by.
  static constexpr std::size_t kHeadBytes = std::size_t{64} << 10;

  // `forced` is kUnknown to find each input's format. Errors: nothing was named, or nothing of what
  // was named exists; limits beyond what a batch can hold. `limits` are copied.
  static Result<std::unique_ptr<FileSource>> create(std::vector<std::string> paths,
                                                    event::RecordFormat forced,
                                                    const Limits& limits,
                                                    std::size_t block_bytes = kBlockBytes);

  bool next(event::Batch& batch) override;
  const std::vector<event::InputReport>& reports() const override { return reports_; }
  std::uint64_t bytes_total() const override { return walk_.bytes_total(); }
  // May be asked from any thread.
  std::uint64_t bytes_read() const override { return walk_.bytes_read(); }

 private:
  FileSource(const std::vector<std::string>& paths, event::RecordFormat forced,
             const Limits& limits, std::size_t block_bytes);

  // The input that batches are cut from.
  struct Open {
    InputWalk::Found found;
    std::shared_ptr<const event::Input> input;
    std::optional<formats::logs::Splitter> splitter;
    std::uint64_t offset = 0;  // of the first byte not handed on
    std::string carry;         // those bytes, between two calls of next()
    bool ended = false;        // the stream has no more bytes
    bool any_batch = false;
  };

  bool open_next(event::Batch& batch);
  bool open_layers(event::Batch& batch);
  void begin_layer(event::Buffer& buffer);
  bool begin_input(event::Batch& batch);
  bool fill_batch(event::Batch& batch);
  void hand_on(event::Batch& batch, formats::logs::Cut& cut);
  void drop(event::Buffer& buffer, std::size_t size);
  // Reads until the buffer holds `size_wanted` bytes, the input ends, or (once there is a line end)
  // bytes would have to be waited for.
  void read_more(event::Buffer& buffer, std::size_t size_wanted);
  void note_problems(const formats::logs::Cut& cut);
  void note(Diagnostic problem);
  void fail(std::string message, std::string hint);

  Limits limits_;
  event::RecordFormat forced_;
  std::size_t block_bytes_;
  InputWalk walk_;
  std::vector<event::InputReport> reports_;
  std::unique_ptr<Open> open_;  // null between inputs
  std::uint64_t sequence_ = 0;
};

}  // namespace vedette::ingest
