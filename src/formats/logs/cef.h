// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "event/field_writer.h"
#include "formats/logs/line_decoder.h"

namespace vedette::formats::logs {

// ArcSight Common Event Format, "CEF:0|vendor|product|version|id|name|severity|key=value …", from
// its first byte. Fields: CefVersion, DeviceVendor, DeviceProduct, DeviceVersion,
// DeviceEventClassID, SignatureID (the same), Name, Severity; each key of the extension; where
// cs1Label=TEXT names cs1 (cn1, flexString1, …), its value also under TEXT; EventTime, of rt, end
// or start, the first there is.
Result<void> parse_cef_message(std::string_view message, event::FieldWriter& writer);

// The same with or without a syslog head before it, whose fields are those of write_syslog().
Result<void> parse_cef(std::string_view line, event::FieldWriter& writer);

using CefDecoder = LineDecoder<parse_cef>;

}  // namespace vedette::formats::logs
