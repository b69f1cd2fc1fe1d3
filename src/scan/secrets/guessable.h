// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scan/secrets/candidate.h"

namespace vedette::scan::secrets {

// Whether somebody who wants to get in would try it before any other: "password", "admin123",
// "testsecret", the name of the user or the database beside it; also after the user in base64, as
// headers carry it. Such a thing is weak wherever it is used, but nobody needs this file to know
// it. Cost: a microsecond; for findings that are told.
bool is_guessable(const Candidate& candidate);

}  // namespace vedette::scan::secrets
