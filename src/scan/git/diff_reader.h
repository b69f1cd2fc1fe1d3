// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "scan/content.h"

namespace vedette::scan::git {

// What a unified diff says of one file's new content.
struct DiffFile {
  std::string path;
  // The lines that the diff shows of the new file, each where it is in that file: what it does not
  // show are empty lines.
  std::string bytes;
  std::vector<Content::Lines> lines;  // that are added; never empty
};

// Reads what `git diff`, `git show`, `git format-patch` and `diff -u` write, several one behind the
// other too. Files that are removed, only renamed, or binary have nothing to scan. What is no diff
// around it (mail headers, messages) is passed over; a hunk that is not as its head says is told
// and costs itself.
class DiffReader {
 public:
  // Lines beyond this are not put where they are; their files are told as problems.
  static constexpr std::uint32_t kLinesMax = 8'000'000;
  // Empty lines for what all files of a diff do not show. A few bytes ask for millions of them;
  // hunks that would need more are told as problems, and cost themselves.
  static constexpr std::uint64_t kFillersMax = 256'000'000;

  // `text` outlives this.
  explicit DiffReader(std::string_view text) : rest_(text) {}

  // False at the end.
  bool next(DiffFile& file);
  const std::vector<Diagnostic>& problems() const { return problems_; }

 private:
  bool peek(std::string_view& line) const;
  void skip();
  void read_head(DiffFile& file);
  bool read_hunk(DiffFile& file);
  bool fill(std::uint32_t line, DiffFile& file);
  void problem(std::string message);

  std::string_view rest_;
  std::uint32_t line_ = 0;     // of the diff, from 1: the one that was skipped last
  bool strip_ = false;         // "a/" and "b/" before paths
  std::uint32_t written_ = 1;  // line of the new file that DiffFile::bytes ends in
  std::uint64_t fillers_left_ = kFillersMax;
  std::vector<Diagnostic> problems_;
  static constexpr std::size_t kProblemsMax = 100;
};

}  // namespace vedette::scan::git
