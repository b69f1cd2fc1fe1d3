// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/packages/package.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {

// What a reader of one file fills: packages, the names by which others in the file refer to them,
// what is needed by name, and what was wrong. Names are resolved in take(), when all are known.
//
//   PackageReading reading(path, Ecosystem::kGem);
//   const auto index = reading.add("rack", "3.0.1", 7);
//   reading.know("rack", index);
//   reading.need(index, "webrick");
//   reading.ask("rack", Scope::kProduction);  // the project itself asks for it
//   return reading.take();
class PackageReading {
 public:
  static constexpr std::size_t kPackagesMax = 1'000'000;
  static constexpr std::size_t kNeedsMax = 8'000'000;
  static constexpr std::size_t kProblemsMax = 100;  // told; the rest is counted
  static constexpr std::uint32_t kNone = UINT32_MAX;

  PackageReading(std::string_view path, Ecosystem ecosystem) : path_(path), ecosystem_(ecosystem) {}
  // Takes over the problems of a text.
  PackageReading(std::string_view path, Ecosystem ecosystem, Tree& tree)
      : PackageReading(path, ecosystem) {
    for (Diagnostic& problem : tree.problems) list_.problems.push_back(std::move(problem));
  }

  // The new package's index. Beyond kPackagesMax, without a name or with an address for one: kNone,
  // and a problem.
  std::uint32_t add(std::string_view name, std::string_view version, std::uint32_t line);
  // Of an index that add() gave; what is said of kNone is forgotten.
  Package& at(std::uint32_t index) { return index == kNone ? refused_ : list_.packages[index]; }
  std::size_t size() const { return list_.packages.size(); }

  // The first package of a name keeps it.
  void know(std::string key, std::uint32_t index) {
    if (index != kNone) known_.try_emplace(std::move(key), index);
  }
  std::uint32_t find(const std::string& key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? kNone : found->second;
  }
  // A name that nothing is known by is passed over: files leave out what another platform needs.
  void need(std::uint32_t index, std::string key);
  void need(std::uint32_t index, std::uint32_t needed);
  // What the project itself asks for. When something was asked for, take() makes the others
  // transitive.
  void ask(const std::string& key, Scope scope) { asked_.emplace_back(key, scope); }
  void ask(std::uint32_t index, Scope scope);

  // For files that tell what the project asks for and what needs what: take() makes the scopes of
  // that, and they are known then.
  void scopes_by_reach() { scopes_by_reach_ = true; }

  void problem(std::uint32_t line, std::string message);
  // For "expected a table of packages under "packages", found none".
  void expect(bool right, std::uint32_t line, std::string_view what);

  PackageList& list() { return list_; }
  PackageList take();

 private:
  std::string path_;
  Ecosystem ecosystem_;
  PackageList list_;
  Package refused_;
  std::unordered_map<std::string, std::uint32_t> known_;
  std::vector<std::pair<std::uint32_t, std::string>> wanted_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> needed_;
  std::vector<std::pair<std::string, Scope>> asked_;
  std::vector<std::pair<std::uint32_t, Scope>> direct_;
  std::size_t problems_ = 0;
  bool scopes_by_reach_ = false;
};

// A package that the project itself asks for, and what for.
using DirectNeed = std::pair<std::uint32_t, Scope>;

// Makes what is asked for direct and all others, but roots, transitive. Unless scopes are known,
// each gets the strongest scope that it is reached with: production, then optional, then
// development; what is not reached stays what it is.
void mark_relations(const std::vector<DirectNeed>& direct, PackageList& list);

// Lets the manifest of a project say of its lock file's packages, where that does not, which are
// direct and what for.
void apply_manifest(const PackageList& manifest, PackageList& lock);

// Licences as files write them: a text, a list of texts, or tables with "type" or "name".
std::vector<std::string> licenses_of(const Node& node);

}  // namespace vedette::formats::packages
