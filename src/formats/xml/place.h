// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expat.h>

// Where a parser of XML is. Since Expat 2.9 that is told in 64 bits, and what was before is
// deprecated there.
namespace vedette::formats {

#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
inline std::uint64_t xml_line(XML_Parser parser) { return XML_GetCurrentLineNumber64(parser); }
inline std::int64_t xml_offset(XML_Parser parser) { return XML_GetCurrentByteIndex64(parser); }
#else
inline std::uint64_t xml_line(XML_Parser parser) { return XML_GetCurrentLineNumber(parser); }
inline std::int64_t xml_offset(XML_Parser parser) { return XML_GetCurrentByteIndex(parser); }
#endif

}  // namespace vedette::formats
