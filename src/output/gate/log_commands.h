// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::output {

// What a text is, so that a character in it may be written otherwise and stay the same.
enum class LogText : std::uint8_t {
  kPlain,     // a blank is put in between
  kJson,      // an escape of JSON, which reads as before
  kMarkup,    // an entity, which reads as before
  kCommands,  // commands of ours, with what others wrote escaped already
};

// Reports go to the log of a pipeline, where Azure's agent obeys "##vso[…]" and "##[…]" anywhere
// in a line and GitHub's runner "::…::" at its begin. Text of others is no such command afterwards.
std::string without_log_commands(std::string_view text, LogText kind);

}  // namespace vedette::output
