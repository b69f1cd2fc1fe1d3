// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/dialect.h"

// Falco's rule language (engine 0.63): files to the rule model. All files of a load are taken
// together in their order: later ones see and change what earlier ones define.
namespace vedette::rules::falco {

// Whether a file is a list of rules, macros, lists and required versions.
bool recognises(std::string_view text);

// `options` outlives the loader.
Result<std::unique_ptr<DialectLoader>> make_loader(const LoadOptions& options);

}  // namespace vedette::rules::falco
