// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/package_reading.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::array kStrongestFirst = {Scope::kProduction, Scope::kOptional, Scope::kDevelopment};

// Whether a list of ranges ("^1.0.0, ^1.2.0") holds one.
bool requests(std::string_view list, std::string_view range) {
  for (std::size_t at = list.find(range); at != std::string_view::npos;
       at = list.find(range, at + 1)) {
    const std::size_t end = at + range.size();
    const bool begins = at == 0 || (at >= 2 && list.substr(at - 2, 2) == ", ");
    if (begins && (end == list.size() || list.substr(end, 2) == ", ")) return true;
  }
  return false;
}

// Which of the packages of a name is what a manifest asks for: all, where nothing tells them apart.
std::vector<std::uint32_t> of_request(const Package& asked,
                                      const std::vector<std::uint32_t>& candidates,
                                      const PackageList& lock) {
  std::vector<std::uint32_t> same;
  std::vector<std::uint32_t> exact;
  for (const std::uint32_t index : candidates) {
    const Package& package = lock.packages[index];
    if (package.ecosystem != asked.ecosystem) continue;
    same.push_back(index);
    const bool from_there = !asked.resolved.empty() && package.resolved == asked.resolved;
    if (from_there || (!asked.requested.empty() && requests(package.requested, asked.requested))) {
      exact.push_back(index);
    }
  }
  return exact.empty() ? same : exact;
}

}  // namespace

std::uint32_t PackageReading::add(std::string_view name, std::string_view version,
                                  std::uint32_t line) {
  if (name.empty()) {
    problem(line, "expected the name of a package, found none");
    return kNone;
  }
  // A name is shown everywhere; an address may hold a password.
  if (name.find("://") != std::string_view::npos) {
    problem(line, "expected the name of a package, found an address");
    return kNone;
  }
  if (list_.packages.size() >= kPackagesMax) {
    problem(line, fmt::format("expected at most {} packages, found more", kPackagesMax));
    return kNone;
  }
  Package package;
  package.ecosystem = ecosystem_;
  package.name = name;
  package.version = version;
  package.path = path_;
  package.line = line;
  list_.packages.push_back(std::move(package));
  return static_cast<std::uint32_t>(list_.packages.size() - 1);
}

void PackageReading::need(std::uint32_t index, std::string key) {
  if (index == kNone || wanted_.size() >= kNeedsMax) return;
  wanted_.emplace_back(index, std::move(key));
}

void PackageReading::need(std::uint32_t index, std::uint32_t needed) {
  if (index == kNone || needed == kNone || needed_.size() >= kNeedsMax) return;
  needed_.emplace_back(index, needed);
}

void PackageReading::ask(std::uint32_t index, Scope scope) {
  if (index != kNone) direct_.emplace_back(index, scope);
}

void PackageReading::problem(std::uint32_t line, std::string message) {
  if (++problems_ > kProblemsMax) return;
  list_.problems.push_back({DiagnosticKind::kError, {path_, line, 0, 0}, std::move(message), ""});
}

void PackageReading::expect(bool right, std::uint32_t line, std::string_view what) {
  // A text that could not be read has said so.
  if (right || !list_.problems.empty()) return;
  problem(line, fmt::format("expected {}, found none", what));
}

PackageList PackageReading::take() {
  for (const auto& [index, key] : wanted_) need(index, find(key));
  for (const auto& [index, needed] : needed_) {
    list_.packages[index].needs.push_back(needed);
  }
  for (Package& package : list_.packages) {
    package.version = without_credentials(package.version);
    package.requested = without_credentials(package.requested);
    package.resolved = without_credentials(package.resolved);
    std::sort(package.needs.begin(), package.needs.end());
    package.needs.erase(std::unique(package.needs.begin(), package.needs.end()),
                        package.needs.end());
  }
  for (const auto& [key, scope] : asked_) ask(find(key), scope);
  if (!direct_.empty()) mark_relations(direct_, list_);
  list_.scopes_known = list_.scopes_known || scopes_by_reach_;
  if (problems_ > kProblemsMax) {
    const std::size_t more = problems_ - kProblemsMax;
    problems_ = 0;
    problem(0, fmt::format("{} more problems of the kind", more));
  }
  return std::move(list_);
}

void mark_relations(const std::vector<DirectNeed>& direct, PackageList& list) {
  for (Package& package : list.packages) {
    if (package.relation != Relation::kRoot) package.relation = Relation::kTransitive;
  }
  for (const auto& [index, scope] : direct) {
    Package& package = list.packages[index];
    if (package.relation != Relation::kRoot) package.relation = Relation::kDirect;
  }
  if (list.scopes_known) return;
  std::vector<bool> reached(list.packages.size());
  std::vector<std::uint32_t> open;
  for (const Scope scope : kStrongestFirst) {
    for (const auto& [index, asked_for] : direct) {
      if (asked_for == scope) open.push_back(index);
    }
    while (!open.empty()) {
      const std::uint32_t index = open.back();
      open.pop_back();
      if (reached[index]) continue;
      reached[index] = true;
      list.packages[index].scope = scope;
      const std::vector<std::uint32_t>& needs = list.packages[index].needs;
      open.insert(open.end(), needs.begin(), needs.end());
    }
  }
}

void apply_manifest(const PackageList& manifest, PackageList& lock) {
  const bool relations_known =
      std::none_of(lock.packages.begin(), lock.packages.end(),
                   [](const Package& package) { return package.relation == Relation::kUnknown; });
  if (relations_known && lock.scopes_known) return;
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> by_name;
  std::vector<DirectNeed> direct;
  for (std::uint32_t i = 0; i < lock.packages.size(); ++i) {
    const Package& package = lock.packages[i];
    if (!relations_known || package.relation == Relation::kDirect) {
      by_name[package.name].push_back(i);
    }
  }
  std::vector<bool> named(lock.packages.size());
  for (const Package& asked : manifest.packages) {
    const auto found = by_name.find(asked.name);
    if (found == by_name.end()) continue;
    for (const std::uint32_t index : of_request(asked, found->second, lock)) {
      direct.emplace_back(index, asked.scope);
      named[index] = true;
    }
  }
  if (direct.empty()) return;
  for (std::uint32_t i = 0; relations_known && i < lock.packages.size(); ++i) {
    const Package& package = lock.packages[i];
    if (package.relation == Relation::kDirect && !named[i]) direct.emplace_back(i, package.scope);
  }
  mark_relations(direct, lock);
}

std::vector<std::string> licenses_of(const Node& node) {
  std::vector<std::string> licenses;
  const auto add = [&](const Node& one) {
    const Node& named = one["type"].is_text() ? one["type"] : one["name"];
    const std::string_view text = one.is_table() ? named.text : one.text;
    if (!text.empty()) licenses.emplace_back(text);
  };
  if (node.is_list()) {
    for (const Member& member : node.members) add(member.value);
  } else {
    add(node);
  }
  return licenses;
}

}  // namespace vedette::formats::packages
