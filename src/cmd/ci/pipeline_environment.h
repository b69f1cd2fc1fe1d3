// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "event/programme.h"

namespace vedette::cmd {

// What a CI system says of the change that it runs for, in the variables of its environment.
struct PipelineChange {
  std::string base;      // revision that the change is to be merged into; empty: no such change
  std::string variable;  // that says so
};

// `variable`: the value of an environment variable, "" where it is not set.
PipelineChange find_pipeline_change(const std::function<std::string(const char*)>& variable);

// What run this is, as far as the CI system says; without commit and time.
event::RunFacts find_pipeline_facts(const std::function<std::string(const char*)>& variable);

}  // namespace vedette::cmd
