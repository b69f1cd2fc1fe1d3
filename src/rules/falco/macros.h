// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/falco/items.h"
#include "rules/falco/lists.h"

namespace vedette::rules::falco {

// Checks of one condition, and of all of a load, with the macros in it.
constexpr std::size_t kConditionChecksMax = 65536;
constexpr std::size_t kLoadChecksMax = 1'000'000;

// The macros' conditions, parsed and put into each other. A macro that cannot be used costs the
// rules that use it, and them only.
class Macros {
 public:
  // `macros` outlives this.
  Macros(const Named<MacroItem>& macros, ListTexts& lists);

  // Puts macros into the condition of a rule, which sees all of them. Checks that come from a macro
  // bear the name of the outermost one.
  Parsed<Condition> resolve(Condition condition);

  struct Broken {
    const MacroItem* macro = nullptr;
    Problem problem;
  };
  std::vector<Broken> broken() const;
  std::vector<const MacroItem*> unused() const;

 private:
  enum class State : std::uint8_t { kParsed, kBusy, kResolved };
  struct Entry {
    const MacroItem* macro = nullptr;
    Parsed<Condition> condition;
    State state = State::kParsed;
    bool used = false;
  };

  Parsed<void> insert(Condition& condition, Order visible, std::size_t depth, std::size_t& checks);
  Parsed<void> insert_macro(Condition& condition, Order visible, std::size_t depth,
                            std::size_t& checks);

  std::vector<Entry> entries_;
  std::map<std::string_view, std::size_t> places_;
  std::size_t checks_left_ = kLoadChecksMax;
};

}  // namespace vedette::rules::falco
