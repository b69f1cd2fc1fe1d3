// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/secret/model.h"

// Loaded rules as bytes, so that the next start need not read TOML and look through expressions:
// milliseconds instead of tens. For one machine and one version of the program; who keeps the bytes
// keeps them apart by what they were made of.
namespace vedette::rules::secret {

// Rules that loaded without any problem; what is told of problems is not kept.
std::string store(const SecretRuleSet& rules);

// Nothing is believed of the bytes: damaged ones are an Error.
Result<SecretRuleSet> restore(std::string_view bytes);

}  // namespace vedette::rules::secret
