// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {
namespace {

// One call of a MODULE.bazel: `name(key = "text", other = True)`. The language is Starlark; calls
// with texts are all that modules use for what they need.
struct Call {
  std::string_view name;
  std::uint32_t line = 0;
  std::unordered_map<std::string_view, std::string_view> arguments;
};

class ModuleFile {
 public:
  explicit ModuleFile(std::string_view text) : text_(text) {}

  // The next call at the outermost level; false at the end.
  bool next(Call& call) {
    call = {};
    while (skip_blanks()) {
      const std::string_view word = take_word();
      if (word.empty()) {
        take_other();
        continue;
      }
      call.line = line_;
      if (!skip_blanks()) return false;
      if (text_[at_] == '=') take_variable(word);
      if (at_ >= text_.size() || text_[at_] != '(') continue;
      call.name = word;
      ++at_;
      take_arguments(call);
      return true;
    }
    return false;
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (kBlanks.find(c) == std::string_view::npos) return true;
      line_ += c == '\n' ? 1 : 0;
      ++at_;
    }
    return false;
  }

  std::string_view take_word() {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    const std::size_t end = std::min(text_.find_first_not_of(kLetters, at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  // A text with its quotes off, or one letter.
  std::string_view take_other() {
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'') {
      ++at_;
      return {};
    }
    const bool is_long = text_.substr(at_).starts_with(std::string(3, quote));
    const std::string mark(is_long ? 3 : 1, quote);
    const std::size_t begin = at_ + mark.size();
    std::size_t end = begin;
    while (end < text_.size() && !text_.substr(end).starts_with(mark)) {
      line_ += text_[end] == '\n' ? 1 : 0;
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    at_ = std::min(end + mark.size(), text_.size());
    return text_.substr(begin, end - begin);
  }

  // `name = "text"`, from the sign; of more nothing is known.
  void take_variable(std::string_view name) {
    ++at_;
    if (!skip_blanks() || (text_[at_] != '"' && text_[at_] != '\'')) return;
    const std::string_view value = take_other();
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view rest = trimmed(text_.substr(at_, end - at_));
    if (rest.empty() || rest.starts_with('#')) variables_.insert_or_assign(name, value);
  }

  // What was just taken, when it is all of an argument and nothing is computed of it.
  std::string_view whole(std::string_view value) {
    const bool ends = skip_blanks() && (text_[at_] == ',' || text_[at_] == ')');
    return ends ? value : std::string_view();
  }

  void take_arguments(Call& call) {
    std::size_t depth = 1;
    std::string_view key;
    while (depth > 0 && skip_blanks()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        const std::string_view value = take_other();
        if (depth == 1 && !key.empty()) call.arguments.try_emplace(key, whole(value));
        key = {};
      } else if (const std::string_view word = take_word(); !word.empty()) {
        if (!key.empty() && depth == 1) {
          const auto variable = variables_.find(word);
          const bool is_switch = word == "True" || word == "False";
          const std::string_view value = variable != variables_.end() ? variable->second
                                         : is_switch                  ? word
                                                                      : std::string_view();
          call.arguments.try_emplace(key, whole(value));
          key = {};
        } else if (skip_blanks() && text_[at_] == '=' && depth == 1) {
          key = word;
        }
      } else {
        depth += c == '(' || c == '[' || c == '{' ? 1 : 0;
        depth -= c == ')' || c == ']' || c == '}' ? 1 : 0;
        if (c == ',') key = {};
        ++at_;
      }
    }
  }

  std::string_view text_;  // the caller's
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::unordered_map<std::string_view, std::string_view> variables_;
};

// "group:artifact:version", "group:artifact:type:version", "group:artifact:type:classifier:version"
struct Coordinates {
  std::string name;
  std::string_view version;
};
Coordinates coordinates_of(std::string_view text) {
  const Halves group = cut_first(text, ":");
  const Halves artifact = cut_first(group.behind, ":");
  const Halves last = cut_last(artifact.behind, ":");
  return {std::string(group.before) + ':' + std::string(artifact.before),
          last.found ? last.behind : artifact.behind};
}

// "group:artifact:type:classifier" is of the package "group:artifact".
std::string maven_name(std::string_view key) {
  const Halves group = cut_first(key, ":");
  return std::string(group.before) + ':' + std::string(cut_first(group.behind, ":").before);
}

// rules_jvm_external since 5: versions of artifacts, and what each needs.
void read_artifacts(const Node& root, PackageReading& reading) {
  for (const Member& member : root["artifacts"].members) {
    const std::string name = maven_name(member.key);
    if (reading.find(name) != PackageReading::kNone) continue;
    const std::uint32_t index = reading.add(name, member.value["version"].text, member.line);
    reading.know(name, index);
    const Node& sum = member.value["shasums"]["jar"];
    if (sum.is_text()) reading.at(index).checksum = "sha256:" + std::string(sum.text);
  }
  for (const Member& member : root["dependencies"].members) {
    const std::uint32_t index = reading.find(maven_name(member.key));
    for (const Member& need : member.value.members)
      reading.need(index, maven_name(need.value.text));
  }
}

// Before: a list with coordinates, of archives of sources too.
void read_coordinates(const Node& dependencies, PackageReading& reading) {
  for (const Member& member : dependencies.members) {
    const Node& entry = member.value;
    const Coordinates own = coordinates_of(entry["coord"].text);
    if (reading.find(own.name) != PackageReading::kNone) continue;
    const std::uint32_t index = reading.add(own.name, own.version, member.line);
    reading.know(own.name, index);
    if (entry["sha256"].is_text())
      reading.at(index).checksum = "sha256:" + std::string(entry["sha256"].text);
    for (const Member& need : entry["directDependencies"].members)
      reading.need(index, coordinates_of(need.value.text).name);
  }
}

// Bazel 6 to 7.1: what each module needs.
void read_module_graph(const Node& graph, PackageReading& reading) {
  for (const Member& member : graph.members) {
    const Node& entry = member.value;
    const bool own = member.key == "<root>";
    const std::uint32_t index =
        own && entry["name"].text.empty()
            ? PackageReading::kNone
            : reading.add(entry["name"].text, entry["version"].text, member.line);
    if (own) reading.at(index).relation = Relation::kRoot;
    reading.know(std::string(member.key), index);
    for (const Member& need : entry["deps"].members) {
      reading.need(index, std::string(need.value.text));
      if (own) reading.ask(std::string(need.value.text), Scope::kProduction);
    }
  }
}

// Since then: the files of a registry that were read. Of all versions that anybody asks for there
// is a MODULE.bazel, a source.json only of the one that is used.
void read_registry_files(const Node& files, PackageReading& reading) {
  constexpr std::string_view kModules = "/modules/";
  for (const Member& member : files.members) {
    if (!member.key.ends_with("/source.json")) continue;
    const std::size_t at = member.key.rfind(kModules);
    if (at == std::string_view::npos) continue;
    const Halves name = cut_first(member.key.substr(at + kModules.size()), "/");
    const std::uint32_t index =
        reading.add(name.before, cut_first(name.behind, "/").before, member.line);
    reading.know(std::string(name.before), index);
  }
}

}  // namespace

PackageList read_bazel_module(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kNone);
  reading.list().complete = false;
  reading.list().scopes_known = true;
  ModuleFile file(bytes);
  for (Call call; file.next(call);) {
    if (call.name != "module" && call.name != "bazel_dep") continue;
    const std::string_view name = call.arguments["name"];
    if (name.empty()) continue;
    const std::string_view version = call.arguments["version"];
    Package& package = reading.at(reading.add(name, version, call.line));
    package.relation = call.name == "module" ? Relation::kRoot : Relation::kDirect;
    if (call.name == "bazel_dep") package.requested = version;
    if (call.arguments["dev_dependency"] == "True") package.scope = Scope::kDevelopment;
  }
  return reading.take();
}

PackageList read_bazel_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNone, tree);
  const Node& graph = tree.root["moduleDepGraph"];
  const Node& files = tree.root["registryFileHashes"];
  reading.expect(graph.is_table() || files.is_table(), 1,
                 "\"registryFileHashes\" or \"moduleDepGraph\"");
  if (graph.is_table()) {
    read_module_graph(graph, reading);
  } else {
    read_registry_files(files, reading);
  }
  return reading.take();
}

PackageList read_maven_install(std::string_view path, std::string_view bytes,
                               const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kMaven, tree);
  const Node& old = tree.root["dependency_tree"]["dependencies"];
  reading.expect(tree.root["artifacts"].is_table() || old.is_list(), 1,
                 "\"artifacts\" or \"dependency_tree\"");
  if (old.is_list()) {
    read_coordinates(old, reading);
  } else {
    read_artifacts(tree.root, reading);
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
