// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "rules/secret/model.h"
#include "rules/secret/table_reader.h"

namespace vedette::rules::secret {

// Reads `verify` of a rule's table, where it has that: a method, a URL of https without a secret in
// it, headers of which one holds "{secret}", and what answers mean. False, and a problem, where
// that is not so.
bool read_verification(TableReader& rule, ProblemLog& log,
                       std::optional<Verification>& verification);

// "api.example.com" of "https://api.example.com/v1"; empty where it is no such URL, or one with a
// user, a port or an address in numbers.
std::string_view host_of(std::string_view url);

}  // namespace vedette::rules::secret
