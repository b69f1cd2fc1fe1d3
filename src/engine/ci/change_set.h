// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/finding.h"
#include "scan/git/tree_changes.h"

namespace vedette::engine {

enum class ChangeKind : std::uint8_t {
  kAll,     // the whole tree and its history
  kBase,    // what HEAD brings that another commit lacks
  kStaged,  // what is staged for the next commit
};

struct ChangeOptions {
  ChangeKind kind = ChangeKind::kAll;
  std::string base;        // of kBase: a revision
  std::string head;        // of kBase
  std::string index_file;  // of kStaged; "" for the repository's own
};

// What a run of the pipeline is about. Paths are from the folder at hand, which is the root of the
// repository's working tree where changes are asked for.
class ChangeSet {
 public:
  static Result<ChangeSet> find(const ChangeOptions& options);

  ChangeKind kind() const { return kind_; }
  bool is_partial() const { return kind_ != ChangeKind::kAll; }
  bool is_repository() const { return is_repository_; }
  const std::string& base() const { return changes_.base; }  // hexadecimal; empty with kAll
  const std::string& head() const { return changes_.head; }  // empty without a commit
  const std::string& range() const { return range_; }        // of kBase: "A..B"
  // Of kBase and kStaged: files that are there now, in the order of paths.
  const std::vector<std::string>& present() const { return present_; }
  const std::vector<Diagnostic>& losses() const { return changes_.losses; }
  // A digest of the paths and contents that changed; of kAll none are known.
  std::string digest() const;

  bool has(std::string_view path) const;
  // Whether the finding stands somewhere that did not change, so that it was there before.
  bool is_old(const event::Finding& finding) const;
  // See scan::git::read_before(); with kAll nothing was before.
  Result<std::vector<Diagnostic>> read_before(const std::vector<std::string>& others,
                                              std::uint64_t bytes_max,
                                              const scan::git::ReadBefore& act) const;

 private:
  Result<void> settle();

  ChangeKind kind_ = ChangeKind::kAll;
  bool is_repository_ = false;
  std::string range_;
  scan::git::TreeChanges changes_;
  std::vector<std::string> present_;
};

}  // namespace vedette::engine
