// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::formats::packages {

// A function of Go as a number: its package's path and its name as advisories write it ("Get",
// "Transport.RoundTrip"); without a name the package itself. Half of a hash: of a program with
// 100,000 functions one name in 40,000 that is not there would be taken for one that is.
std::uint32_t go_symbol_key(std::string_view package, std::string_view symbol);

struct GoFunctions {
  // go_symbol_key() of each function and its package, sorted; empty: the program has no table.
  std::vector<std::uint32_t> keys;
  // Whether functions that were built into others (inlined) are told too, as since Go 1.16; else
  // what is not here may be in the program all the same.
  bool is_complete = false;
};

// Packages by other paths than those that the program has: its own ("main") and replaced modules.
using GoPaths = std::vector<std::pair<std::string, std::string>>;

// What a Go program has of functions, by the table that its runtime needs for stack traces
// (pclntab), which stays where symbols are stripped: Go 1.2 to 1.26 in ELF, PE and Mach-O of
// little-endian machines. A function of another path is there under both.
GoFunctions go_functions(std::string_view program, const GoPaths& also);

}  // namespace vedette::formats::packages
