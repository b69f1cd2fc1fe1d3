// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace vedette::formats::packages {

// Whether a file begins as a program does: ELF, PE or Mach-O.
bool is_program(std::string_view head);

// The bytes of the first section with this name, of at most eight letters, in ELF, PE or Mach-O of
// little-endian machines; nothing where there is none, or where it would lie outside.
std::optional<std::string_view> program_section(std::string_view bytes, std::string_view name);

}  // namespace vedette::formats::packages
