// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace vedette::policy {

// Whether a path says that a file is there to be looked at or to be tested with, or was published
// by others: tests, fixtures, examples, documentation, copies of packages ("vendor/"). Folders and
// names count word by word
// ("test-data", "UserTests.java", not "latest"), those inside of archives too. A folder that is
// called like an environment below one of deployments ("deploy/test/") is a place where something
// runs. Looks at the path only; cost: one pass over it.
bool is_sample_path(std::string_view path);

}  // namespace vedette::policy
