// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <span>

#include "rules/falco/rule_reader.h"
#include "rules/falco/yaml_values.h"

namespace vedette::rules::falco {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

// Plugins whose fields and events are known here.
constexpr std::array<std::string_view, 8> kPlugins = {
    "container", "k8saudit", "k8saudit-eks", "cloudtrail", "okta", "github", "json", "k8smeta"};

struct Version {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned patch = 0;
  auto operator<=>(const Version&) const = default;
};

// "0.57.0", and "57" for it.
std::optional<Version> parse_version(std::string_view text) {
  std::array<unsigned, 3> parts{};
  std::size_t count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (count < parts.size()) {
    const auto [stop, error] = std::from_chars(at, end, parts[count]);
    if (error != std::errc()) return std::nullopt;
    at = stop;
    ++count;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (at != end && *at != '-' && *at != '+') return std::nullopt;
  if (count == 1) return Version{0, parts[0], 0};
  if (count != 3) return std::nullopt;
  return Version{parts[0], parts[1], parts[2]};
}

class ItemReader {
 public:
  ItemReader(const Node& node, const std::string& file, Reading& reading)
      : node_(node), file_(file), reading_(reading) {}

  void run() {
    if (node_.kind != NodeKind::kMapping) {
      return refuse_item("", {"expected a map with rule, macro or list, found something else", {}});
    }
    struct Kind {
      std::string_view key;
      Parsed<void> (ItemReader::*read)(const std::string& name);
      std::span<const std::string_view> keys;
    };
    static constexpr std::string_view kListKeys[] = {"list", "items", "append", "override"};
    static constexpr std::string_view kMacroKeys[] = {"macro", "condition", "append", "override"};
    static constexpr std::string_view kRuleKeys[] = {
        "rule",   "condition", "output",           "desc",          "priority",
        "source", "enabled",   "capture",          "warn_evttypes", "skip-if-unknown-filter",
        "tags",   "append",    "capture_duration", "exceptions",    "override",
        "action"};
    static constexpr std::string_view kVersionKeys[] = {"required_engine_version"};
    static constexpr std::string_view kPluginKeys[] = {"required_plugin_versions"};
    static constexpr Kind kKinds[] = {
        {"required_engine_version", &ItemReader::engine_version, kVersionKeys},
        {"required_plugin_versions", &ItemReader::plugin_versions, kPluginKeys},
        {"list", &ItemReader::list, kListKeys},
        {"macro", &ItemReader::macro, kMacroKeys},
        {"rule", &ItemReader::rule, kRuleKeys},
    };
    for (const Kind& kind : kKinds) {
      const Node* const name = node_.find(kind.key);
      if (name == nullptr) continue;
      warn_unknown_keys(kind.keys);
      const auto read = (this->*kind.read)(std::string(name->text));
      const bool named = kind.key == "rule" || kind.key == "macro" || kind.key == "list";
      if (!read.has_value()) refuse_item(named ? name->text : "", read.error());
      return;
    }
    warn(node_, "this item is no rule, macro, list or required version",
         "it is passed over; correct its key");
  }

 private:
  Parsed<void> engine_version(const std::string& text) {
    const auto version = parse_version(text);
    if (!version) {
      return refuse(fmt::format("expected a version like 0.57.0, found '{}'", text), text);
    }
    const Version own = *parse_version(kEngineVersion);
    if (version->major == own.major && *version <= own) return {};
    warn(node_, fmt::format("the file needs engine {}, this one speaks {}", text, kEngineVersion),
         "rules with newer fields or operators are refused");
    return {};
  }

  Parsed<void> plugin_versions(const std::string& /*name*/) {
    const Node& list = *node_.find("required_plugin_versions");
    if (list.kind != NodeKind::kSequence) {
      return refuse("'required_plugin_versions' must be a list", "required_plugin_versions");
    }
    for (const Node* plugin : list.elements) {
      TRY(bool known, plugin_known(*plugin));
      const Node* const alternatives = plugin->find("alternatives");
      if (alternatives != nullptr) {
        for (const Node* other : alternatives->elements) {
          TRY(const bool other_known, plugin_known(*other));
          known = known || other_known;
        }
      }
      if (known) continue;
      warn(*plugin, fmt::format("the plugin '{}' is unknown", plugin->find("name")->text),
           "rules about its events and fields are passed over or refused");
    }
    return {};
  }

  Parsed<bool> plugin_known(const Node& plugin) {
    TRY(const Written name, required_text(plugin, "name", file_));
    TRY(const Written version, required_text(plugin, "version", file_));
    if (!parse_version(version.text)) {
      return refuse(fmt::format("expected a version like 0.4.0 of the plugin '{}', found '{}'",
                                name.text, version.text),
                    version.text);
    }
    return std::ranges::find(kPlugins, name.text) != kPlugins.end();
  }

  Parsed<void> list(const std::string& name) {
    if (name.empty()) return refuse("the list has no name");
    if (name.find_first_of("()\"' \t\r\n=,") != std::string::npos) {
      warn(node_, fmt::format("conditions cannot name the list '{}'", name),
           "leave out blanks, quotes, brackets, commas and '='");
    }
    TRY(auto items, optional_texts(node_, "items"));
    if (!items) return refuse("the key 'items' is missing");
    ListItem list{name, place_of(node_, file_), std::move(*items)};
    static const Keys kKeys = {"items"};
    TRY(const Overrides overrides, read_overrides(node_, kKeys, kKeys));
    TRY(const bool append, read_append(node_, overrides, file_, reading_));
    if (append || !overrides.append.empty()) return reading_.items.append(std::move(list));
    reading_.items.define(std::move(list));
    return {};
  }

  Parsed<void> macro(const std::string& name) {
    const auto is_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty()) return refuse("the macro has no name");
    if (!std::ranges::all_of(name, is_word) || name.front() == '_' ||
        (name.front() >= '0' && name.front() <= '9')) {
      warn(node_, fmt::format("conditions cannot name the macro '{}'", name),
           "use a letter, then letters, digits and '_'");
    }
    TRY(Written condition, required_text(node_, "condition", file_));
    MacroItem macro{name, std::move(condition)};
    static const Keys kKeys = {"condition"};
    TRY(const Overrides overrides, read_overrides(node_, kKeys, kKeys));
    TRY(const bool append, read_append(node_, overrides, file_, reading_));
    if (append || !overrides.append.empty()) return reading_.items.append(std::move(macro));
    reading_.items.define(std::move(macro));
    return {};
  }

  Parsed<void> rule(const std::string& name) {
    if (name.empty()) return refuse("the rule has no name");
    return read_rule(node_, name, file_, reading_);
  }

  void warn_unknown_keys(std::span<const std::string_view> known) {
    for (const auto& member : node_.members) {
      if (std::ranges::find(known, member.key->text) != known.end()) continue;
      warn(*member.key, fmt::format("the key '{}' is unknown", member.key->text),
           "it is passed over; correct or remove it");
    }
  }

  void warn(const Node& node, std::string message, std::string hint) {
    reading_.warnings.push_back(
        {DiagnosticKind::kWarning, place_of(node, file_), std::move(message), std::move(hint)});
  }

  void refuse_item(std::string_view name, const Problem& problem) {
    reading_.refused.push_back(
        {file_, node_.line, node_.column, std::string(name), problem.message});
  }

  const Node& node_;  // the caller's, like the two below
  const std::string& file_;
  Reading& reading_;
};

}  // namespace

void read_item(const Node& node, const std::string& file, Reading& reading) {
  ItemReader(node, file, reading).run();
}

}  // namespace vedette::rules::falco
