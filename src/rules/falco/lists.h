// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/falco/items.h"

namespace vedette::rules::falco {

// A condition may not grow beyond this by the lists in it.
constexpr std::size_t kConditionBytesMax = std::size_t{4} << 20;

// Puts lists into conditions. Falco does so in the text, before a condition is parsed: where a
// list's name stands between blanks, brackets, commas or '=', its items take its place.
class ListTexts {
 public:
  explicit ListTexts(const Named<ListItem>& lists);

  Parsed<std::string> substitute(std::string condition);
  // Names of the lists that no condition and no other list named.
  std::vector<const ListItem*> unused() const;

 private:
  struct Text {
    const ListItem* list = nullptr;
    std::string text;  // items with commas between them
    bool used = false;
  };
  std::vector<Text> texts_;  // in the order of definition
};

}  // namespace vedette::rules::falco
