// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// Numbers of a tensor that the loader finds beside the pickle by their key.
struct StorageClaim {
  std::string key;
  std::uint64_t bytes = 0;
};

struct PickleVerdict {
  bool is_pickle = false;
  std::size_t pickles = 0;          // one behind the other
  std::vector<std::string> nested;  // texts and bytes in it that may be models themselves
  std::vector<StorageClaim> storages;
};

enum class PickleEffort : std::uint8_t {
  kSure,      // by its name or place it is a pickle: what is seen counts
  kProbe,     // it may be anything
  kTorchTar,  // the same as kSure of "storages" and "tensors" in PyTorch's oldest archives, where
              // pickles stand between numbers
};

// Judges all pickles that stand in `bytes`, one behind the other and in what follows them.
PickleVerdict judge_pickles(const ModelRules& rules, std::string_view path, std::string_view bytes,
                            PickleEffort effort, std::vector<event::Finding>& findings);

// Python-like text of what loading would do, one line for each step.
std::string show_pickles(std::string_view bytes);

}  // namespace vedette::scan::models
