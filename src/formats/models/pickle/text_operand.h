// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Operands that protocol 0 writes as text.
namespace vedette::formats::models {

// Of STRING: 'a\x41' as repr() writes it, or what stands there where that is no such text.
std::string unquote(std::string_view text);

// Of UNICODE: Python's raw-unicode-escape, in which only \u and \U mean something.
std::string unescape_unicode(std::string_view text);

// Of PUT and GET; 0 where it is no number.
std::uint64_t text_number(std::string_view text);

}  // namespace vedette::formats::models
