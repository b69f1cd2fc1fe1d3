// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scan/git/history.h"

namespace vedette::scan::git {

// Names of references from which a commit of `history` is reached, sorted as they are; "HEAD" first
// where HEAD is one of them and detached. Reads each commit that is not older, once. A reference to
// a tag is what the tag points to.
std::vector<std::string> references_containing(const History& history, std::uint32_t commit,
                                               formats::git::ObjectReader& reader);

// A file of the commit that HEAD is at.
struct HeadFile {
  bool is_there = false;
  std::string bytes;
};
HeadFile read_head_file(const History& history, const std::string& path,
                        formats::git::ObjectReader& reader);

}  // namespace vedette::scan::git
