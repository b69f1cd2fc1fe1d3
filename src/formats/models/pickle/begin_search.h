// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::formats::models {

// Whether the first bytes are those of a pickle of protocol 1 or higher: PROTO and an operation.
bool may_begin_pickle(std::string_view bytes);

// Where the next such bytes are, at `at` or behind. The size of `bytes` where there are none.
std::size_t find_pickle(std::string_view bytes, std::size_t at);

// Where the next import begins at `at` or behind: GLOBAL or INST of two names, or STACK_GLOBAL
// behind two names that are pushed right before it, with or without being memorised. For bytes in
// which it is not known where operations begin. The size of `bytes` where there is none.
std::size_t find_import(std::string_view bytes, std::size_t at);

}  // namespace vedette::formats::models
