// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "event/batch.h"

namespace vedette::formats::logs {

// One row per RecordFormat: what --input-format calls it, a sentence for the manual, and how it is
// recognised.
struct FormatRow {
  event::RecordFormat format;
  std::string_view name;  // "json-lines", "evtx", "auditd", …
  std::string_view help;
  // Whether the first bytes of an input (up to 64 KiB, at least one whole line unless the input
  // ends) are of this format. Rows are asked in order, so a row may rely on the ones before it
  // having declined.
  bool (*matches)(std::string_view head);
};

std::span<const FormatRow> formats();
// kUnknown when no row claims the bytes.
event::RecordFormat detect_format(std::string_view head);
std::optional<event::RecordFormat> format_by_name(std::string_view name);
std::string_view to_string(event::RecordFormat format);

}  // namespace vedette::formats::logs
