// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "rules/falco/fields.h"

namespace vedette::rules::falco {

std::span<const FieldRow> generic_fields();    // of every event
std::span<const FieldRow> syscall_fields();    // of system calls and their processes
std::span<const FieldRow> sensor_fields();     // that our sensor has beyond Falco's
std::span<const FieldRow> container_fields();  // that enrichment adds to them

}  // namespace vedette::rules::falco
