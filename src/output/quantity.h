// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers as people read them.
namespace vedette::output {

std::string count_text(std::uint64_t count);  // "1,234,567"
std::string size_text(std::uint64_t bytes);   // "1.5 GB"
std::string duration_text(double seconds);    // "80 ms", "1.26 s", "2 min 5 s"

// The end of a noun behind a count.
constexpr std::string_view plural(std::uint64_t count) { return count == 1 ? "" : "s"; }

}  // namespace vedette::output
