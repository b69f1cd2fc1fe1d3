// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::ingest {

// The files in which podman and its kin are told what names without a registry mean
// (containers-registries.conf(5)), those that beat others last: the user's registries.conf or else
// the system's, what lies in registries.conf.d of both, and the names that podman was once told.
// Only the file of $CONTAINERS_REGISTRIES_CONF where that is set.
std::vector<std::string> short_name_files();

// What `name` may be in full, by such files, in the order in which that is to be asked: the one
// name of its alias, or one for each of unqualified-search-registries. Empty where they say
// nothing, and of a name that has its registry. Files that are not there are passed over; an Error
// for one that is no TOML.
Result<std::vector<std::string>> full_names(std::string_view name,
                                            const std::vector<std::string>& files);

}  // namespace vedette::ingest
