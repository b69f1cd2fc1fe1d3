// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/image/image_layer.h"
#include "engine/image/image_scan.h"

namespace vedette::engine {

// Puts layers (the lowest first, as ImageScan::layers) on top of each other: packages that a
// container would see, with the layer that brought each, and all findings, those that a later layer
// hides said to be so. Adds to what `scan` has.
void merge_layers(std::vector<LayerScan>& layers, ImageScan& scan);

}  // namespace vedette::engine
