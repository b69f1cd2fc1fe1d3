// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "rules/secret/model.h"

// Packs of rules for secrets in gitleaks' TOML, read as its version 8.30 reads them (config.go,
// rule.go, allowlist.go). What makes gitleaks refuse a whole file costs here only the rule or the
// allowlist that is wrong, and is told with kind kError; what it takes without a word, but that
// cannot be meant, is a kWarning.
//
// Keys of rules that are ours, which gitleaks ignores: title, severity, confidence, remediation,
// references, checksum, generic.
namespace vedette::rules::secret {

// The version whose files are read; a pack's minVersion above it is a warning.
inline constexpr std::string_view kGitleaksVersion = "8.30.0";
// A pack may extend a file that extends another one; what that one would extend is left out.
inline constexpr std::size_t kExtendDepthMax = 2;

// Compiling the expressions of 220 rules is nearly all of the time that loading takes. Who keeps
// the programs of packs that were checked before (by their hash) may do without.
enum class Expressions : std::uint8_t { kCheck, kTrust };

struct LoadOptions {
  std::string default_pack;  // the file that `useDefault = true` means; empty: that is a problem
  // extend.path is looked for beside the file that names it, then here, as gitleaks does with the
  // folder it is started in.
  std::string working_folder = ".";
  Limits limits;
  Expressions expressions = Expressions::kCheck;
  // How files are read; null: from the disk, up to Limits::file_bytes_max.
  std::function<Result<std::string>(const std::string& path)> read;
};

// Reads packs in this order, each with what it extends. A rule of a later pack takes the place of
// an earlier one with its id, which a warning says; allowlists for all rules add up, so one pack's
// are for the other's rules too. Allowlists with targetRules are moved to their rules. Every
// regular expression of what is returned compiles as match::Regex.
SecretRuleSet load(std::span<const std::string> paths, const LoadOptions& options);

}  // namespace vedette::rules::secret
