// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string_view>

#include "formats/packages/package.h"

// The order of versions, exactly as each ecosystem's own tools have it.
namespace vedette::formats::versions {

// Whether `a` comes before `b`. Equal means that the ecosystem sees no difference ("1.0" and
// "1.0.0" of PyPI), not that they are the same text. Every text has a place, also what its
// ecosystem would refuse: mostly before all versions; ask is_version() where that matters. Nothing
// is allocated, but for Maven, Conda and PyPI's versions of before PEP 440 where they are long.
// Time is linear in both texts.
//
// An order as its ecosystem has it; so Maven's, Packagist's and Arch's are not transitive for some
// odd versions (in Arch, without a release 1 is equal to 1-1 and to 1-2).
std::strong_ordering compare(packages::Ecosystem ecosystem, std::string_view a, std::string_view b);

// Whether the text says what can be compared: not "", "latest", "(devel)" or a branch's name.
bool is_version(packages::Ecosystem ecosystem, std::string_view text);

}  // namespace vedette::formats::versions
