// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/git/object_reader.h"

namespace vedette::scan::git {

// Finds the commit that a person names: `HEAD`, a branch, tag or remote branch (`main`,
// `origin/main`, `refs/…`), an object id or a unique begin of one, each with `~2`, `^` or `^2`
// behind. kNotFound names what could not be found.
Result<formats::git::ObjectNumber> find_revision(std::string_view name,
                                                 const formats::git::Refs& refs,
                                                 formats::git::ObjectStore& store,
                                                 formats::git::ObjectReader& reader);

// What an object is when tags are taken off. Its type, and the object.
struct Peeled {
  formats::git::ObjectNumber number = formats::git::kNoObject;
  formats::git::ObjectType type = formats::git::ObjectType::kNone;
};
Result<Peeled> peel(formats::git::ObjectNumber number, formats::git::ObjectStore& store,
                    formats::git::ObjectReader& reader);

// Commits to go through and to leave out, as `A..B`, `B`, `^A` say; an empty side is HEAD.
struct RevisionRange {
  std::vector<formats::git::ObjectNumber> tips;
  std::vector<formats::git::ObjectNumber> hidden;
};
Result<void> add_range(std::string_view text, const formats::git::Refs& refs,
                       formats::git::ObjectStore& store, formats::git::ObjectReader& reader,
                       RevisionRange& range);

}  // namespace vedette::scan::git
