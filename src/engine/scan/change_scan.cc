// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/change_scan.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "ingest/memory_contents.h"
#include "scan/git/diff_reader.h"
#include "scan/git/staged.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {
namespace {

class ChangeScanner {
 public:
  ChangeScanner(const SecretScanOptions& options,
                std::shared_ptr<const rules::secret::SecretProgram> program)
      : scanner_(std::move(program), options.scanner),
        contents_(options.file_bytes_max, options.limits) {}

  // `object`: "" where there is none. Lines count in texts only: of an archive all is looked at.
  void scan(std::string_view path, std::string_view bytes, std::string_view object,
            const std::vector<scan::Content::Lines>& lines) {
    contents_.open(path, bytes);
    ingest::ContentPiece piece;
    while (contents_.next(piece)) {
      if (piece.skipped) part_.skipped.add(*piece.skipped, piece.name, piece.message);
      if (piece.skipped && piece.bytes.empty()) continue;
      ++part_.files;
      part_.bytes += piece.bytes.size();
      scan::Content content;
      content.path = piece.name;
      content.bytes = piece.bytes;
      content.object = object;
      if (piece.name == path) content.lines = lines;
      scanner_.scan(content, part_.findings);
    }
  }
  OrderedFindings::Part& part() { return part_; }

  void hand_on(OrderedFindings& findings) {
    part_.counts = scanner_.counts();
    findings.hand_on(std::move(part_));
  }

 private:
  scan::secrets::SecretScanner scanner_;
  ingest::MemoryContents contents_;
  OrderedFindings::Part part_;
};

Result<std::string> read_all(const std::string& target, std::uint64_t bytes_max) {
  if (target != "-") return read_file(target, bytes_max);
  std::string text;
  for (;;) {
    constexpr std::size_t kStep = std::size_t{1} << 16;
    const std::size_t before = text.size();
    text.resize(before + kStep);
    const ssize_t count = ::read(STDIN_FILENO, text.data() + before, kStep);
    if (count < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (count < 0) return failure(ErrorCode::kSystem, std::string("-: ") + std::strerror(errno));
    text.resize(before + static_cast<std::size_t>(count));
    if (count == 0) return text;
    if (text.size() > bytes_max) {
      return failure(ErrorCode::kLimit,
                     "expected a diff within --max-file-size, found a longer one; split it");
    }
  }
}

}  // namespace

Result<void> scan_staged(const SecretScanOptions& options,
                         const std::shared_ptr<const rules::secret::SecretProgram>& program,
                         OrderedFindings& findings, event::ScanSummary& summary) {
  ChangeScanner scanner(options, program);
  for (const std::string& target : options.targets) {
    TRY(const scan::git::StagedResult result,
        scan::git::read_staged(target, options.index_file, options.file_bytes_max,
                               [&](const scan::git::StagedFile& file) {
                                 const std::string id = to_hexadecimal(file.blob, file.hash);
                                 scanner.scan(file.path, file.bytes, id, file.lines);
                               }));
    for (event::Skipped& skipped : result.losses.skipped())
      summary.skipped.push_back(std::move(skipped));
    summary.problems.insert(summary.problems.end(), result.problems.begin(), result.problems.end());
  }
  scanner.hand_on(findings);
  return {};
}

Result<void> scan_diffs(const SecretScanOptions& options,
                        const std::shared_ptr<const rules::secret::SecretProgram>& program,
                        OrderedFindings& findings, event::ScanSummary& summary) {
  ChangeScanner scanner(options, program);
  for (const std::string& target : options.targets) {
    TRY(const std::string text, read_all(target, options.file_bytes_max));
    scan::git::DiffReader reader(text);
    scan::git::DiffFile file;
    const std::size_t before = scanner.part().findings.size();
    while (reader.next(file)) scanner.scan(file.path, file.bytes, "", file.lines);
    // Where it is in the file, counted in bytes, a diff does not say.
    for (std::size_t i = before; i < scanner.part().findings.size(); ++i)
      scanner.part().findings[i].place.offset = 0;
    for (Diagnostic problem : reader.problems()) {
      problem.place.file = target;
      summary.problems.push_back(std::move(problem));
    }
  }
  scanner.hand_on(findings);
  return {};
}

}  // namespace vedette::engine
