// SPDX-License-Identifier: Apache-2.0
#include "scan/git/losses.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace vedette::scan::git {
namespace {

struct KindText {
  const char* reason;
  bool loss;
};
constexpr std::array<KindText, kLossKinds> kTexts = {{
    {"damaged objects", true},
    {"missing objects", true},
    {"not fetched (partial clone)", false},
    {"objects that are too large", true},
}};

}  // namespace

LossKind Losses::kind_of(const Error& error) {
  if (error.code == ErrorCode::kLimit) return LossKind::kTooLarge;
  return error.code == ErrorCode::kNotFound ? LossKind::kMissing : LossKind::kDamaged;
}

void Losses::add(LossKind kind, const std::string& what, const std::string& why) {
  Group& group = groups_[static_cast<std::size_t>(kind)];
  ++group.count;
  if (group.examples.size() < event::Skipped::kExamplesKept ||
      what < group.examples.rbegin()->first) {
    group.examples.emplace(what, why);
  }
  if (group.examples.size() > event::Skipped::kExamplesKept)
    group.examples.erase(std::prev(group.examples.end()));
}

void Losses::miss(LossKind kind, const formats::git::ObjectId& id, const std::string& what,
                  const std::string& why) {
  add(kind, what, why);
  if (missing_.size() < kMissingKept) missing_.push_back(id);
}

Losses Losses::restore(std::array<Group, kLossKinds> groups,
                       std::vector<formats::git::ObjectId> missing) {
  Losses losses;
  losses.groups_ = std::move(groups);
  losses.missing_ = std::move(missing);
  return losses;
}

void Losses::merge(const Losses& other) {
  const std::size_t room = kMissingKept - missing_.size();
  missing_.insert(
      missing_.end(), other.missing_.begin(),
      other.missing_.begin() + static_cast<std::ptrdiff_t>(std::min(room, other.missing_.size())));
  for (std::size_t i = 0; i < kLossKinds; ++i) {
    groups_[i].count += other.groups_[i].count;
    groups_[i].examples.insert(other.groups_[i].examples.begin(), other.groups_[i].examples.end());
    while (groups_[i].examples.size() > event::Skipped::kExamplesKept)
      groups_[i].examples.erase(std::prev(groups_[i].examples.end()));
  }
}

std::vector<event::Skipped> Losses::skipped() const {
  std::vector<event::Skipped> all;
  for (std::size_t i = 0; i < kLossKinds; ++i) {
    if (groups_[i].count == 0) continue;
    event::Skipped& skipped = all.emplace_back();
    skipped.reason = kTexts[i].reason;
    skipped.count = groups_[i].count;
    skipped.loss = kTexts[i].loss;
    for (const auto& [what, why] : groups_[i].examples) {
      skipped.examples.push_back({skipped.loss ? DiagnosticKind::kError : DiagnosticKind::kWarning,
                                  {what, 0, 0, 0},
                                  why,
                                  ""});
    }
  }
  return all;
}

}  // namespace vedette::scan::git
