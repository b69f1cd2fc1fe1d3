// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// What an operator that TorchScript's code calls does beyond computing.
struct TorchOperation {
  enum class Kind : std::uint8_t {
    kComputes,   // or is a function of the code's own
    kForeign,    // of a library that is none of PyTorch's
    kDangerous,  // reaches files, the network or code
  };
  Kind kind = Kind::kComputes;
  ModelRule rule = ModelRule::kUnknownCall;
  std::string_view does;
  std::string_view space;  // of kForeign: in `name`
};

// As the code writes it: "torch" and "save", "ops" and "image.read_file".
TorchOperation find_torch_operation(std::string_view module, std::string_view name);

}  // namespace vedette::scan::models
