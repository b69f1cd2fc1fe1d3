// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/model.h"

namespace vedette::rules {

// The text after all transforms; nothing when one of them cannot be applied to it.
std::optional<std::string> transformed(std::span<const Transform> transforms,
                                       std::string_view text);

std::string_view to_string(Transform transform);  // "tolower", "b64" …

}  // namespace vedette::rules
