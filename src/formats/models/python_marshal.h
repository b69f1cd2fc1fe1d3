// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// The names that byte code written by Python's marshal holds: of globals, attributes and modules.
// Versions differ in where they stand, but not in how a short text is written; all texts that are
// names are taken, each once, in their order. Nothing is unmarshalled.
inline constexpr std::size_t kMarshalNamesMax = 1'000;
std::vector<std::string> marshalled_names(std::string_view code);

// RFC 4648 up to the first character that is none of it; line ends are passed over.
std::string decode_base64(std::string_view text);

}  // namespace vedette::formats::models
