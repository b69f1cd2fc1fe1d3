// SPDX-License-Identifier: Apache-2.0
#include "output/finding/vex_words.h"

#include <array>

namespace vedette::output {
namespace {

struct Row {
  std::string_view openvex;    // may be empty
  std::string_view cyclonedx;  // may be empty
};
// The first row with a word is the one that it is translated by.
constexpr std::array<Row, 11> kRows = {
    {{"vulnerable_code_not_present", "code_not_present"},
     {"component_not_present", "code_not_present"},
     {"vulnerable_code_not_in_execute_path", "code_not_reachable"},
     {"inline_mitigations_already_exist", "protected_by_mitigating_control"},
     {"inline_mitigations_already_exist", "protected_by_compiler"},
     {"inline_mitigations_already_exist", "protected_at_runtime"},
     {"inline_mitigations_already_exist", "protected_at_perimeter"},
     {"vulnerable_code_cannot_be_controlled_by_adversary", ""},
     // What it would take is known, and not whether it is there: no word of OpenVEX says that.
     {"", "requires_configuration"},
     {"", "requires_dependency"},
     {"", "requires_environment"}}};

std::string_view word_of(std::string_view word, std::string_view Row::* wanted) {
  if (word.empty()) return {};
  for (const Row& row : kRows) {
    // A word of the wanted format stays.
    if (row.*wanted == word) return word;
  }
  for (const Row& row : kRows) {
    if (row.openvex == word || row.cyclonedx == word) return row.*wanted;
  }
  return {};
}

}  // namespace

std::string_view openvex_justification(std::string_view word) {
  return word_of(word, &Row::openvex);
}

std::string_view cyclonedx_justification(std::string_view word) {
  return word_of(word, &Row::cyclonedx);
}

std::string_view cyclonedx_state(event::VexStatus status) {
  constexpr std::array<std::string_view, event::kVexStatusNames.size()> kStates = {
      "in_triage", "exploitable", "not_affected", "resolved"};
  return kStates[static_cast<std::size_t>(status)];
}

}  // namespace vedette::output
