// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "scan/secrets/file_kind.h"
#include "scan/secrets/signal.h"

namespace vedette::scan::secrets {

// What the value alone says: length, alphabet, rarity, words, forms that are no secrets (path,
// hash, UUID, address, media type). `name` is what it is given to, lower case, may be empty.
// Only the first kValueBytes of the value are read.
inline constexpr std::size_t kValueBytes = 256;
void observe_value(std::string_view value, std::string_view name, const FileKind& file,
                   Signals& signals);

}  // namespace vedette::scan::secrets
