// SPDX-License-Identifier: Apache-2.0
#include "detect/event_fields.h"

#include "rules/field_names.h"

namespace vedette::detect {
namespace {

// Whether `path` is `pattern`, where a component "*" of the pattern stands for any one component.
bool path_matches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t pattern_dot = pattern.find('.');
    const std::string_view component = pattern.substr(0, pattern_dot);
    if (component == "*") {
      const std::size_t dot = path.find('.');
      if ((dot == std::string_view::npos) != (pattern_dot == std::string_view::npos)) return false;
      if (dot == std::string_view::npos) return !path.empty();
      path.remove_prefix(dot + 1);
    } else {
      if (!path.starts_with(component)) return false;
      path.remove_prefix(component.size());
      if (pattern_dot == std::string_view::npos) return path.empty();
      if (!path.starts_with('.')) return false;
      path.remove_prefix(1);
    }
    pattern.remove_prefix(pattern_dot + 1);
  }
}

}  // namespace

void EventFields::add(std::string_view path, event::Kind kind, std::string_view text) {
  values_.push_back({std::string(path), kind, std::string(text)});
  for (const std::string& envelope : log_sources_.envelopes) {
    if (path.starts_with(envelope) && path.substr(envelope.size()).starts_with('.'))
      values_.back().envelope_size = envelope.size() + 1;
  }
}

void EventFields::add_all(const std::vector<event::NamedValue>& values) {
  Arena arena;
  for (const event::NamedValue& named : values) {
    add(named.path, named.value.kind, event::text_of(named.value, arena));
    arena.clear();
  }
}

void EventFields::set_line(std::string_view line) { line_ = line; }

std::vector<const FieldValue*> EventFields::values(std::string_view field) const {
  std::vector<const FieldValue*> found;
  for (const std::string& path : rules::paths_of(log_sources_, field)) {
    for (const FieldValue& value : values_) {
      const std::string_view held = value.path;
      const std::string_view bare = held.substr(value.envelope_size);
      if (path_matches(path, held) || (value.envelope_size != 0 && path_matches(path, bare)))
        found.push_back(&value);
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace vedette::detect
