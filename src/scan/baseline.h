// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/finding.h"

namespace vedette::scan {

// A larger file is refused, and what stands beyond so many entries is left out and told.
inline constexpr std::size_t kBaselineBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kBaselineEntriesMax = 2'000'000;

// Findings that are known and need not be told again. A file of lines, sorted:
//
//   # comment
//   3f2a…(32 digits) github-pat deploy/a%20b.env  # rotated on 2026-01-05
//
// A finding is known by its identity; rule and path are for people. No line depends on another, so
// that branches merge by keeping the lines of both sides (`.vedettebaseline merge=union` in
// .gitattributes). Reading takes lines in any order and several times, and of a merge that was left
// unresolved the lines of both sides.
//
// Two forms of gitleaks are read besides: its JSON report, and the lines of a .gitleaksignore,
// `commit:file:rule:line` and `file:rule:line`. These know a finding by its place and gitleaks'
// rule id (a report with whole secrets also by the secret); they are not written again.
class Baseline {
 public:
  // `name` stands in diagnostics. Fails only where a JSON report is none; bad lines are told by
  // problems() and cost themselves only.
  static Result<Baseline> parse(std::string_view text, const std::string& name);
  static Result<Baseline> read(const std::string& path);

  bool holds(const event::Finding& finding) const;
  // Keeps the comment of an entry that is there already.
  void add(const event::Finding& finding);

  // Entries and what gitleaks' forms hold.
  std::size_t size() const { return entries_.size() + fingerprints_.size(); }
  const std::vector<Diagnostic>& problems() const { return problems_; }

  // The file's text; the same entries give the same bytes.
  std::string text() const;
  // Replaces the file whole, or leaves it as it was.
  Result<void> write(const std::string& path) const;

 private:
  void parse_line(std::string_view line, const Place& place);
  void add_entry(std::string entry, std::string_view comment, const Place& place);
  void add_fingerprint(std::string_view fingerprint);
  Result<void> parse_report(std::string_view text, const std::string& name);
  void problem(const Place& place, std::string message, std::string hint);

  // "identity rule path" to its comment.
  std::map<std::string, std::string, std::less<>> entries_;
  std::set<std::string, std::less<>> identities_;
  // "file:rule:line" to commits, as far as they are known; "" for any.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> fingerprints_;
  std::vector<Diagnostic> problems_;
};

}  // namespace vedette::scan
