// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::match {

// An RE2 regular expression searched for anywhere in a text, linear in it whatever the expression.
// Text is UTF-8; bytes that are not match no character of an expression. Immutable, shared by
// threads. The only place that knows RE2.
class Regex {
 public:
  static Result<Regex> compile(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  bool found_in(std::string_view text) const;

  enum class Anchor : std::uint8_t { kAnywhere, kStart };
  // The first match at or behind `from`: groups[0] is the whole, a group that took no part has no
  // data. Views into `text`. False when there is none.
  bool find(std::string_view text, std::size_t from, Anchor anchor,
            std::vector<std::string_view>& groups) const {
    return find(text, from, text.size(), anchor, groups);
  }
  // The same for a match that ends at or before `end`; what stands behind is still looked at by
  // `$` and `\b`.
  bool find(std::string_view text, std::size_t from, std::size_t end, Anchor anchor,
            std::vector<std::string_view>& groups) const;
  // Names of the groups, "" for those without; index 0 is the whole.
  std::vector<std::string> group_names() const;

 private:
  struct Impl;
  explicit Regex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Many expressions over one text: literals that an expression needs are looked for by the caller
// (who searches for literals anyway), and only expressions whose literals are there are run.
class RegexSet {
 public:
  RegexSet();
  RegexSet(RegexSet&&) noexcept;
  RegexSet& operator=(RegexSet&&) noexcept;
  ~RegexSet();

  // Its index, from 0 in the order of adding. `pattern` must have compiled as a Regex.
  Result<std::size_t> add(std::string_view pattern);
  // Call once after the last add(). The literals (lower case, at least three bytes) to look for.
  std::vector<std::string> finish();
  std::size_t size() const;

  // `atoms`: indices of those literals that the lower-cased text contains. Appends to `candidates`
  // the expressions that may then be found; for the others it is certain that they are not.
  void candidates(const std::vector<int>& atoms, std::vector<int>& candidates) const;
  bool found_in(std::size_t index, std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::match
