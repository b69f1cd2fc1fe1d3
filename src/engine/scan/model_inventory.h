// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "engine/scan/model_digests.h"
#include "formats/models/model_description.h"

namespace vedette::engine {

struct ModelInventory {
  std::vector<formats::models::ModelComponent> models;
  event::ScanSummary summary;
};

// The models below the target with digests of whole files, whatever `options` says of shards, and
// what their configurations and cards say. `subject` names what lies in the target itself.
Result<ModelInventory> list_models(DigestOptions options, std::string_view subject,
                                   const std::atomic<bool>& stop);

}  // namespace vedette::engine
