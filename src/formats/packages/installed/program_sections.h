// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vedette::formats::packages {

// Whether a file begins as a program does: ELF, PE or Mach-O.
bool is_program(std::string_view head);

// The bytes of the first section with this name (in PE of at most eight letters) in ELF, PE or
// Mach-O of little-endian machines; nothing where there is none, or where it would lie outside.
std::optional<std::string_view> program_section(std::string_view bytes, std::string_view name);

// Whether it is an ELF with a whole table of sections: a section that is not found is not there.
bool has_sections(std::string_view bytes);

struct ProgramGap {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool operator==(const ProgramGap&) const = default;
};

// What of an ELF of `size` bytes says nothing of packages, by its first bytes: machine code where
// constants stand apart from it, and the middle of what is for debuggers. In order; none of other
// programs. A reader may have zeros there.
std::vector<ProgramGap> program_gaps(std::string_view head, std::uint64_t size);

}  // namespace vedette::formats::packages
