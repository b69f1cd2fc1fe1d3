// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/vulnerabilities/database_lookup.h"
#include "vulnerabilities/database.h"

// What `vedette db` says, for people and as JSON.
namespace vedette::cmd {

// `now` tells its age; `path` is shown.
std::string status_text(const vulnerabilities::Database& database, const std::string& path,
                        TimeNs now);
std::string status_json(const vulnerabilities::Database& database, const std::string& path,
                        TimeNs now);

std::string lookup_text(const std::vector<engine::KnownVulnerability>& found);
std::string lookup_json(const std::vector<engine::KnownVulnerability>& found,
                        const vulnerabilities::DatabaseSummary& summary);

}  // namespace vedette::cmd
