// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/tree.h"
#include "formats/vex/vex.h"

namespace vedette::formats::vex {

inline constexpr std::size_t kProblemsMax = 100;        // told; more are not
inline constexpr std::size_t kProductsMax = 1'000'000;  // of all statements of a document

VexDocument read_openvex(std::string_view path, const packages::Tree& tree);
VexDocument read_csaf(std::string_view path, const packages::Tree& tree);
VexDocument read_cyclonedx(std::string_view path, const packages::Tree& tree);

void add_problem(std::string_view path, std::uint32_t line, std::string message,
                 VexDocument& document);
// 0 where it is none.
TimeNs time_of(std::string_view text);
// "SHA-256" and "sha256" are the same.
std::string hash_text(std::string_view algorithm, std::string_view digits);
// Adds a text to what is said already.
void append_sentence(std::string_view text, std::string& out);

}  // namespace vedette::formats::vex
