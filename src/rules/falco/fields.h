// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/falco/ast.h"

// The fields that conditions and outputs may name, as tables: Falco's own (libs), and those of the
// plugins whose events we read.
namespace vedette::rules::falco {

enum class FieldType : std::uint8_t {
  kText,
  kNumber,  // times and durations are nanoseconds
  kBoolean,
  kAddress,  // an IP address, compared with addresses
  kNetwork,  // an IP address, compared with networks
  kBytes,
  kAny,  // depends on the event: a number where it is compared with one
};

enum class FieldArgument : std::uint8_t {
  kNone,
  kOptional,
  kRequired,
  kSuffix,  // required, in brackets or behind a dot: evt.arg[flags], evt.arg.flags
};

// What a field with several values means in a comparison.
enum class FieldValues : std::uint8_t {
  kOne,    // it has one; of an address of both ends, any
  kAnyOf,  // without an argument: one of the values must pass (ancestors)
  kList,   // it is compared as a set
};

struct FieldRow {
  std::string_view name;
  FieldType type = FieldType::kText;
  FieldArgument argument = FieldArgument::kNone;
  FieldValues values = FieldValues::kOne;
  // The plugin makes it of several parts of the event: outputs may name it, conditions not.
  bool derived = false;
};

// Fields of one source of events; "" for fields of every source.
struct FieldFamily {
  std::string_view source;
  std::span<const FieldRow> rows;
};
std::span<const FieldFamily> field_families();

// Sources whose events we read; rules of others are passed over.
std::span<const std::string_view> sources();
bool is_source(std::string_view name);

struct KnownField {
  std::string name;  // as events carry it: "proc.aname[2]", "evt.arg.flags"
  FieldType type = FieldType::kText;
  FieldValues values = FieldValues::kOne;
  bool derived = false;
};

// The field of a source by its name in a rule. A Problem for an unknown one, with the nearest name,
// and for an argument that is missing or one too many.
Parsed<KnownField> find_field(std::string_view source, const std::string& name,
                              const std::optional<std::string>& argument);
// Whether some field of the source has this name, whatever its argument.
bool is_field(std::string_view source, std::string_view name);

}  // namespace vedette::rules::falco
