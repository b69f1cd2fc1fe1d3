// SPDX-License-Identifier: Apache-2.0
#include "rules/sigma/condition.h"

#include <array>
#include <fmt/format.h>

namespace vedette::rules::sigma {
namespace {

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::string_view kBlanks = " \t\r\n";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Recursive descent; depth_ bounds the recursion.
class ConditionParser {
 public:
  ConditionParser(std::string_view text, Position position) : text_(text), position_(position) {
    advance();
  }

  Parsed<Condition> run() {
    if (text_.size() > kConditionBytesMax) {
      return refuse(position_,
                    fmt::format("the condition is longer than {} bytes", kConditionBytesMax));
    }
    TRY(Condition condition, disjunction());
    if (token_.empty()) return condition;
    if (token_ == "|") {
      return refuse(position_,
                    "the condition holds a pipe: aggregations in conditions were replaced by "
                    "correlation rules; write one of those");
    }
    return refuse(position_, fmt::format("the condition should end before '{}', or `and` or `or` "
                                         "is missing there",
                                         token_));
  }

 private:
  void advance() {
    while (at_ < text_.size() && is_one_of(text_[at_], kBlanks)) ++at_;
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_one_of(text_[at_], kNameCharacters) || text_[at_] == '*')) {
      ++at_;
    }
    if (at_ == start && at_ < text_.size()) {
      ++at_;
      // A character beyond ASCII is named whole in messages.
      while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) ++at_;
    }
    token_ = text_.substr(start, at_ - start);
  }

  Condition make(Condition::Kind kind, std::vector<Condition> parts = {}) const {
    Condition condition;
    condition.kind = kind;
    condition.parts = std::move(parts);
    condition.position = position_;
    return condition;
  }

  using Rule = Parsed<Condition> (ConditionParser::*)();
  Parsed<Condition> chain(Condition::Kind kind, std::string_view word, Rule part) {
    TRY(Condition first, (this->*part)());
    if (token_ != word) return first;
    std::vector<Condition> parts;
    parts.push_back(std::move(first));
    while (token_ == word) {
      advance();
      TRY(Condition next, (this->*part)());
      parts.push_back(std::move(next));
    }
    return make(kind, std::move(parts));
  }
  Parsed<Condition> disjunction() {
    return chain(Condition::Kind::kOr, "or", &ConditionParser::conjunction);
  }
  Parsed<Condition> conjunction() {
    return chain(Condition::Kind::kAnd, "and", &ConditionParser::factor);
  }

  Parsed<Condition> factor() {
    if (token_ != "not" && token_ != "(") return operand();
    if (++depth_ > kConditionDepthMax) {
      return refuse(position_,
                    fmt::format("the condition is nested deeper than {}", kConditionDepthMax));
    }
    const bool negated = token_ == "not";
    advance();
    TRY(Condition inner, negated ? factor() : disjunction());
    --depth_;
    if (negated) {
      std::vector<Condition> parts;
      parts.push_back(std::move(inner));
      return make(Condition::Kind::kNot, std::move(parts));
    }
    if (token_ != ")") {
      return refuse(position_, fmt::format("the condition needs ')' {}", found()));
    }
    advance();
    return inner;
  }

  Parsed<Condition> operand() {
    const std::string_view word = token_;
    const bool is_word = !word.empty() && (is_one_of(word[0], kNameCharacters) || word[0] == '*');
    if (!is_word || word == "and" || word == "or") {
      return refuse(position_,
                    fmt::format("the condition needs the name of a detection {}", found()));
    }
    advance();
    if (token_ == "of") return selector(word);
    if (word.find('*') != std::string_view::npos) {
      return refuse(position_, fmt::format("the condition holds the pattern '{}' without `1 of` or "
                                           "`all of` before it",
                                           word));
    }
    Condition condition = make(Condition::Kind::kName);
    condition.name = word;
    return condition;
  }

  Parsed<Condition> selector(std::string_view quantifier) {
    static constexpr std::array<std::string_view, 3> kQuantifiers = {"1", "any", "all"};
    bool known = false;
    for (const std::string_view name : kQuantifiers) known = known || name == quantifier;
    if (!known) {
      return refuse(position_, fmt::format("the condition says '{} of', but only `1 of`, `any of` "
                                           "and `all of` have a meaning",
                                           quantifier));
    }
    advance();
    if (token_.empty() || !(is_one_of(token_[0], kNameCharacters) || token_[0] == '*')) {
      return refuse(position_, fmt::format("the condition needs `them` or a pattern after '{} of' "
                                           "{}",
                                           quantifier, found()));
    }
    Condition condition = make(Condition::Kind::kSelector);
    condition.all = quantifier == "all";
    condition.name = token_;
    advance();
    return condition;
  }

  std::string found() const {
    return token_.empty() ? "at its end" : fmt::format("where '{}' stands", token_);
  }

  std::string_view text_;  // the caller's, while run() lasts
  Position position_;
  std::size_t at_ = 0;
  std::string_view token_;  // empty at the end
  std::size_t depth_ = 0;
};

}  // namespace

Parsed<Condition> parse_condition(std::string_view text, Position position) {
  return ConditionParser(text, position).run();
}

bool selects(std::string_view pattern, std::string_view name) {
  const bool is_private = name.starts_with('_') && !pattern.starts_with('_');
  if (is_private) return false;
  if (pattern == "them") return true;
  // Greedy matching with one point of return, since `*` is the only special character.
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace vedette::rules::sigma
