// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "scan/secrets/secret_scanner.h"

namespace vedette::scan::secrets {

// A text that is shown though it is no finding of a secret, with all secrets in it masked. `path`
// is what rules may ask for.
std::string masked_text(std::string_view text, std::string_view path, SecretScanner& scanner);

}  // namespace vedette::scan::secrets
