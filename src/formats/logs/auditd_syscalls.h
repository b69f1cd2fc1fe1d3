// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::formats::logs {

// The name of a system call: ("c000003e", "59") is "execve". Knows x86_64, i386 and aarch64; empty
// for all else. Both texts as a raw audit record writes them: the architecture in hexadecimal
// without prefix, the number in decimal.
std::string_view syscall_name(std::string_view architecture, std::string_view number);

}  // namespace vedette::formats::logs
