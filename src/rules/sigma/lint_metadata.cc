// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "event/alert.h"
#include "rules/sigma/lint.h"
#include "rules/sigma/rule.h"

namespace vedette::rules::sigma {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

// Specification 2.1.0, "Status".
constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental",
                                                       "deprecated", "unsupported"};
constexpr std::size_t kTitleCharactersMax = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `pattern`: 0 stands for a digit, a for a lower-case letter, h for a hexadecimal digit, anything
// else for itself.
bool has_shape(std::string_view text, std::string_view pattern) {
  return std::ranges::equal(text, pattern, [](char c, char wanted) {
    if (wanted == '0') return is_digit(c);
    if (wanted == 'a') return c >= 'a' && c <= 'z';
    if (wanted == 'h') return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    return c == wanted;
  });
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

// Tactics by name, techniques, groups and software by number. Tactics change with each release of
// the framework, so any word is taken for one.
bool is_attack(std::string_view name) {
  if (name.size() > 1 && is_digit(name[1])) {
    if (name[0] == 't') return has_shape(name, "t0000") || has_shape(name, "t0000.000");
    if (name[0] == 'g') return has_shape(name, "g0000");
    if (name[0] == 's') return has_shape(name, "s0000");
  }
  return is_word(name) && name.find('.') == std::string_view::npos;
}
bool is_atlas(std::string_view name) {
  if (name.starts_with("aml.t")) {
    return has_shape(name, "aml.t0000") || has_shape(name, "aml.t0000.000");
  }
  return is_word(name);
}
bool is_car(std::string_view name) { return has_shape(name, "0000-00-000"); }
bool is_cve(std::string_view name) {
  return name.size() > 5 && has_shape(name.substr(0, 4), "0000") &&
         (name[4] == '-' || name[4] == '.') && all_digits(name.substr(5));
}
bool is_tlp(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kColours = {"red",   "amber", "amber-strict",
                                                               "green", "clear", "white"};
  return std::ranges::find(kColours, name) != kColours.end();
}
bool is_stp(std::string_view name) { return has_shape(name, "0") || has_shape(name, "0a"); }
bool is_detection(std::string_view name) {
  return name == "dfir" || name == "emerging-threats" || name == "threat-hunting";
}

struct Namespace {
  std::string_view name;
  bool (*valid)(std::string_view name);
  std::string_view form;
};
// Specification 2.1.0, "Tags"; and MITRE ATLAS.
constexpr std::array<Namespace, 8> kNamespaces = {{
    {"atlas", is_atlas, "atlas.aml.t0051 or atlas.initial-access"},
    {"attack", is_attack, "attack.t1059.001, attack.g0007, attack.s0154 or attack.execution"},
    {"car", is_car, "car.2016-04-005"},
    {"cve", is_cve, "cve.2021-44228"},
    {"d3fend", is_word, "d3fend.d3-nta"},
    {"detection", is_detection, "detection.threat-hunting"},
    {"stp", is_stp, "stp.3 or stp.1k"},
    {"tlp", is_tlp, "tlp.amber"},
}};

class MetadataLint {
 public:
  MetadataLint(const Node& root, const std::string& file, std::vector<Diagnostic>& warnings)
      : root_(root), file_(file), warnings_(warnings) {}

  void run() {
    title();
    id();
    one_of("level", event::kLevelNames);
    one_of("status", kStatuses);
    date("date");
    date("modified");
    tags();
  }

  void log_source() {
    const Node* source = root_.find("logsource");
    if (source == nullptr || source->kind != NodeKind::kMapping) {
      return warn(source, "the rule has no log source, so it is asked about every event",
                  "say category, product or service under `logsource`");
    }
    const LogSource parsed = parse_log_source(root_);
    if (parsed.category.empty() && parsed.product.empty() && parsed.service.empty()) {
      warn(source, "the log source names no category, product or service",
           "say at least one of them");
    }
  }

 private:
  void title() {
    const std::string text = text_of(root_, "title");
    if (text.empty()) return warn(nullptr, "the title is missing", "give the rule a `title`");
    if (text.size() > kTitleCharactersMax) {
      warn(root_.find("title"), fmt::format("the title is longer than {}", kTitleCharactersMax),
           "say the rest in `description`");
    }
  }

  void id() {
    const std::string text = text_of(root_, "id");
    if (text.empty()) return warn(nullptr, "the id is missing", "give the rule a random UUID");
    if (!has_shape(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh")) {
      warn(root_.find("id"), fmt::format("the id '{}' is no UUID", text),
           "replace it by a random UUID");
    }
  }

  template <std::size_t N>
  void one_of(std::string_view key, const std::array<std::string_view, N>& names) {
    const Node* node = root_.find(key);
    if (node == nullptr || scalar_type(*node) == formats::yaml::ScalarType::kNull) return;
    if (node->kind == NodeKind::kScalar && std::ranges::find(names, node->text) != names.end()) {
      return;
    }
    warn(node, fmt::format("the {} '{}' is unknown", key, node->text),
         fmt::format("use one of {}", fmt::join(names, ", ")));
  }

  void date(std::string_view key) {
    const std::string text = text_of(root_, key);
    if (text.empty() || has_shape(text, "0000-00-00") || has_shape(text, "0000/00/00") ||
        has_shape(text, "0000/0/00") || has_shape(text, "0000/00/0") ||
        has_shape(text, "0000/0/0")) {
      return;
    }
    warn(root_.find(key), fmt::format("the {} '{}' is no date", key, text), "write 2024-12-31");
  }

  void tags() {
    const Node* list = root_.find("tags");
    if (list == nullptr) return;
    for (const Node* node : list->elements) tag(*node);
  }

  void tag(const Node& node) {
    const std::size_t point = node.text.find('.');
    if (node.kind != NodeKind::kScalar || point == std::string_view::npos) {
      return warn(&node, fmt::format("the tag '{}' has no namespace", node.text),
                  "write namespace.name, as in attack.t1059");
    }
    const auto found = std::ranges::find(kNamespaces, node.text.substr(0, point), &Namespace::name);
    if (found == kNamespaces.end()) {
      return warn(&node, fmt::format("the namespace of the tag '{}' is unknown", node.text),
                  "use attack, atlas, car, cve, d3fend, detection, stp or tlp");
    }
    if (!found->valid(node.text.substr(point + 1))) {
      warn(&node, fmt::format("the tag '{}' is malformed", node.text),
           fmt::format("write it like {}", found->form));
    }
  }

  void warn(const Node* node, std::string message, std::string hint) {
    const Node& at = node == nullptr ? root_ : *node;
    warnings_.push_back({DiagnosticKind::kWarning,
                         {file_, at.line, at.column, 0},
                         std::move(message),
                         std::move(hint)});
  }

  const Node& root_;  // the caller's, like the two below
  const std::string& file_;
  std::vector<Diagnostic>& warnings_;
};

}  // namespace

void lint_metadata(const Node& root, const std::string& file, std::vector<Diagnostic>& warnings) {
  MetadataLint(root, file, warnings).run();
}

void lint_log_source(const Node& root, const std::string& file, std::vector<Diagnostic>& warnings) {
  MetadataLint(root, file, warnings).log_source();
}

}  // namespace vedette::rules::sigma
