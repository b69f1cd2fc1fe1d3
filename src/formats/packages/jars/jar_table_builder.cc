// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/jar_table_builder.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "base/hash.h"
#include "formats/packages/jars/jar_table.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::uint32_t kNobody = UINT32_MAX;

template <typename Number>
void append(Number value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Result<void> JarTableBuilder::begin(std::string artifact, std::string version) {
  const auto number = static_cast<std::uint32_t>(numbers_.size());
  release_ = numbers_.try_emplace({std::move(artifact), std::move(version)}, number).first->second;
  if (numbers_.size() <= kReleasesMax) return {};
  return failure(ErrorCode::kLimit,
                 fmt::format("expected at most {} releases, found more", kReleasesMax));
}

Result<void> JarTableBuilder::add(const ClassShape& shape) {
  if (!shape.tells) return {};
  if (classes_.size() >= kClassesMax) {
    return failure(ErrorCode::kLimit,
                   fmt::format("expected at most {} classes, found more", kClassesMax));
  }
  const auto next = static_cast<std::uint32_t>(packages_.size());
  const auto [at, is_new] = package_numbers_.try_emplace(std::string(folder_of(shape.name)), next);
  if (is_new) packages_.push_back(&at->first);
  classes_.push_back({shape.hash, release_, at->second});
  return {};
}

// So that numbers do not depend on the order in which releases came.
void JarTableBuilder::number_by_name() {
  std::vector<std::uint32_t> number_of(numbers_.size());
  const std::string* before = nullptr;
  for (auto& [key, number] : numbers_) {
    const auto sorted = static_cast<std::uint32_t>(artifacts_.size());
    const std::uint32_t last = artifacts_.empty() ? 0 : artifacts_.back();
    artifacts_.push_back(before == nullptr || *before == key.first ? last : last + 1);
    before = &key.first;
    number_of[number] = sorted;
    number = sorted;
  }
  for (Class& one : classes_) one.release = number_of[one.release];
}

// Of classes of one shape in one release the one with the shortest name counts.
void JarTableBuilder::keep_one_of_each() {
  std::ranges::sort(classes_, {}, [this](const Class& one) {
    return std::tuple(one.shape, one.release, package_rank(one.package));
  });
  const auto [end, last] = std::ranges::unique(classes_, [](const Class& a, const Class& b) {
    return a.shape == b.shape && a.release == b.release;
  });
  classes_.erase(end, last);
  std::vector<std::uint32_t> sizes(numbers_.size());
  for (const Class& one : classes_) ++sizes[one.release];
  artifact_sizes_.resize(artifacts_.empty() ? 0 : artifacts_.back() + 1);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::uint32_t& size = artifact_sizes_[artifacts_[i]];
    size = std::max(size, sizes[i]);
  }
}

// The artifact that a class is of, where several have it; kNobody when that cannot be said.
std::uint32_t JarTableBuilder::origin_of(const std::vector<Class>& same) const {
  std::map<std::uint32_t, std::uint32_t> packages;  // by artifact: the shortest
  for (const Class& one : same) {
    const auto [at, is_new] = packages.try_emplace(artifacts_[one.release], one.package);
    if (!is_new && package_rank(one.package) < package_rank(at->second)) at->second = one.package;
  }
  const auto rank = [&](const auto& entry) {
    return std::pair(packages_[entry.second]->size(), artifact_sizes_[entry.first]);
  };
  const auto [origin, from] = *std::ranges::min_element(packages, {}, rank);
  const std::string moved = "/" + *packages_[from];
  for (const auto& [artifact, package] : packages) {
    const bool is_taker = packages_[package]->ends_with(moved) ||
                          artifact_sizes_[artifact] / 2 > artifact_sizes_[origin];
    if (artifact != origin && !is_taker) return kNobody;
  }
  return origin;
}

std::vector<JarTableBuilder::Row> JarTableBuilder::make_rows() const {
  std::vector<Row> rows;
  std::vector<Class> same;
  for (std::size_t i = 0; i < classes_.size();) {
    same.clear();
    for (const std::uint64_t shape = classes_[i].shape;
         i < classes_.size() && classes_[i].shape == shape; ++i) {
      same.push_back(classes_[i]);
    }
    const std::uint32_t origin = origin_of(same);
    Row row{same.front().shape, {}};
    for (const Class& one : same) {
      if (artifacts_[one.release] == origin) row.owners.push_back(one.release);
    }
    // What thousands of releases have says nothing of a version; the newest by name are kept.
    if (row.owners.size() > JarTable::kOwnersMax)
      row.owners.erase(row.owners.begin(), row.owners.end() - JarTable::kOwnersMax);
    if (!row.owners.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

std::string JarTableBuilder::build() {
  number_by_name();
  keep_one_of_each();
  const std::vector<Row> rows = make_rows();
  std::vector<std::uint32_t> counts(numbers_.size());
  // Classes that came and went together have the same owners: each list stands once.
  std::map<std::vector<std::uint32_t>, std::uint32_t> lists;
  std::string row_bytes;
  std::string owners;
  for (const Row& row : rows) {
    const auto next = static_cast<std::uint32_t>(owners.size() / sizeof(std::uint32_t));
    const auto [at, is_new] = lists.try_emplace(row.owners, next);
    for (const std::uint32_t owner : row.owners) {
      ++counts[owner];
      if (is_new) append(owner, owners);
    }
    append(row.shape, row_bytes);
    append(at->second, row_bytes);
    append(static_cast<std::uint32_t>(row.owners.size()), row_bytes);
  }
  std::string releases;
  std::string texts;
  std::map<std::string_view, std::uint32_t> known;
  const auto append_text = [&](const std::string& text) {
    const auto [at, is_new] = known.try_emplace(text, static_cast<std::uint32_t>(texts.size()));
    if (is_new) texts += text;
    append(at->second, releases);
    append(static_cast<std::uint32_t>(text.size()), releases);
  };
  for (const auto& [key, number] : numbers_) {
    append_text(key.first);
    append_text(key.second);
    append(artifacts_[number], releases);
    append(counts[number], releases);
  }
  std::string checked;
  append(std::uint64_t{rows.size()}, checked);
  append(std::uint64_t{owners.size() / sizeof(std::uint32_t)}, checked);
  append(std::uint64_t{numbers_.size()}, checked);
  append(std::uint64_t{texts.size()}, checked);
  checked += row_bytes;
  checked += owners;
  checked += releases;
  checked += texts;
  std::string out(JarTable::kMagic);
  append(JarTable::kVersion, out);
  append(std::uint32_t{0}, out);
  append(std::uint64_t{JarTable::kCheckedFrom + checked.size()}, out);
  append(hash_bytes(checked), out);
  return out + checked;
}

}  // namespace vedette::formats::packages
