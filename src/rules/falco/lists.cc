// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/lists.h"

#include <fmt/format.h>
#include <set>

#include "rules/falco/exceptions.h"

namespace vedette::rules::falco {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";
constexpr std::string_view kDelimiters = " \t\n\r(),=";

bool delimits(const std::string& text, std::size_t at) {
  return at >= text.size() || kDelimiters.find(text[at]) != std::string_view::npos;
}

// Replaces the name that stands at [start, end) and the blanks around it, and returns where to look
// on. An empty list takes one comma with it.
std::size_t put(std::string& condition, std::size_t start, std::size_t end,
                const std::string& items) {
  while (start > 0 && kBlanks.find(condition[start - 1]) != std::string_view::npos) --start;
  while (end < condition.size() && kBlanks.find(condition[end]) != std::string_view::npos) ++end;
  if (items.empty()) {
    if (start > 0 && condition[start - 1] == ',') {
      --start;
    } else if (end < condition.size() && condition[end] == ',') {
      ++end;
    }
  }
  const std::string text = (start > 0 ? " " : "") + items + " ";
  condition.replace(start, end - start, text);
  return start + items.size() + 2;
}

// How many bytes may be added; false when a list would add more.
bool substitute_one(std::string& condition, const std::string& name, const std::string& items,
                    bool& used) {
  for (std::size_t at = condition.find(name); at != std::string::npos;
       at = condition.find(name, at)) {
    const std::size_t end = at + name.size();
    if ((at > 0 && !delimits(condition, at - 1)) || !delimits(condition, end)) {
      ++at;
      continue;
    }
    at = put(condition, at, end, items);
    used = true;
    if (condition.size() > kConditionBytesMax) return false;
  }
  return true;
}

}  // namespace

ListTexts::ListTexts(const Named<ListItem>& lists) {
  std::set<std::string_view> named;
  for (const ListItem& list : lists.all()) {
    std::string text;
    const auto add = [&text](const std::string& item) {
      if (text.size() > kConditionBytesMax) return;
      if (!text.empty()) text += ", ";
      text += quoted_item(item);
    };
    for (const std::string& item : list.items) {
      const ListItem* other = lists.find(item);
      if (other == nullptr || other->first >= list.last) {
        add(item);
        continue;
      }
      named.insert(other->name);
      for (const std::string& inner : other->items) add(inner);
    }
    texts_.push_back({&list, std::move(text), false});
  }
  for (Text& text : texts_) text.used = named.contains(text.list->name);
}

Parsed<std::string> ListTexts::substitute(std::string condition) {
  for (Text& text : texts_) {
    if (text.list->name.empty()) continue;
    if (!substitute_one(condition, text.list->name, text.text, text.used)) {
      return refuse(fmt::format("the condition is longer than {} bytes with the lists in it",
                                kConditionBytesMax),
                    text.list->name);
    }
  }
  return condition;
}

std::vector<const ListItem*> ListTexts::unused() const {
  std::vector<const ListItem*> lists;
  for (const Text& text : texts_) {
    if (!text.used) lists.push_back(text.list);
  }
  return lists;
}

}  // namespace vedette::rules::falco
