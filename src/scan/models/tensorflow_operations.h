// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// An operation of TensorFlow's graphs that reaches code, files or the network.
struct TensorflowOperation {
  std::string_view name;
  ModelRule rule;
  std::string_view does;  // "writes files"
};

// Null where it is none of these.
const TensorflowOperation* find_tensorflow_operation(std::string_view name);

}  // namespace vedette::scan::models
