// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "formats/yaml/yaml.h"
#include "rules/falco/items.h"
#include "rules/model.h"

namespace vedette::rules::falco {

// The engine whose language is spoken here.
constexpr std::string_view kEngineVersion = "0.63.0";

// Where what is read goes, and what is said about it.
struct Reading {
  Items& items;
  std::vector<Refusal>& refused;
  std::vector<Diagnostic>& warnings;
};

// Reads one element of a rules file. What cannot be used is refused; the rest goes on.
void read_item(const formats::yaml::Node& node, const std::string& file, Reading& reading);

}  // namespace vedette::rules::falco
