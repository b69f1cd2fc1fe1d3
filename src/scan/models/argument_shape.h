// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/models/pickle/graph.h"

// What the arguments of a call tell about it, where the name of what is called does not.
namespace vedette::scan::models {

// A word as enumerations, modes and units have it: a class that is given nothing else is told
// apart from one that is given a command.
bool is_plain_word(std::string_view text);

// Of the machine or of the network: a path from its root or out of a folder, an address.
bool is_place(std::string_view text);

// A place, a command or code: what a constructor opens, fetches or evaluates.
bool leads_out(std::string_view text);

// The first text that `leads_out` among the arguments of `call`, its keyword arguments and lists
// of these; empty where there is none. Texts of more than kLeadingTextMax bytes are data.
inline constexpr std::size_t kLeadingTextMax = 2000;
std::string_view leading_argument(const formats::models::ValueGraph& graph,
                                  const formats::models::Value& call);

// Whether an argument of `call` is a text of that kind.
enum class TextKind : std::uint8_t { kAny, kMoreThanWord, kPlace };
bool takes_text(const formats::models::ValueGraph& graph, const formats::models::Value& call,
                TextKind kind);

// A word that code in the file has no harmless use for.
bool is_telling_word(std::string_view word);
// The first such text in a value and what it holds; empty where there is none among those that are
// looked at, which are bounded by depth and count.
std::string_view telling_word(const formats::models::ValueGraph& graph,
                              formats::models::ValueId root);

// Whether classes that are named so open, start or ask what the text that they are given names.
bool opens_by_name(std::string_view class_name);

// Whether classes that are named so start programs or connect by being made, whatever they are
// given.
bool acts_by_name(std::string_view class_name);

// Whether a class that is not known does more with what it is given than keep it.
bool acts(const formats::models::ValueGraph& graph, const formats::models::Value& call,
          std::string_view name);

// Whether what a function is given can be an object's state: more than texts, and nothing that
// leads out.
bool takes_state(const formats::models::ValueGraph& graph, const formats::models::Value& call);

// An exception only keeps what it is given.
bool is_error(std::string_view name);

// Whether a library that evaluates the texts that it is given gets Python among them, rather than a
// formula.
bool takes_code(const formats::models::ValueGraph& graph, const formats::models::Value& call);

// Whether it is eval("data", {"data": …}), by which PaddlePaddle writes its tensors: a value that
// is named.
bool is_name_in_table(const formats::models::ValueGraph& graph, const formats::models::Value& call);

// Of the state that an object of statsmodels is given: the formula that it evaluates as Python when
// it is loaded, where that is more than transformations of columns. Empty where there is none.
std::string_view hostile_formula(const formats::models::ValueGraph& graph,
                                 formats::models::ValueId state);

// Whether it is `range(0, 3)` or the like, which dill writes for some objects of Python's own.
bool is_plain_literal(const formats::models::ValueGraph& graph, const formats::models::Value& call);

}  // namespace vedette::scan::models
