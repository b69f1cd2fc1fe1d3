// SPDX-License-Identifier: Apache-2.0
#include "match/regex.h"

#include <algorithm>
#include <fmt/format.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include "base/unicode.h"
#include "match/regex_length.h"
#include "match/run_length.h"

namespace vedette::match {
namespace {

constexpr std::size_t kAtomBytesMin = 3;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  // A rule's expression is trusted no more than the log it is run over; this bounds its program and
  // cache.
  options.set_max_mem(std::int64_t{8} << 20);
  return options;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Regex::Impl {
  explicit Impl(std::string_view pattern)
      : expression(piece(pattern), options()),
        bytes_min(minimum_match_bytes(pattern)),
        dots(counted_dots(pattern)) {}
  RE2 expression;
  std::size_t bytes_min;
  std::optional<std::size_t> dots;  // the expression is that many dots in a row
};

Regex::Regex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
  auto impl = std::make_unique<Impl>(pattern);
  if (!impl->expression.ok()) {
    return failure(ErrorCode::kInvalid, fmt::format("not a regular expression of RE2: {} in \"{}\"",
                                                    impl->expression.error(), pattern));
  }
  return Regex(std::move(impl));
}

bool Regex::found_in(std::string_view text) const {
  if (text.size() < impl_->bytes_min) return false;
  if (impl_->dots) return has_run_of_characters(text, *impl_->dots);
  return RE2::PartialMatch(piece(text), impl_->expression);
}

bool Regex::find(std::string_view text, std::size_t from, std::size_t end, Anchor anchor,
                 std::vector<std::string_view>& groups) const {
  const RE2& expression = impl_->expression;
  std::vector<re2::StringPiece> pieces(
      static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  const auto where = anchor == Anchor::kStart ? RE2::ANCHOR_START : RE2::UNANCHORED;
  if (from > end || !expression.Match(piece(text), from, end, where, pieces.data(),
                                      static_cast<int>(pieces.size()))) {
    return false;
  }
  groups.clear();
  for (const re2::StringPiece& found : pieces) groups.emplace_back(found.data(), found.size());
  return true;
}

std::vector<std::string> Regex::group_names() const {
  std::vector<std::string> names(
      static_cast<std::size_t>(impl_->expression.NumberOfCapturingGroups()) + 1);
  for (const auto& [index, name] : impl_->expression.CapturingGroupNames()) {
    names[static_cast<std::size_t>(index)] = name;
  }
  return names;
}

struct RegexSet::Impl {
  re2::FilteredRE2 filter{static_cast<int>(kAtomBytesMin)};
  std::size_t count = 0;
  // Expressions that may hold letters beyond ASCII: RE2 folds their atoms by more of Unicode than
  // our texts are.
  std::vector<int> unfiltered;
  std::vector<std::size_t> bytes_min;            // by expression
  std::vector<std::optional<std::size_t>> dots;  // by expression, see Regex::Impl
};

RegexSet::RegexSet() : impl_(std::make_unique<Impl>()) {}
RegexSet::RegexSet(RegexSet&&) noexcept = default;
RegexSet& RegexSet::operator=(RegexSet&&) noexcept = default;
RegexSet::~RegexSet() = default;

Result<std::size_t> RegexSet::add(std::string_view pattern) {
  int id = 0;
  if (impl_->filter.Add(piece(pattern), options(), &id) != RE2::NoError) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("not a regular expression of RE2: \"{}\"", pattern));
  }
  impl_->count = static_cast<std::size_t>(id) + 1;
  impl_->bytes_min.push_back(minimum_match_bytes(pattern));
  impl_->dots.push_back(counted_dots(pattern));
  if (!is_ascii(pattern) || pattern.find("\\x") != std::string_view::npos)
    impl_->unfiltered.push_back(id);
  return static_cast<std::size_t>(id);
}

std::vector<std::string> RegexSet::finish() {
  std::vector<std::string> atoms;
  if (impl_->count != 0) impl_->filter.Compile(&atoms);
  return atoms;
}

std::size_t RegexSet::size() const { return impl_->count; }

void RegexSet::candidates(const std::vector<int>& atoms, std::vector<int>& candidates) const {
  if (impl_->count == 0) return;
  std::vector<int> found;
  impl_->filter.AllPotentials(atoms, &found);
  candidates.insert(candidates.end(), found.begin(), found.end());
  for (const int id : impl_->unfiltered) {
    if (std::find(found.begin(), found.end(), id) == found.end()) candidates.push_back(id);
  }
}

bool RegexSet::found_in(std::size_t index, std::string_view text) const {
  if (text.size() < impl_->bytes_min[index]) return false;
  if (impl_->dots[index]) return has_run_of_characters(text, *impl_->dots[index]);
  return RE2::PartialMatch(piece(text), impl_->filter.GetRE2(static_cast<int>(index)));
}

}  // namespace vedette::match
