// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "event/field_writer.h"
#include "formats/logs/line_decoder.h"

namespace vedette::formats::logs {

// IBM QRadar Log Event Extended Format, "LEEF:2.0|vendor|product|version|id|delimiter|key=value…"
// (1.0 has no delimiter field and separates by tabs), from its first byte. Fields: LeefVersion,
// DeviceVendor, DeviceProduct, DeviceVersion, EventID; each attribute; EventTime, of devTime.
Result<void> parse_leef_message(std::string_view message, event::FieldWriter& writer);

// The same with or without a syslog head before it, whose fields are those of write_syslog().
Result<void> parse_leef(std::string_view line, event::FieldWriter& writer);

using LeefDecoder = LineDecoder<parse_leef>;

}  // namespace vedette::formats::logs
