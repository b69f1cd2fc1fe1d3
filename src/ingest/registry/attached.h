// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/image_file.h"
#include "ingest/registry/registry.h"

namespace vedette::ingest {

// Documents with statements about vulnerabilities that hang on a manifest of a registry: by its
// list of referrers, or the tag that stands for it where it keeps none, and by cosign's tag ".att".
// Of an envelope (DSSE) the statement's predicate is taken; whose signature it is, nobody checks.
inline constexpr std::size_t kAttachedMax = 100;
inline constexpr std::size_t kAttachedBytesMax = std::size_t{4} << 20;
Result<std::vector<ImageFile::Attached>> attached_statements(Registry& registry,
                                                             std::string_view manifest,
                                                             const Limits& limits);

// The predicate of an in-toto statement in an envelope, where it is one of VEX; what is no envelope
// as it is; nothing for another predicate.
std::optional<std::string> statement_in(const std::string& bytes, const Limits& limits);

}  // namespace vedette::ingest
