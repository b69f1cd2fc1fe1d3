// SPDX-License-Identifier: Apache-2.0
#include "ingest/file_source.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <sys/stat.h>

#include "formats/logs/format.h"
#include "formats/logs/json_wrapper.h"
#include "ingest/utf16_stream.h"

namespace vedette::ingest {
namespace {

using event::RecordFormat;
using formats::archive::Packing;
using formats::archive::PrefixedStream;

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
// Reads below this are not worth a call, and converting streams need some room.
constexpr std::size_t kReadMin = Utf16Stream::kCapacityMin;

RecordFormat found_format(std::string_view bytes, bool whole) {
  const std::string_view head = bytes.substr(0, FileSource::kHeadBytes);
  const RecordFormat format = formats::logs::detect_format(head);
  // A wrapper on one line looks like a record on one line.
  const bool wrapped = format == RecordFormat::kJsonLines &&
                       formats::logs::is_wrapped(head, whole && head.size() == bytes.size());
  return wrapped ? RecordFormat::kJson : format;
}

}  // namespace

FileSource::FileSource(const std::vector<std::string>& paths, RecordFormat forced,
                       const Limits& limits, std::size_t block_bytes)
    : limits_(limits), forced_(forced), block_bytes_(block_bytes), walk_(paths, limits_) {}

Result<std::unique_ptr<FileSource>> FileSource::create(std::vector<std::string> paths,
                                                       RecordFormat forced, const Limits& limits,
                                                       std::size_t block_bytes) {
  if (paths.empty()) {
    return failure(ErrorCode::kInvalid, "expected files, folders or - to read, found none");
  }
  block_bytes = std::max(block_bytes, kBlockBytesMin);
  // RecordSpan counts in 32 bits.
  constexpr std::size_t kBufferMax = std::numeric_limits<std::uint32_t>::max();
  if (block_bytes > kBufferMax / 2 || limits.record_bytes_max > kBufferMax / 2) {
    return failure(ErrorCode::kLimit,
                   fmt::format("the limit for one record must be at most {} bytes, found {}",
                               kBufferMax / 2, limits.record_bytes_max));
  }
  const bool any = std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
    struct stat status{};
    return path == "-" || ::lstat(path.c_str(), &status) == 0;
  });
  if (!any) {
    return failure(ErrorCode::kNotFound, fmt::format("no such file or folder: {}", paths.front()));
  }
  return std::unique_ptr<FileSource>(new FileSource(paths, forced, limits, block_bytes));
}

bool FileSource::next(event::Batch& batch) {
  while (true) {
    if (open_ == nullptr) {
      if (!open_next(batch)) return false;
    } else {
      // A buffer that one long record has blown up is not kept.
      if (batch.buffer.capacity() > 4 * block_bytes_ && open_->carry.size() < block_bytes_) {
        batch.buffer = event::Buffer();
      }
      batch.buffer.set_size(0);
      batch.buffer.reserve(std::max(block_bytes_, open_->carry.size()));
      std::memcpy(batch.buffer.data(), open_->carry.data(), open_->carry.size());
      batch.buffer.set_size(open_->carry.size());
      if (!open_->ended) {
        read_more(batch.buffer, std::max(block_bytes_, open_->carry.size() + block_bytes_ / 2));
      }
    }
    if (fill_batch(batch)) return true;
    open_ = nullptr;
  }
}

// Opens inputs until one has records to cut; its first bytes are then in the batch's buffer.
bool FileSource::open_next(event::Batch& batch) {
  while (true) {
    open_ = nullptr;  // its stream reads from what walk_ goes on with
    std::optional<InputWalk::Found> found = walk_.next();
    if (!found) return false;
    open_ = std::make_unique<Open>();
    open_->found = std::move(*found);
    reports_.emplace_back().name = open_->found.name;
    if (open_->found.problem) {
      reports_.back().failed = open_->found.problem->kind == DiagnosticKind::kError;
      note(*std::move(open_->found.problem));
    } else if (open_layers(batch) && begin_input(batch)) {
      return true;
    }
  }
}

// Puts decompressors on top until plain bytes come out; false when there are none to read.
bool FileSource::open_layers(event::Batch& batch) {
  event::Buffer& buffer = batch.buffer;
  InputWalk::Found& found = open_->found;
  while (true) {
    begin_layer(buffer);
    const Packing packing = formats::archive::detect_packing(buffer.view());
    if (packing == Packing::kNone) break;
    const bool broken = reports_.back().failed;
    const Result<void> opened = walk_.open_packing(found, packing, buffer.view());
    if (!opened) {
      fail(opened.error().message, "");
      return false;
    }
    if (formats::archive::is_archive(packing)) {
      // The archive itself is no input; its members are.
      if (!broken) reports_.pop_back();
      return false;
    }
  }
  const std::optional<ByteOrder> order = utf16_order(buffer.view());
  if (order && forced_ != RecordFormat::kEvtx) {
    found.stream = std::make_unique<Utf16Stream>(
        std::make_unique<PrefixedStream>(std::string(buffer.view()), std::move(found.stream)),
        *order);
    begin_layer(buffer);
  }
  return true;
}

// Reads the first bytes of a stream that now is on top.
void FileSource::begin_layer(event::Buffer& buffer) {
  buffer.set_size(0);
  open_->ended = false;
  reports_.back().bytes = 0;
  read_more(buffer, block_bytes_);
}

bool FileSource::begin_input(event::Batch& batch) {
  const std::string_view head = batch.buffer.view();
  event::InputReport& report = reports_.back();
  const bool is_blank = open_->ended && head.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (head.empty() || is_blank) return false;
  const RecordFormat format =
      forced_ != RecordFormat::kUnknown ? forced_ : found_format(head, open_->ended);
  report.format = formats::logs::to_string(format);
  if (format == RecordFormat::kUnknown) {
    report.failed = true;
    note({DiagnosticKind::kError,
          {report.name, 0, 0, 0},
          "expected log records, found bytes of no known format; skipped",
          "name the format with --input-format"});
    return false;
  }
  open_->input = std::make_shared<const event::Input>(event::Input{
      report.name, format, static_cast<std::uint32_t>(reports_.size() - 1), open_->found.written});
  open_->splitter.emplace(format, limits_);
  if (format != RecordFormat::kEvtx && head.starts_with(kUtf8Mark)) {
    drop(batch.buffer, kUtf8Mark.size());
  }
  return true;
}

// Cuts the next batch off the bytes in its buffer, reading more as needed; false when the input has
// ended without another.
bool FileSource::fill_batch(event::Batch& batch) {
  event::Buffer& buffer = batch.buffer;
  while (true) {
    batch.preamble = open_->splitter->preamble();
    formats::logs::Cut cut = open_->splitter->cut(buffer.view(), open_->ended);
    note_problems(cut);
    if (cut.size > 0 && !cut.drop) {
      hand_on(batch, cut);
      return true;
    }
    drop(buffer, cut.size);
    if (open_->ended && buffer.size() == 0) {
      if (!open_->any_batch) return false;
      hand_on(batch, cut = {});
      return true;
    }
    if (cut.size > 0 && buffer.size() > 0) continue;
    // A record longer than a block: twice the bytes each time, as moving them costs too.
    const std::size_t most = std::max(limits_.record_bytes_max, buffer.size()) + block_bytes_;
    read_more(buffer,
              std::max(block_bytes_,
                       std::min(most, std::max(2 * buffer.size(), buffer.size() + block_bytes_))));
  }
}

void FileSource::hand_on(event::Batch& batch, formats::logs::Cut& cut) {
  Open& open = *open_;
  open.carry.assign(batch.buffer.view().substr(cut.size));
  batch.buffer.set_size(cut.size);
  batch.input = open.input;
  batch.offset = open.offset;
  batch.sequence = sequence_++;
  batch.records = std::move(cut.records);
  batch.last = open.ended && open.carry.empty();
  open.offset += cut.size;
  open.any_batch = true;
  if (batch.last) open_ = nullptr;
}

void FileSource::drop(event::Buffer& buffer, std::size_t size) {
  if (size == 0) return;
  std::memmove(buffer.data(), buffer.data() + size, buffer.size() - size);
  buffer.set_size(buffer.size() - size);
  open_->offset += size;
}

void FileSource::read_more(event::Buffer& buffer, std::size_t size_wanted) {
  buffer.reserve(size_wanted);
  formats::archive::ByteStream& stream = *open_->found.stream;
  bool any_line_end = false;
  while (!open_->ended && buffer.size() + kReadMin <= size_wanted) {
    if (any_line_end && !stream.is_ready()) return;
    char* const out = buffer.data() + buffer.size();
    const Result<std::size_t> got = stream.read(out, size_wanted - buffer.size());
    if (!got) {
      fail(got.error().message, "the records before this place were read");
      open_->ended = true;
      return;
    }
    open_->ended = *got == 0 || stream.is_at_end();
    reports_.back().bytes += *got;
    buffer.set_size(buffer.size() + *got);
    // Only pipes are ever not ready, and what they give at once is short.
    any_line_end = any_line_end || std::memchr(out, '\n', *got) != nullptr;
  }
}

void FileSource::note_problems(const formats::logs::Cut& cut) {
  reports_.back().skipped += cut.lost;
  for (const formats::logs::CutProblem& problem : cut.problems) {
    note({DiagnosticKind::kError,
          {reports_.back().name, 0, 0, open_->offset + problem.offset},
          problem.message,
          ""});
  }
}

void FileSource::note(Diagnostic problem) {
  std::vector<Diagnostic>& problems = reports_.back().problems;
  if (problems.size() < event::InputReport::kProblemsKept) problems.push_back(std::move(problem));
}

void FileSource::fail(std::string message, std::string hint) {
  event::InputReport& report = reports_.back();
  report.failed = true;
  note({DiagnosticKind::kError,
        {report.name, 0, 0, report.bytes},
        std::move(message),
        std::move(hint)});
}

}  // namespace vedette::ingest
