// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jvm/pom_family.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "formats/packages/jvm/jvm.h"
#include "formats/packages/jvm/pom_model.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kChainMax = 32;  // parents of parents
constexpr std::size_t kImportsMax = 1000;
// Managed dependencies that are looked at for all files: a project of a thousand modules has a few
// million.
constexpr std::size_t kStepsMax = 50'000'000;

// "a/b/../pom.xml" without dots; nothing where it leads out.
std::optional<std::string> joined(std::string_view folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const bool is_rooted = folder.starts_with('/');
  for (const std::string_view text : {folder, relative}) {
    for (const std::string_view part : words_of(text, "/")) {
      if (part == "." || part.empty()) continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty() || parts.back() == "..") {
        if (is_rooted) return std::nullopt;
        parts.push_back(part);
      } else {
        parts.pop_back();
      }
    }
  }
  std::string path = is_rooted ? "/" : "";
  for (const std::string_view part : parts) {
    if (!path.empty() && !path.ends_with('/')) path += '/';
    path += part;
  }
  return path;
}

class PomFamily {
 public:
  explicit PomFamily(std::vector<PackageFile>& files) : files_(files) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      const PomModel* const pom = files[i].list.pom.get();
      if (pom == nullptr) continue;
      by_path_.try_emplace(joined("", files[i].path).value_or(files[i].path), i);
      by_name_.try_emplace(group_of(*pom) + ':' + pom->artifact, i);
    }
  }

  void settle() {
    for (PackageFile& file : files_) {
      if (file.list.pom == nullptr) continue;
      settle(file);
      if (steps_ > kStepsMax) {
        file.list.problems.push_back(
            {DiagnosticKind::kError,
             {file.path, 0, 0, 0},
             "versions that other pom.xml files know could not be looked up: there are too many",
             ""});
        return;
      }
    }
  }

 private:
  // A project and its parents, from the innermost.
  using Chain = std::vector<const PackageFile*>;
  struct Said {
    std::string version;
    std::string scope;
  };

  static std::string group_of(const PomModel& pom) {
    return pom.group.empty() ? pom.parent_group : pom.group;
  }

  const PackageFile* parent_of(const PackageFile& file) const {
    const PomModel& pom = *file.list.pom;
    if (pom.parent_artifact.empty()) return nullptr;
    if (!pom.parent_path.empty()) {
      const std::string_view folder = folder_of(file.path);
      for (const std::string_view end : {"", "/pom.xml"}) {
        const auto path = joined(file.path.starts_with('/') && folder.empty() ? "/" : folder,
                                 pom.parent_path + std::string(end));
        const auto found = path ? by_path_.find(*path) : by_path_.end();
        if (found == by_path_.end()) continue;
        const PomModel& there = *files_[found->second].list.pom;
        if (there.artifact == pom.parent_artifact && group_of(there) == pom.parent_group)
          return &files_[found->second];
      }
    }
    return by_name(pom.parent_group + ':' + pom.parent_artifact, pom.parent_version);
  }

  // One that says plainly that it is of another version is another.
  const PackageFile* by_name(const std::string& name, std::string_view version) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    const PackageFile& file = files_[found->second];
    const PomModel& pom = *file.list.pom;
    const std::string_view own = pom.version.empty() ? pom.parent_version : pom.version;
    const bool are_plain = !own.contains("${") && !version.contains("${");
    return are_plain && own != version ? nullptr : &file;
  }

  Chain chain_of(const PackageFile& file) const {
    Chain chain;
    for (const PackageFile* one = &file; one != nullptr && chain.size() < kChainMax;
         one = parent_of(*one)) {
      if (std::ranges::find(chain, one) != chain.end()) break;
      chain.push_back(one);
    }
    return chain;
  }

  static std::string_view property(const Chain& chain, const std::string& name) {
    for (const PackageFile* const file : chain) {
      const PomModel& pom = *file->list.pom;
      if (const auto found = pom.properties.find(name); found != pom.properties.end())
        return found->second;
    }
    std::string_view key = name;
    for (const std::string_view prefix : {"project.", "pom."}) {
      if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
    }
    const PomModel& own = *chain.front()->list.pom;
    if (key == "parent.version") return own.parent_version;
    if (key == "parent.groupId") return own.parent_group;
    if (key == "parent.artifactId") return own.parent_artifact;
    if (key == "artifactId") return own.artifact;
    if (key == "groupId") return own.group.empty() ? own.parent_group : own.group;
    if (key == "version") return own.version.empty() ? own.parent_version : own.version;
    return {};
  }

  static std::string resolve(const Chain& chain, std::string_view text) {
    return replace_properties(text,
                              [&chain](const std::string& name) { return property(chain, name); });
  }

  static std::string name_of(const Chain& chain, const PomDependency& dependency) {
    return resolve(chain, dependency.group) + ':' + resolve(chain, dependency.artifact);
  }

  // What the managements of the project, its parents and what these import say of dependencies; the
  // first to say something holds, and what is imported comes last.
  std::unordered_map<std::string, Said> management_of(const PackageFile& file) {
    std::unordered_map<std::string, Said> said;
    std::vector<const PackageFile*> sources = {&file};
    for (std::size_t i = 0; i < sources.size() && i < kImportsMax; ++i) {
      const Chain chain = chain_of(*sources[i]);
      for (const PackageFile* const holder : chain) {
        for (const PomDependency& one : holder->list.pom->managed) {
          if (++steps_ > kStepsMax) return said;
          const std::string name = name_of(chain, one);
          if (one.is_pom && one.scope == "import") {
            const PackageFile* const from = by_name(name, resolve(chain, one.version));
            if (from != nullptr && std::ranges::find(sources, from) == sources.end())
              sources.push_back(from);
          } else {
            said.try_emplace(name, resolve(chain, one.version), resolve(chain, one.scope));
          }
        }
      }
    }
    return said;
  }

  void settle(PackageFile& file) {
    const PomModel& pom = *file.list.pom;
    const Chain chain = chain_of(file);
    if (pom.package < file.list.packages.size()) {
      Package& own = file.list.packages[pom.package];
      own.name = resolve(chain, "${project.groupId}:${project.artifactId}");
      const std::string version = resolve(chain, "${project.version}");
      if (is_maven_version(version)) own.version = version;
    }
    const std::unordered_map<std::string, Said> said = management_of(file);
    for (const PomDependency& one : pom.dependencies) {
      Package& package = file.list.packages[one.package];
      package.name = name_of(chain, one);
      const auto managed = said.find(package.name);
      const bool is_managed = managed != said.end();
      const std::string version =
          one.version.empty() && is_managed ? managed->second.version : resolve(chain, one.version);
      if (is_maven_version(version)) package.version = version;
      if (!version.empty()) package.requested = version;
      if (one.scope.empty() && is_managed && managed->second.scope == "test")
        package.scope = Scope::kDevelopment;
    }
  }

  std::vector<PackageFile>& files_;
  std::unordered_map<std::string, std::size_t> by_path_;
  std::unordered_map<std::string, std::size_t> by_name_;  // "group:artifact"
  std::size_t steps_ = 0;
};

}  // namespace

void settle_poms(std::vector<PackageFile>& files) { PomFamily(files).settle(); }

}  // namespace vedette::formats::packages
