// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "scan/secrets/file_kind.h"
#include "scan/secrets/signal.h"

namespace vedette::scan::secrets {

// What the value alone says: length, alphabet, rarity, forms that are no secrets (path, hash, UUID,
// address, media type). What is said of its name must be there already. Only the first kValueBytes
// of the value are read.
inline constexpr std::size_t kValueBytes = 256;
void observe_value(std::string_view value, Signals& signals);

// The words in it, and whether it repeats its name; after observe_value(). Dearer, so only for
// what can still be told. Adds kWordSignals.
inline constexpr Signal kWordSignals[] = {
    Signal::kNameRepeated, Signal::kSecretWord, Signal::kPlaceholderWord, Signal::kTestWord,
    Signal::kWeakPassword, Signal::kWrongWord,  Signal::kSpeaksOfCode,    Signal::kTrivialExample,
};
void observe_words(std::string_view value, std::string_view name, const FileKind& file,
                   Signals& signals);

}  // namespace vedette::scan::secrets
