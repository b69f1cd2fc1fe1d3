// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "formats/archive/archive.h"

namespace vedette::ingest {

// Goes through files, and through the archives that turn out to be among them, one stream at a
// time. One thread.
class InputWalk {
 public:
  // What the command line named. Folders stand for the files below them, sorted; links to folders
  // are not followed. `limits` outlives the walk.
  InputWalk(const std::vector<std::string>& paths, const Limits& limits);
  // Through what enter() gives, one after the other. Stored bytes are added to `bytes_read`, which
  // outlives the walk.
  InputWalk(const Limits& limits, std::atomic<std::uint64_t>& bytes_read);

  // Takes over a descriptor at the beginning of what is called `name`; when next() said that there
  // is no more.
  void enter(std::string name, int descriptor);

  // A stream, or why there is none. The stream dies before the next call of next().
  struct Found {
    std::string name;  // "a.json", "a.tar.gz/b.json", "-"
    std::unique_ptr<formats::archive::ByteStream> stream;
    std::optional<Diagnostic> problem;
    ErrorCode problem_code = ErrorCode::kInvalid;
    std::size_t layers = 0;
    TimeNs written = 0;  // event::Input::written
  };
  std::optional<Found> next();

  // `found` is packed as `packing` says and `head` was read from it: a compressed stream is
  // replaced by what it unpacks to. An archive is entered: next() gives its members, `found` is
  // empty.
  Result<void> open_packing(Found& found, formats::archive::Packing packing, std::string_view head);

  // Of regular files; 0 when there is input of unknown size.
  std::uint64_t bytes_total() const { return bytes_total_; }
  // Stored bytes; may be asked from any thread.
  std::uint64_t bytes_read() const { return bytes_read_->load(std::memory_order_relaxed); }

 private:
  struct Pending {
    std::string path;
    std::optional<Diagnostic> problem;
  };
  struct Archive {
    std::string name;
    std::unique_ptr<formats::archive::ArchiveReader> reader;
    std::size_t layers = 0;
  };

  void add(const std::string& path);
  Found open_file(Pending pending);
  Result<void> enter_archive(const Found& found, formats::archive::Packing packing,
                             std::unique_ptr<formats::archive::ByteStream> stored);

  const Limits& limits_;
  std::deque<Pending> pending_;
  std::uint64_t bytes_total_ = 0;
  std::atomic<std::uint64_t> own_bytes_read_ = 0;
  std::atomic<std::uint64_t>* bytes_read_ = &own_bytes_read_;
  std::optional<Found> entered_;
  std::unique_ptr<formats::archive::Expansion> expansion_;  // of the file at hand
  std::vector<Archive> archives_;                           // entered, the innermost last
};

}  // namespace vedette::ingest
