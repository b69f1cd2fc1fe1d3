// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

// What work over many things says about the ones it could not do, or doubts. Work never fails whole
// because of one of them: the caller gets what could be done, and Diagnostics.
namespace vedette {

// Where something stands. Text files use line and column (from 1; 0 = unknown), other input the
// byte offset.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint64_t offset = 0;
};

enum class DiagnosticKind : std::uint8_t { kWarning, kError };

struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::kError;
  Place place;
  std::string message;  // what was expected and what was found
  std::string hint;     // what to do; may be empty
};

// "file:line:column", "file:line", "file@offset" or "file", whichever is known.
std::string to_string(const Place& place);

}  // namespace vedette
