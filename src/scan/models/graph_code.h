// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/models/pickle/graph.h"

// Python that torch.fx writes for a graph and keeps in its pickle. When that is loaded the text is
// executed, and its function is called once to trace it (torch/fx/graph_module.py,
// reduce_graph_module).
namespace vedette::scan::models {

// Whether a text is no more than that: imports of PyTorch's libraries and a function whose
// statements call operations and the module's own members. Strict: of what it does not know it says
// no.
bool is_plain_graph_code(std::string_view source);

// Whether `call` of torch.fx's reduce_graph_module() is given such code alone.
bool rebuilds_plain_graph(const formats::models::ValueGraph& graph,
                          const formats::models::Value& call);

}  // namespace vedette::scan::models
