// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/taken_artifacts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "formats/packages/text.h"
#include "formats/versions/version_order.h"

namespace vedette::formats::packages {
namespace {

// The folders that both begin with.
std::string_view common_folder(std::string_view a, std::string_view b) {
  const auto differ = std::ranges::mismatch(a, b);
  const bool a_ends = differ.in1 == a.end() && (differ.in2 == b.end() || *differ.in2 == '/');
  const bool b_ends = differ.in2 == b.end() && differ.in1 != a.end() && *differ.in1 == '/';
  if (a_ends) return a;
  if (b_ends) return b;
  const auto same = a.substr(0, static_cast<std::size_t>(differ.in1 - a.begin()));
  return same.substr(0, same.find_last_of('/') == std::string_view::npos ? 0 : same.rfind('/'));
}

}  // namespace

void TakenArtifacts::add(const ClassShape& shape, std::string_view member) {
  if (!shape.tells || !seen_.insert(shape.hash).second) return;
  ++folders_[std::string(folder_of(member))];
  std::vector<std::uint32_t> owners = table_.owners(shape.hash);
  if (owners.empty()) return;
  for (const std::uint32_t owner : owners) ++found_[owner];
  hits_.push_back({std::move(owners), std::string(folder_of(member))});
}

bool TakenArtifacts::fits_better(std::uint32_t release, std::uint32_t than) const {
  const JarTable::Release a = table_.release(release);
  const JarTable::Release b = table_.release(than);
  const std::uint32_t in_a = found_.at(release);
  const std::uint32_t in_b = found_.at(than);
  if (in_a != in_b) return in_a > in_b;
  if (a.classes != b.classes) return a.classes < b.classes;
  return versions::compare(Ecosystem::kMaven, a.version, b.version) > 0;
}

bool TakenArtifacts::fits_equally(std::uint32_t a, std::uint32_t b) const {
  return found_.at(a) == found_.at(b) && table_.release(a).classes == table_.release(b).classes;
}

bool TakenArtifacts::is_enough(std::uint32_t count, const JarTable::Release& release) {
  constexpr std::uint64_t kFifth = 5;
  const std::uint64_t found = count;
  if (found < kClassesMin) return false;
  return found * 2 >= release.classes ||
         (found >= kClassesEnough && found * kFifth >= release.classes);
}

// Where their classes lie. `chosen`: by release, into `taken`.
void TakenArtifacts::add_places(const std::unordered_map<std::uint32_t, std::size_t>& chosen,
                                std::vector<TakenArtifact>& taken) const {
  std::vector<std::set<std::string_view>> folders(taken.size());
  for (const Hit& hit : hits_) {
    for (const std::uint32_t owner : hit.owners) {
      if (const auto found = chosen.find(owner); found != chosen.end())
        folders[found->second].insert(hit.folder);
    }
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::string_view common = *folders[i].begin();
    std::uint32_t all = 0;
    for (const std::string_view folder : folders[i]) {
      common = common_folder(common, folder);
      all += folders_.at(std::string(folder));
    }
    taken[i].folder = common;
    taken[i].others = all - std::min(all, taken[i].found);
  }
}

std::vector<TakenArtifact> TakenArtifacts::find() const {
  // By artifact, its releases that have some of the classes, in the order of the table.
  std::map<std::uint32_t, std::vector<std::uint32_t>> candidates;
  for (const auto& [release, count] : found_)
    candidates[table_.release(release).artifact_number].push_back(release);
  std::unordered_map<std::uint32_t, std::size_t> chosen;
  std::vector<TakenArtifact> taken;
  for (auto& [artifact, releases] : candidates) {
    std::ranges::sort(releases);
    std::uint32_t best = releases.front();
    for (const std::uint32_t release : releases) {
      if (fits_better(release, best)) best = release;
    }
    const JarTable::Release release = table_.release(best);
    const std::uint32_t count = found_.at(best);
    if (!is_enough(count, release)) continue;
    chosen.emplace(best, taken.size());
    TakenArtifact& one = taken.emplace_back();
    one.artifact = release.artifact;
    one.version = release.version;
    one.found = count;
    one.classes = release.classes;
    for (const std::uint32_t other : releases) {
      if (other != best && fits_equally(other, best))
        one.also.push_back(table_.release(other).version);
    }
  }
  add_places(chosen, taken);
  return taken;
}

}  // namespace vedette::formats::packages
