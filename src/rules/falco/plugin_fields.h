// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "rules/falco/fields.h"

namespace vedette::rules::falco {

std::span<const FieldRow> json_fields();
std::span<const FieldRow> kubernetes_audit_fields();
std::span<const FieldRow> cloudtrail_fields();
std::span<const FieldRow> okta_fields();
std::span<const FieldRow> github_fields();

}  // namespace vedette::rules::falco
