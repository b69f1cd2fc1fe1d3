// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "formats/packages/jvm/jvm.h"
#include "formats/packages/jvm/pom_model.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr int kReplacementsMax = 64;  // of properties in one text
constexpr std::size_t kTextMax = 4096;
constexpr std::size_t kPropertiesMax = 100'000;

// A project's properties, its own coordinates among them.
class Properties {
 public:
  explicit Properties(const Node& project) {
    for (const Member& member : project["properties"].members) {
      values_[std::string(member.key)] = member.value.text;
    }
    const Node& parent = project["parent"];
    for (const std::string_view key : {"groupId", "artifactId", "version"}) {
      const std::string_view inherited = parent[key].text;
      const std::string_view own = project[key].text;
      const std::string_view value = own.empty() && key != "artifactId" ? inherited : own;
      for (const std::string_view prefix : {"project.", "pom.", ""}) {
        values_.try_emplace(std::string(prefix).append(key), value);
      }
      values_.try_emplace("project.parent." + std::string(key), inherited);
      values_.try_emplace("parent." + std::string(key), inherited);
    }
  }

  std::string resolve(std::string_view text) const {
    return replace_properties(text, [this](const std::string& name) {
      const auto found = values_.find(name);
      return found == values_.end() ? std::string_view() : found->second;
    });
  }

 private:
  std::unordered_map<std::string, std::string_view> values_;
};

Scope scope_of(const Node& dependency, std::string_view scope) {
  if (scope == "test") return Scope::kDevelopment;
  return dependency["optional"].text == "true" ? Scope::kOptional : Scope::kProduction;
}

// Maven knows <dependencies> of one list of <dependency>.
template <typename Visit>
void for_each_dependency(const Node& holder, Visit&& visit) {
  for (const Member& member : holder["dependencies"].members) {
    if (member.key == "dependency") visit(member.value);
  }
}

class PomReader {
 public:
  PomReader(const Node& project, PackageReading& reading)
      : project_(project), properties_(project), reading_(reading) {}

  PomModel take_model() { return std::move(model_); }

  void read() {
    const std::string artifact = properties_.resolve("${project.artifactId}");
    const std::string group = properties_.resolve("${project.groupId}");
    if (!project_["artifactId"].text.empty()) {
      const std::string version = properties_.resolve("${project.version}");
      root_ =
          reading_.add(group + ":" + artifact,
                       is_maven_version(version) ? std::string_view(version) : std::string_view(),
                       project_["artifactId"].line);
      reading_.at(root_).relation = Relation::kRoot;
      reading_.at(root_).licenses = licenses();
    }
    model_.package = root_;
    tell_family();
    manage(project_);
    add(project_);
    for (const Member& profile : project_["profiles"].members) {
      manage(profile.value);
      add(profile.value);
    }
  }

 private:
  std::string name_of(const Node& dependency) const {
    return properties_.resolve(dependency["groupId"].text) + ":" +
           properties_.resolve(dependency["artifactId"].text);
  }

  std::vector<std::string> licenses() const {
    std::vector<std::string> found;
    for (const Member& member : project_["licenses"].members) {
      const std::string_view name = member.value["name"].text;
      if (!name.empty()) found.emplace_back(name);
    }
    return found;
  }

  // What <dependencyManagement> says of dependencies that do not say it themselves.
  void manage(const Node& holder) {
    for_each_dependency(holder["dependencyManagement"], [this](const Node& dependency) {
      managed_.try_emplace(name_of(dependency), &dependency);
      model_.managed.push_back(as_written(dependency));
    });
  }

  void add(const Node& holder) {
    for_each_dependency(holder, [this](const Node& dependency) {
      if (dependency["artifactId"].text.empty()) {
        reading_.problem(dependency.line, "expected <artifactId> in <dependency>, found none");
        return;
      }
      const std::string name = name_of(dependency);
      const auto managed = managed_.find(name);
      const auto say = [&](std::string_view key) {
        const std::string_view own = dependency[key].text;
        const bool ask = own.empty() && managed != managed_.end();
        return properties_.resolve(ask ? (*managed->second)[key].text : own);
      };
      const std::string version = say("version");
      const std::uint32_t index = reading_.add(
          name, is_maven_version(version) ? std::string_view(version) : std::string_view(),
          dependency.line);
      Package& package = reading_.at(index);
      package.requested = version;
      package.relation = Relation::kDirect;
      package.scope = scope_of(dependency, say("scope"));
      reading_.need(root_, index);
      if (index == PackageReading::kNone) return;
      model_.dependencies.push_back(as_written(dependency));
      model_.dependencies.back().package = index;
    });
  }

  static PomDependency as_written(const Node& dependency) {
    return {std::string(dependency["groupId"].text), std::string(dependency["artifactId"].text),
            std::string(dependency["version"].text), std::string(dependency["scope"].text),
            dependency["type"].text == "pom",        0};
  }

  void tell_family() {
    model_.group = project_["groupId"].text;
    model_.artifact = project_["artifactId"].text;
    model_.version = project_["version"].text;
    const Node& parent = project_["parent"];
    model_.parent_group = parent["groupId"].text;
    model_.parent_artifact = parent["artifactId"].text;
    model_.parent_version = parent["version"].text;
    // An empty element says that it is not to be looked for beside this.
    model_.parent_path = parent.has("relativePath") ? parent["relativePath"].text : "../pom.xml";
    for (const Member& member : project_["properties"].members) {
      if (model_.properties.size() < kPropertiesMax)
        model_.properties.insert_or_assign(std::string(member.key), member.value.text);
    }
  }

  const Node& project_;
  PomModel model_;
  Properties properties_;
  PackageReading& reading_;
  std::uint32_t root_ = PackageReading::kNone;
  std::unordered_map<std::string, const Node*> managed_;
};

}  // namespace

// A range, or a property that is not known, settles on no version.
bool is_maven_version(std::string_view text) {
  return !text.empty() && text.find_first_of("[(,${") == std::string_view::npos;
}

std::string replace_properties(
    std::string_view text,
    const std::function<std::string_view(const std::string& name)>& value_of) {
  std::string out(text);
  std::size_t from = 0;
  for (int i = 0; i < kReplacementsMax; ++i) {
    const std::size_t open = out.find("${", from);
    const std::size_t close = open == std::string::npos ? open : out.find('}', open);
    if (close == std::string::npos) break;
    const std::string_view value = value_of(out.substr(open + 2, close - open - 2));
    if (value.empty()) {
      from = close;
    } else if (out.size() + value.size() > kTextMax) {
      break;
    } else {
      out.replace(open, close - open + 1, value);
    }
  }
  return out;
}

PackageList read_pom(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_xml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kMaven, tree);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  const Node& project = tree.root["project"];
  reading.expect(project.is_table(), 1, "<project>");
  PomReader reader(project, reading);
  reader.read();
  PackageList list = reading.take();
  if (project.is_table()) list.pom = std::make_shared<const PomModel>(reader.take_model());
  return list;
}

}  // namespace vedette::formats::packages
