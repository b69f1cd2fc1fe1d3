// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/finding.h"
#include "formats/models/artifact_manifest.h"
#include "scan/models/model_rules.h"

// A model that is kept as blobs named by their digests: what its manifest says of them.
namespace vedette::scan::models {

// The name of a blob for judges that know files by their names, from its manifest; may be empty.
std::string name_of_layer(const formats::models::ArtifactLayer& layer);

// A manifest alone: digests that are none.
void judge_manifest(const ModelRules& rules, std::string_view path,
                    const formats::models::ArtifactManifest& manifest,
                    std::vector<event::Finding>& findings);

// Layers that are text for the model: templates, instructions.
void judge_layer_text(const ModelRules& rules, std::string_view path,
                      const formats::models::ArtifactLayer& layer, std::string_view text,
                      std::vector<event::Finding>& findings);

}  // namespace vedette::scan::models
