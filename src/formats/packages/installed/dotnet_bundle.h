// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette::formats::packages {

// The list of packages that a program of .NET has in it.
struct BundledList {
  std::string_view name;  // "shop.deps.json"
  std::string text;
};

// Of a program that was published as a single file (PublishSingleFile of .NET Core 3 to .NET 10):
// nothing for other programs and where the bundle has no such list; an Error where the bundle is
// damaged.
Result<std::optional<BundledList>> bundled_deps_json(std::string_view program);

}  // namespace vedette::formats::packages
