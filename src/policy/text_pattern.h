// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vedette::policy {

// A pattern over names: '*' stands for any run of characters, '?' for one.
bool name_matches(std::string_view pattern, std::string_view name);

// A pattern over paths: '*' and '?' do not go over '/', "**" does, "**/" also stands for nothing. A
// pattern without '/' is about the last part of the path; one that ends in '/' about all below. A
// leading '/' means nothing: paths begin at what was scanned. O(pattern * path), no recursion.
bool path_matches(std::string_view pattern, std::string_view path);

// Whether it leaves nothing out: "*", "**", "**/*".
bool matches_everything(std::string_view pattern);

}  // namespace vedette::policy
