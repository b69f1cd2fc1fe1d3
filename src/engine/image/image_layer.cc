// SPDX-License-Identifier: Apache-2.0
#include "engine/image/image_layer.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/image/sparse_bytes.h"
#include "formats/archive/archive.h"
#include "formats/packages/package_file.h"

namespace vedette::engine {
namespace {

using formats::archive::TarEntry;
using formats::archive::TarReader;
using formats::archive::TarType;
using formats::images::LayerCover;
using formats::packages::FileBytes;
using formats::packages::PackageFileKind;
using formats::packages::ProgramGap;
using ingest::SkipReason;

// Of databases of packages, which are read whole.
constexpr std::uint64_t kDatabaseBytesMax = std::uint64_t{256} << 20;
constexpr std::size_t kProgramStep = std::size_t{64} << 10;

bool is_os_release(std::string_view path) {
  return std::ranges::find(formats::packages::kOsReleasePaths, path) !=
         std::end(formats::packages::kOsReleasePaths);
}

// A kind of what lies installed. What projects ask for says nothing of an image.
const PackageFileKind* installed_kind(std::string_view path) {
  return formats::packages::installed_file_kind(path);
}

// Where an image says what it is affected by, in the root or in a folder for that.
bool may_have_statements(std::string_view path) {
  if (!path.ends_with(".json")) return false;
  const bool is_there = path.find('/') == std::string_view::npos ||
                        path.starts_with("usr/share/vex/") || path.starts_with(".vex/");
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return is_there && (name.find("vex") != std::string_view::npos ||
                      name.find("csaf") != std::string_view::npos);
}

}  // namespace

LayerScan LayerScanner::scan(std::string_view name, formats::archive::ByteStream& tar,
                             const std::atomic<bool>& stop, WorkTurn* turn) {
  result_ = {};
  layer_name_ = name;
  by_path_.clear();
  findings_ = problems_ = statements_ = 0;
  files_.begin(options_.files);
  const scan::ScanCounts before = scanner_ != nullptr ? scanner_->counts() : scan::ScanCounts();
  TarReader reader(tar);
  while (!stop.load(std::memory_order_relaxed)) {
    const Result<const TarEntry*> entry = reader.next();
    if (!entry) {
      problem("", entry.error().message);
      break;
    }
    if (*entry == nullptr) {
      // A digest is of all bytes, also of those behind the archive's end.
      if (const Result<void> drained = reader.drain(); !drained)
        problem("", drained.error().message);
      break;
    }
    if (++result_.entries > kEntriesMax) {
      problem("", fmt::format("expected at most {} entries, found more", kEntriesMax));
      break;
    }
    take_entry(**entry, reader);
    if (turn != nullptr) turn->give_way();
  }
  result_.cover.seal();
  if (problems_ > kProblemsMax)
    result_.problems.push_back({DiagnosticKind::kError,
                                {layer_name_, 0, 0, 0},
                                fmt::format("{} more problems", problems_ - kProblemsMax),
                                ""});
  if (scanner_ != nullptr) result_.counts = scanner_->counts().since(before);
  by_path_.clear();
  result_.owned = files_.take();
  return std::move(result_);
}

void LayerScanner::take_entry(const TarEntry& entry, TarReader& reader) {
  const std::optional<std::string> path = formats::images::layer_path(entry.name);
  if (!path) {
    problem("", "expected a path inside of the image, found one that leads out; passed over");
    return;
  }
  if (path->empty()) return;  // the root itself
  const bool is_folder = entry.type == TarType::kFolder;
  const bool is_entry =
      result_.cover.add(*path, is_folder ? LayerCover::Kind::kFolder : LayerCover::Kind::kFile);
  if (!is_entry) return;
  if (!is_folder && !files_.add(*path)) {
    problem("", fmt::format("expected at most {} files whose owners are told, found more",
                            LayerFiles::kFilesMax));
  }
  if (entry.type == TarType::kHardLink) {
    take_link(*path, entry.link);
    return;
  }
  // What an earlier entry had there is in the layer, but nobody sees it.
  if (!by_path_.empty() && !is_folder) {
    if (const auto found = by_path_.find(*path); found != by_path_.end()) {
      result_.files[found->second].replaced = true;
      by_path_.erase(found);
    }
  }
  if (entry.type != TarType::kFile) return;
  // What is stored of a file with holes is not what it holds.
  if (!entry.is_sparse) files_.begin_sum(reader);
  take_file(entry, *path, reader);
  files_.end_sum(reader);
}

// The bytes were looked at under their first name.
void LayerScanner::take_link(std::string_view path, std::string_view target) {
  const std::optional<std::string> to = formats::images::layer_path(target);
  if (!to) {
    problem(path, "expected a hard link inside of the image, found one that leads out");
    return;
  }
  files_.link_to(*to);
  const auto found = by_path_.find(*to);
  if (found != by_path_.end()) {
    const std::size_t index = found->second;
    result_.files[index].links.emplace_back(path);
    by_path_.insert_or_assign(std::string(path), index);
  }
  const bool is_known = found != by_path_.end() && result_.files[found->second].packages;
  if (options_.packages && !is_known && installed_kind(path) != nullptr)
    problem(path, "packages could not be read: it is a hard link to a file of another name");
}

// All of the entry, or what there is before the archive breaks off: the error comes again with the
// next entry. Copied into held_ where the archive does not keep it; what a header says of a size is
// only believed as far as there are bytes.
std::string_view LayerScanner::take_whole(std::uint64_t size, TarReader& reader) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  const Result<std::optional<std::string_view>> taken = reader.take();
  if (taken && *taken) return **taken;
  held_.clear();
  // Pages are only taken as bytes come, so a size that lies costs nothing.
  held_.reserve(size);
  while (held_.size() < size) {
    const std::size_t at = held_.size();
    const std::size_t end =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, at + std::max(kStep, at)));
    held_.resize(end);
    const Result<std::size_t> got = reader.read(held_.data() + at, end - at);
    held_.resize(at + (got ? *got : 0));
    if (!got || *got == 0) break;
  }
  return held_;
}

void LayerScanner::take_file(const TarEntry& entry, std::string_view path, TarReader& reader) {
  result_.bytes += entry.size;
  const PackageFileKind* kind = options_.packages ? installed_kind(path) : nullptr;
  const bool is_system = options_.packages && is_os_release(path);
  if (entry.size == 0) return;
  if (entry.is_sparse) {
    result_.skipped.add(SkipReason::kSealed, path, "a file with holes");
    return;
  }
  const Result<std::string_view> peeked = reader.peek(ingest::kBinaryHead);
  if (!peeked) return;  // the error comes again with the next entry
  const std::string_view head = *peeked;
  if (options_.packages && kind == nullptr)
    kind = formats::packages::package_content_kind(path, head);
  const bool has_statements = options_.packages && may_have_statements(path);
  const bool is_listed = kind != nullptr || is_system || has_statements;
  if (scanner_ == nullptr && !is_listed) return;
  ++result_.files_read;
  const bool is_model = models_ != nullptr && LayerModels::is_model(path, head);
  const bool is_packed = formats::archive::detect_packing(head) != formats::archive::Packing::kNone;
  if (!is_listed && !is_packed && !is_model && ingest::is_binary(head)) {
    result_.skipped.add(SkipReason::kBinary, path, {}, entry.size);
    return;
  }
  const std::uint64_t size_max = kind != nullptr
                                     ? std::max(kDatabaseBytesMax, options_.file_bytes_max)
                                     : options_.file_bytes_max;
  if (entry.size > size_max && is_model) {
    LayerFile file;
    file.path = path;
    return take_large_model(entry, std::move(file), reader);
  }
  if (entry.size > size_max) {
    result_.skipped.add(SkipReason::kTooLarge, path, {}, entry.size);
    return;
  }
  LayerFile file;
  file.path = path;
  std::unique_lock<std::mutex> lock;
  if (options_.large != nullptr && entry.size > kLargeBytes)
    lock = std::unique_lock(*options_.large);
  // The program is no text, and no secrets are looked for in it.
  if (kind != nullptr && kind->bytes == FileBytes::kBinary && entry.size > kLargeBytes) {
    std::vector<ProgramGap> gaps = formats::packages::program_gaps(head, entry.size);
    if (!gaps.empty()) {
      if (const Result<void> taken = take_program(entry, *kind, gaps, file, reader); !taken)
        problem(path, taken.error().message);
      keep(std::move(file));
      return;
    }
  }
  const std::string_view content = take_whole(entry.size, reader);
  if (kind != nullptr) find_packages(*kind, content, file);
  if (is_system) file.system = formats::packages::read_os_release(content);
  if (has_statements) keep_statements(content, file);
  if (is_model) models_->look(path, content, file.findings, result_.skipped);
  const bool is_searched = scanner_ != nullptr && content.size() <= options_.file_bytes_max;
  if (is_searched) find_secrets(content, file);
  keep(std::move(file));
  // An assignment would keep the memory.
  if (held_.capacity() > kLargeBytes) std::string().swap(held_);
}

void LayerScanner::take_large_model(const TarEntry& entry, LayerFile file, TarReader& reader) {
  std::unique_lock<std::mutex> lock;
  if (options_.large != nullptr) lock = std::unique_lock(*options_.large);
  const std::string path = file.path;
  const Result<void> looked =
      models_->look_at_large(path, entry.size, reader, file.findings, result_.skipped);
  if (!looked) problem(path, looked.error().message);
  findings_ += file.findings.size();
  keep(std::move(file));
}

Result<void> LayerScanner::take_program(const TarEntry& entry, const PackageFileKind& kind,
                                        std::span<const ProgramGap> gaps, LayerFile& file,
                                        TarReader& reader) {
  TRY(const std::optional<std::string_view> taken, reader.take());
  if (taken) {
    find_packages(kind, *taken, file);
    return {};
  }
  TRY(SparseBytes program, SparseBytes::of(entry.size));
  std::size_t at = 0;
  held_.resize(kProgramStep);
  auto gap = gaps.begin();
  while (at < entry.size) {
    TRY(const std::size_t got, reader.read(held_.data(), held_.size()));
    if (got == 0) break;
    const std::size_t end = at + got;
    while (gap != gaps.end() && gap->end <= at) ++gap;
    if (gap == gaps.end() || at < gap->begin || end > gap->end)
      program.put(at, std::string_view(held_).substr(0, got));
    at = end;
  }
  find_packages(kind, program.bytes(), file);
  return {};
}

void LayerScanner::find_packages(const PackageFileKind& kind, std::string_view content,
                                 LayerFile& file) {
  const std::string_view path = file.path;
  formats::packages::PackageFile found{
      file.path, &kind,
      formats::packages::read_package_file(kind, path, content, limits_, options_.jars), "", 0};
  for (Diagnostic& one : found.list.problems) problem(path, std::move(one.message));
  found.list.problems.clear();
  // A program that says nothing of packages is none of theirs.
  if (kind.has_name() || !found.list.packages.empty()) file.packages = std::move(found);
}

void LayerScanner::find_secrets(std::string_view content, LayerFile& file) {
  packed_.open(file.path, content);
  ingest::ContentPiece piece;
  while (packed_.next(piece)) {
    if (piece.skipped) result_.skipped.add(*piece.skipped, piece.name, piece.message);
    if (piece.bytes.empty() || findings_ >= kFindingsMax) continue;
    scan_text(piece.name, piece.bytes, file.findings);
  }
  findings_ += file.findings.size();
  if (findings_ >= kFindingsMax)
    problem(file.path,
            fmt::format("expected at most {} findings in a layer, found more", kFindingsMax));
}

void LayerScanner::scan_text(std::string_view path, std::string_view text,
                             std::vector<event::Finding>& findings) {
  if (scanner_ == nullptr) return;
  scan::Content content;
  content.path = path;
  content.bytes = text;
  scanner_->scan(content, findings);
}

void LayerScanner::keep_statements(std::string_view content, LayerFile& file) {
  if (content.size() <= kStatementBytesMax && ++statements_ <= kStatementsMax) {
    file.statements = content;
  } else {
    problem(file.path,
            fmt::format("statements could not be read: expected at most {} documents of {} "
                        "bytes in a layer",
                        kStatementsMax, kStatementBytesMax));
  }
}

void LayerScanner::keep(LayerFile file) {
  if (!file.packages && !file.system && !file.statements && file.findings.empty()) return;
  if (result_.files.size() >= kFilesMax) {
    problem(file.path, fmt::format("expected at most {} files with findings", kFilesMax));
    return;
  }
  by_path_.insert_or_assign(file.path, result_.files.size());
  result_.files.push_back(std::move(file));
}

void LayerScanner::problem(std::string_view path, std::string message) {
  if (++problems_ > kProblemsMax) return;
  const std::string place = path.empty() ? layer_name_ : fmt::format("{} in {}", path, layer_name_);
  result_.problems.push_back({DiagnosticKind::kError, {place, 0, 0, 0}, std::move(message), ""});
}

}  // namespace vedette::engine
