// SPDX-License-Identifier: Apache-2.0
#include "ingest/input_walk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <utility>

#include "base/file.h"
#include "ingest/file_stream.h"

namespace vedette::ingest {
namespace {

using formats::archive::ByteStream;
using formats::archive::Packing;

Diagnostic problem_of(const std::string& name, Error error, std::string hint) {
  return {DiagnosticKind::kError, {name, 0, 0, 0}, std::move(error.message), std::move(hint)};
}

// All of a stream, so that it can be sought in.
Result<std::unique_ptr<ByteStream>> held(ByteStream& stream, std::size_t bytes_max) {
  constexpr std::size_t kStep = std::size_t{256} << 10;
  std::string bytes;
  while (bytes.size() <= bytes_max) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kStep);
    const Result<std::size_t> got = stream.read(bytes.data() + before, kStep);
    if (!got) return std::unexpected(got.error());
    bytes.resize(before + *got);
    if (*got == 0) return std::make_unique<formats::archive::MemoryStream>(std::move(bytes));
  }
  return failure(
      ErrorCode::kLimit,
      fmt::format("expected an archive of at most {} bytes inside of another, found more",
                  bytes_max));
}

}  // namespace

InputWalk::InputWalk(const std::vector<std::string>& paths, const Limits& limits)
    : limits_(limits) {
  bool sizes_known = true;
  for (const std::string& path : paths) add(path);
  for (const Pending& pending : pending_) {
    struct stat status{};
    if (pending.problem) continue;
    if (pending.path != "-" && ::stat(pending.path.c_str(), &status) != 0) continue;
    if (S_ISREG(status.st_mode)) {
      bytes_total_ += static_cast<std::uint64_t>(status.st_size);
    } else {
      sizes_known = false;
    }
  }
  if (!sizes_known) bytes_total_ = 0;
}

InputWalk::InputWalk(const Limits& limits, std::atomic<std::uint64_t>& bytes_read)
    : limits_(limits), bytes_read_(&bytes_read) {}

void InputWalk::enter(std::string name, int descriptor) {
  archives_.clear();
  expansion_ = std::make_unique<formats::archive::Expansion>(limits_);
  Found found;
  found.stream = FileStream::adopt(name, descriptor, {bytes_read_, expansion_.get()});
  found.name = std::move(name);
  entered_ = std::move(found);
}

void InputWalk::add(const std::string& path) {
  if (path == "-") {
    pending_.push_back({path, {}});
    return;
  }
  std::vector<Diagnostic> skipped;
  Result<std::vector<std::string>> files = list_files(path, {}, &skipped);
  if (!files) {
    pending_.push_back({path, problem_of(path, std::move(files).error(),
                                         "name files or folders that exist and can be read")});
  } else if (files->empty() && skipped.empty()) {
    pending_.push_back({path,
                        {{DiagnosticKind::kWarning,
                          {path, 0, 0, 0},
                          "expected files below this folder, found none",
                          ""}}});
  } else {
    for (std::string& file : *files) pending_.push_back({std::move(file), {}});
    for (Diagnostic& problem : skipped) {
      std::string name = problem.place.file;
      pending_.push_back({std::move(name), std::move(problem)});
    }
  }
}

std::optional<InputWalk::Found> InputWalk::next() {
  while (!archives_.empty()) {
    Archive& archive = archives_.back();
    Result<std::optional<std::string>> member = archive.reader->next();
    Found found;
    found.name = archive.name;
    found.layers = archive.layers;
    found.written = archive.reader->written();
    if (member && *member) {
      found.name += "/" + **member;
      found.stream = archive.reader->content();
      return found;
    }
    archives_.pop_back();
    if (!member) {
      found.problem_code = member.error().code;
      found.problem = problem_of(found.name, std::move(member).error(),
                                 "what the archive holds behind this place was not read");
      return found;
    }
  }
  if (entered_) return std::exchange(entered_, std::nullopt);
  if (pending_.empty()) return std::nullopt;
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  return open_file(std::move(pending));
}

InputWalk::Found InputWalk::open_file(Pending pending) {
  Found found;
  found.name = std::move(pending.path);
  found.problem = std::move(pending.problem);
  if (found.problem) return found;
  expansion_ = std::make_unique<formats::archive::Expansion>(limits_);
  Result<std::unique_ptr<FileStream>> stream =
      FileStream::open(found.name, {bytes_read_, expansion_.get()});
  if (stream) {
    found.written = (*stream)->written();
    found.stream = std::move(*stream);
  } else {
    found.problem_code = stream.error().code;
    found.problem = problem_of(found.name, std::move(stream).error(), "");
  }
  return found;
}

Result<void> InputWalk::open_packing(Found& found, Packing packing, std::string_view head) {
  if (++found.layers > limits_.packing_layers_max) {
    return failure(ErrorCode::kLimit,
                   fmt::format("expected at most {} layers of packing, found more",
                               limits_.packing_layers_max));
  }
  if (packing == Packing::kSevenZip && found.stream->seek(0))
    return enter_archive(found, packing, std::move(found.stream));
  std::unique_ptr<ByteStream> stored = std::make_unique<formats::archive::PrefixedStream>(
      std::string(head), std::move(found.stream));
  if (packing == Packing::kSevenZip) {
    TRY(stored, held(*stored, limits_.archive_memory_max));
  }
  if (formats::archive::is_archive(packing))
    return enter_archive(found, packing, std::move(stored));
  TRY(found.stream, formats::archive::unpack(packing, std::move(stored), *expansion_));
  return {};
}

Result<void> InputWalk::enter_archive(const Found& found, Packing packing,
                                      std::unique_ptr<ByteStream> stored) {
  TRY(auto reader,
      formats::archive::ArchiveReader::create(packing, std::move(stored), *expansion_));
  archives_.push_back({found.name, std::move(reader), found.layers});
  return {};
}

}  // namespace vedette::ingest
