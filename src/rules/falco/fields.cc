// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/fields.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/nearest.h"
#include "rules/falco/plugin_fields.h"
#include "rules/falco/syscall_fields.h"

namespace vedette::rules::falco {
namespace {

constexpr std::array<std::string_view, 5> kSources = {"syscall", "k8s_audit", "aws_cloudtrail",
                                                      "okta", "github"};
constexpr std::size_t kNameBytesMax = 256;
// A name that differs by more is not meant.
constexpr std::size_t kDistanceMax = 4;

// Whether `name` is the row's, or the row's with its argument behind a dot.
bool names(const FieldRow& row, std::string_view name) {
  if (!name.starts_with(row.name)) return false;
  if (name.size() == row.name.size()) return true;
  return row.argument == FieldArgument::kSuffix && name[row.name.size()] == '.' &&
         name.size() > row.name.size() + 1;
}

template <typename Look>
void for_each_row(std::string_view source, Look&& look) {
  for (const FieldFamily& family : field_families()) {
    if (!family.source.empty() && family.source != source) continue;
    for (const FieldRow& row : family.rows) look(row);
  }
}

// The row with the longest name: evt.arg.flags is of "evt.arg", container.mount.dest of its own.
const FieldRow* row_of(std::string_view source, std::string_view name) {
  const FieldRow* best = nullptr;
  for_each_row(source, [&](const FieldRow& row) {
    if (!names(row, name)) return;
    if (best == nullptr || best->name.size() < row.name.size()) best = &row;
  });
  return best;
}

std::string_view nearest(std::string_view source, std::string_view name) {
  std::string_view best;
  std::size_t least = kDistanceMax + 1;
  for_each_row(source, [&](const FieldRow& row) {
    const std::size_t apart = edit_distance(name, row.name);
    if (apart < least) {
      least = apart;
      best = row.name;
    }
  });
  return best;
}

std::unexpected<Problem> unknown(std::string_view source, const std::string& name) {
  std::string hint;
  for (const FieldFamily& family : field_families()) {
    const auto* const found = std::ranges::find(family.rows, name, &FieldRow::name).base();
    if (found != std::to_address(family.rows.end())) {
      hint = fmt::format("; it is a field of the source '{}'", family.source);
    }
  }
  const std::string_view close =
      name.size() > kNameBytesMax ? std::string_view() : nearest(source, name);
  if (hint.empty() && !close.empty()) hint = fmt::format("; did you mean '{}'?", close);
  return refuse(fmt::format("the field '{}' is unknown for the source '{}'{}", name, source, hint),
                name, Problem::Cause::kUnknownField);
}

bool is_pointer(const FieldRow& row) {
  return row.name == "json.value" || row.name == "jevt.value";
}

// An element of a list has no name of its own.
bool names_element(std::string_view path) {
  while (!path.empty()) {
    if (path.front() >= '0' && path.front() <= '9') return true;
    path.remove_prefix(std::min(path.find('.'), path.size() - 1) + 1);
  }
  return false;
}

// json.value[/a/b] is the event's own field a.b (RFC 6901, without escapes).
Parsed<KnownField> pointed_field(const FieldRow& row, std::string_view pointer) {
  const bool escaped = pointer.find('~') != std::string_view::npos;
  if (!pointer.starts_with('/') || pointer.size() == 1 || escaped) {
    return refuse(
        fmt::format("expected a pointer like /a/b in {}[…], found '{}'", row.name, pointer),
        std::string(pointer));
  }
  KnownField field{std::string(pointer.substr(1)), row.type, row.values};
  std::ranges::replace(field.name, '/', '.');
  field.derived = names_element(field.name);
  return field;
}

}  // namespace

std::span<const FieldFamily> field_families() {
  static const std::array kFamilies = {
      FieldFamily{"", generic_fields()},
      FieldFamily{"syscall", syscall_fields()},
      FieldFamily{"syscall", sensor_fields()},
      FieldFamily{"syscall", container_fields()},
      FieldFamily{"", json_fields()},
      FieldFamily{"k8s_audit", kubernetes_audit_fields()},
      FieldFamily{"aws_cloudtrail", cloudtrail_fields()},
      FieldFamily{"okta", okta_fields()},
      FieldFamily{"github", github_fields()},
  };
  return kFamilies;
}

std::span<const std::string_view> sources() { return kSources; }

bool is_source(std::string_view name) {
  return std::ranges::find(kSources, name) != kSources.end();
}

bool is_field(std::string_view source, std::string_view name) {
  return row_of(source, name) != nullptr;
}

Parsed<KnownField> find_field(std::string_view source, const std::string& name,
                              const std::optional<std::string>& argument) {
  const FieldRow* row = row_of(source, name);
  if (row == nullptr) return unknown(source, name);
  const bool dotted = name.size() > row->name.size();
  if (argument && (row->argument == FieldArgument::kNone || dotted)) {
    return refuse(fmt::format("the field '{}' takes no argument in brackets", name), name);
  }
  const bool needed =
      row->argument == FieldArgument::kRequired || row->argument == FieldArgument::kSuffix;
  if (!argument && needed && !dotted) {
    return refuse(fmt::format("the field '{}' needs an argument, as in {}[x]", name, name), name);
  }
  KnownField field{name, row->type, row->values, row->derived};
  if (!argument) return field;
  if (is_pointer(*row)) return pointed_field(*row, *argument);
  if (row->argument == FieldArgument::kSuffix) {
    field.name += "." + *argument;
  } else {
    field.name += "[" + *argument + "]";
  }
  // One ancestor by its number, one element of a list. Events that we read as JSON do not number
  // theirs.
  if (row->argument == FieldArgument::kOptional) field.values = FieldValues::kOne;
  if (source != "syscall") field.derived = true;
  return field;
}

}  // namespace vedette::rules::falco
