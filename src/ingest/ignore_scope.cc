// SPDX-License-Identifier: Apache-2.0
#include "ingest/ignore_scope.h"

#include <algorithm>
#include <utility>

namespace vedette::ingest {
namespace {

IgnoreRules read_rules(const std::string& path, std::vector<Diagnostic>& problems) {
  if (path.empty()) return {};
  const auto text = read_regular_file(path, kIgnoreBytesMax);
  if (text && *text) return IgnoreRules::parse(**text);
  if (!text) {
    problems.push_back({DiagnosticKind::kWarning,
                        {path, 0, 0, 0},
                        text.error().message,
                        "nothing is ignored by it"});
  }
  return {};
}

}  // namespace

IgnoreRepository::IgnoreRepository(GitFolder git, std::size_t base, const IgnoreOptions& options,
                                   std::vector<Diagnostic>& problems)
    : git_(std::move(git)), base_(base), options_(options) {
  exclude_ = read_rules(git_.shared + "/info/exclude", problems);
  account_ = read_rules(shared_ignore_file(git_, options.account), problems);
}

IgnoreVerdict IgnoreRepository::judge(std::string_view path, EntryKind kind) const {
  path.remove_prefix(base_);
  const IgnoreVerdict verdict = exclude_.judge(path, kind);
  return verdict != IgnoreVerdict::kNone ? verdict : account_.judge(path, kind);
}

bool IgnoreRepository::tracks(std::string_view path, EntryKind kind,
                              std::vector<Diagnostic>& problems) {
  if (!listed_) {
    listed_ = true;
    if (options_.list_tracked) {
      if (auto tracked = options_.list_tracked(git_)) {
        tracked_ = std::move(*tracked);
        if (!std::ranges::is_sorted(tracked_)) std::ranges::sort(tracked_);
      } else {
        problems.push_back({DiagnosticKind::kError,
                            {git_.own, 0, 0, 0},
                            tracked.error().message,
                            "files that are tracked although ignored may be missing; scan with "
                            "--no-ignore"});
      }
    }
  }
  std::string wanted(path.substr(base_));
  if (kind == EntryKind::kFolder) wanted += '/';
  const auto at = std::ranges::lower_bound(tracked_, wanted);
  if (at == tracked_.end()) return false;
  return kind == EntryKind::kFolder ? at->starts_with(wanted) : *at == wanted;
}

std::shared_ptr<const IgnoreScope> IgnoreScope::extend(std::shared_ptr<const IgnoreScope> above,
                                                       Folder folder) {
  auto scope = std::make_shared<IgnoreScope>();
  scope->repository_ = folder.root_of;
  if (scope->repository_ == nullptr && above != nullptr) scope->repository_ = above->repository_;
  scope->source_bytes_ = folder.git.source_bytes() + folder.own.source_bytes();
  if (above != nullptr) scope->source_bytes_ += above->source_bytes();
  scope->above_ = std::move(above);
  scope->folder_ = std::move(folder);
  return scope;
}

IgnoreVerdict IgnoreScope::judge_own(std::string_view path, EntryKind kind) const {
  for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->above_.get()) {
    const IgnoreVerdict verdict = scope->folder_.own.judge(path.substr(scope->folder_.base), kind);
    if (verdict != IgnoreVerdict::kNone) return verdict;
  }
  return IgnoreVerdict::kNone;
}

// Below a repository's root nothing from above it holds, and outside of one nothing at all.
IgnoreVerdict IgnoreScope::judge_git(std::string_view path, EntryKind kind) const {
  if (repository_ == nullptr) return IgnoreVerdict::kNone;
  for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->above_.get()) {
    const IgnoreVerdict verdict = scope->folder_.git.judge(path.substr(scope->folder_.base), kind);
    if (verdict != IgnoreVerdict::kNone) return verdict;
    if (scope->folder_.root_of != nullptr) break;
  }
  return repository_->judge(path, kind);
}

Ignored IgnoreScope::judge(std::string_view path, EntryKind kind,
                           std::vector<Diagnostic>& problems) const {
  const IgnoreVerdict own = judge_own(path, kind);
  if (own == IgnoreVerdict::kIgnored) return Ignored::kByOwnFile;
  if (own == IgnoreVerdict::kKept || judge_git(path, kind) != IgnoreVerdict::kIgnored)
    return Ignored::kNot;
  if (!repository_->tracks(path, kind, problems)) return Ignored::kByGit;
  return kind == EntryKind::kFolder ? Ignored::kButTracked : Ignored::kNot;
}

bool IgnoreScope::tracks(std::string_view path, EntryKind kind,
                         std::vector<Diagnostic>& problems) const {
  return repository_ != nullptr && repository_->tracks(path, kind, problems);
}

}  // namespace vedette::ingest
