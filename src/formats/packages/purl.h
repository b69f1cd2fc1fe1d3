// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "formats/packages/package.h"

namespace vedette::formats::packages {

// Package URL: "pkg:npm/%40scope/name@1.0.0". Empty for a package of no ecosystem's.
std::string purl_of(const Package& package);

}  // namespace vedette::formats::packages
