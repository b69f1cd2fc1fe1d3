// SPDX-License-Identifier: Apache-2.0
#include "engine/ci/change_set.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/digest.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;
using scan::git::TreeChange;

std::string real(const std::string& path) {
  std::error_code error;
  const fs::path found = fs::canonical(path, error);
  return error ? path : found.string();
}

}  // namespace

Result<ChangeSet> ChangeSet::find(const ChangeOptions& options) {
  ChangeSet set;
  set.kind_ = options.kind;
  switch (options.kind) {
    case ChangeKind::kAll: {
      const Result<std::string> head = scan::git::head_commit(".");
      // A folder that is no repository has no history, and nothing else is missing.
      if (!head && head.error().code != ErrorCode::kNotFound) return std::unexpected(head.error());
      set.is_repository_ = head.has_value();
      if (head) set.changes_.head = *head;
      return set;
    }
    case ChangeKind::kBase: {
      TRY(set.changes_, scan::git::changes_between(".", options.base, options.head));
      set.range_ = set.changes_.base + ".." + set.changes_.head;
      break;
    }
    case ChangeKind::kStaged: {
      TRY(set.changes_, scan::git::staged_changes(".", options.index_file));
      break;
    }
  }
  set.is_repository_ = true;
  TRY_VOID(set.settle());
  return set;
}

Result<void> ChangeSet::settle() {
  const std::string root = changes_.repository.work_folder;
  if (root.empty() || real(root) != real(".")) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected the root of the working tree as the folder to look at, "
                               "found {}; its root is {}",
                               real("."), root.empty() ? "nowhere: it is bare" : root));
  }
  for (const TreeChange& change : changes_.files) {
    std::error_code error;
    const bool is_file = fs::symlink_status(change.path, error).type() == fs::file_type::regular;
    if (!change.after.is_zero() && is_file) present_.push_back(change.path);
  }
  return {};
}

std::string ChangeSet::digest() const {
  std::string text;
  for (const TreeChange& change : changes_.files) {
    text += fmt::format("{} {}", change.path.size(), change.path);
    text.append(change.after.bytes.data(), change.after.bytes.size());
  }
  return to_hexadecimal(sha256(text));
}

bool ChangeSet::has(std::string_view path) const {
  if (path.starts_with("./")) path.remove_prefix(2);
  // What is packed in a changed file changed with it.
  while (true) {
    const auto at = std::ranges::lower_bound(changes_.files, path, {}, &TreeChange::path);
    if (at != changes_.files.end() && at->path == path) return true;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return false;
    path = path.substr(0, slash);
  }
}

bool ChangeSet::is_old(const event::Finding& finding) const {
  if (!is_partial()) return false;
  const auto stands = [this](const event::FindingPlace& place) { return !has(place.path); };
  return stands(finding.place) || std::ranges::any_of(finding.also_at, stands);
}

Result<std::vector<Diagnostic>> ChangeSet::read_before(const std::vector<std::string>& others,
                                                       std::uint64_t bytes_max,
                                                       const scan::git::ReadBefore& act) const {
  if (!is_partial()) return std::vector<Diagnostic>();
  return scan::git::read_before(changes_, others, bytes_max, act);
}

}  // namespace vedette::engine
