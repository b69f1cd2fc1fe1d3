// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "match/find_text.h"
#include "match/regex_positions.h"
#include "rules/secret/required.h"

namespace vedette::rules::secret {
namespace {

// RE2 gives no literals for expressions with escaped bytes; rules write the backtick so.
std::string without_escaped_backticks(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern.substr(at).starts_with("\\x60")) {
      out += '`';
      at += 3;
    } else {
      out += pattern[at];
      if (pattern[at] == '\\' && at + 1 < pattern.size()) out += pattern[++at];
    }
  }
  return out;
}

// Whether wherever a pivot stands, a keyword stands too.
bool imply_a_keyword(const std::vector<std::string>& literals,
                     const std::vector<std::string>& keywords) {
  return std::ranges::all_of(literals, [&](const std::string& literal) {
    return std::ranges::any_of(keywords, [&](const std::string& keyword) {
      return literal.find(keyword) != std::string::npos;
    });
  });
}

std::vector<std::string> literals_of(std::string_view pattern) {
  std::vector<std::string> literals;
  for (match::Pivot& pivot : match::regex_pivots(pattern))
    literals.push_back(std::move(pivot.literal));
  return literals;
}

// Numbers of needles, given out as they are asked for.
class NeedleNumbers {
 public:
  std::uint32_t of(const std::string& text) {
    const auto [at, is_new] = numbers_.emplace(text, static_cast<std::uint32_t>(needles_.size()));
    if (is_new) needles_.push_back(text);
    return at->second;
  }
  std::size_t size() const { return needles_.size(); }
  std::vector<std::string> take() { return std::move(needles_); }

 private:
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> needles_;
};

}  // namespace

double entropy(std::string_view text) {
  if (text.empty()) return 0;
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

std::shared_ptr<const SecretProgram> SecretProgram::compile(SecretRuleSet rules) {
  const std::shared_ptr<SecretProgram> program(new SecretProgram(std::move(rules)));
  program->late_ = std::make_unique<LateRule[]>(program->rules_.rules.size());
  program->global_.reserve(program->rules_.allowlists.size());
  for (const Allowlist& allowlist : program->rules_.allowlists)
    program->global_.emplace_back(allowlist);
  program->build_needles();
  program->resolve_required();
  return program;
}

void SecretProgram::resolve_required() {
  const std::vector<SecretRule>& all = rules_.rules;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].required.empty()) continue;
    Accompanied one{i, {}};
    for (const Required& required : all[i].required) {
      const auto at = std::ranges::find(all, required.rule,
                                        [](const SecretRule& rule) { return rule.info.id; });
      one.companions.push_back(at == all.end() ? kNone
                                               : static_cast<std::uint32_t>(at - all.begin()));
    }
    accompanied_.push_back(std::move(one));
  }
}

void SecretProgram::build_needles() {
  NeedleNumbers numbers;
  keywords_.resize(rules_.rules.size());
  for (std::uint32_t i = 0; i < rules_.rules.size(); ++i) {
    SecretRule& rule = rules_.rules[i];
    patterns_.push_back(without_escaped_backticks(rule.regex));
    if (!rule.literals) rule.literals = literals_of(patterns_.back());
    for (std::uint32_t k = 0; k < rule.literals->size(); ++k) {
      const std::uint32_t needle = numbers.of((*rule.literals)[k]);
      uses_.resize(numbers.size());
      uses_[needle].push_back({i, k});
    }
    if (rule.literals->empty()) without_pivots_.push_back(i);
    if (!rule.literals->empty() && imply_a_keyword(*rule.literals, rule.keywords)) continue;
    for (const std::string& keyword : rule.keywords) {
      const bool is_short = keyword.size() < match::NeedleFinder::kNeedleBytesMin;
      keywords_[i].push_back({keyword, is_short ? kNone : numbers.of(keyword)});
    }
  }
  uses_.resize(numbers.size());
  if (numbers.size() != 0) needles_.emplace(numbers.take());
}

const SecretProgram::CompiledRule& SecretProgram::compiled(std::uint32_t index) const {
  LateRule& late = late_[index];
  std::call_once(late.rule_once, [&] {
    const SecretRule& rule = rules_.rules[index];
    const auto compile = [](const std::string& text, std::optional<match::Regex>& out) {
      if (text.empty()) return;
      if (Result<match::Regex> regex = match::Regex::compile(text)) out = std::move(*regex);
    };
    compile(patterns_[index], late.rule.regex);
    compile(rule.path, late.rule.path);
    late.rule.allowlists.reserve(rule.allowlists.size());
    for (const Allowlist& allowlist : rule.allowlists) late.rule.allowlists.emplace_back(allowlist);
  });
  return late.rule;
}

const RuleGate& SecretProgram::gate(std::uint32_t index) const {
  LateRule& late = late_[index];
  std::call_once(late.gate_once, [&] { late.gate.emplace(patterns_[index]); });
  return *late.gate;
}

void SecretProgram::find_candidates(std::string_view content, Scratch& scratch) const {
  scratch.places.clear();
  scratch.candidates.clear();
  scratch.found.assign(uses_.size(), 0);
  if (needles_) needles_->find_all(content, scratch.places);
  for (const match::NeedleFinder::Place& place : scratch.places) {
    scratch.found[place.needle] = 1;
    for (const PivotUse& use : uses_[place.needle]) {
      if (gate(use.rule).may_match(use.pivot, content, place.begin))
        scratch.candidates.push_back({use.rule, use.pivot, place.begin});
    }
  }
  for (const std::uint32_t rule : without_pivots_) {
    if (has_keyword(rule, content, scratch)) scratch.candidates.push_back({rule, kNone, 0});
  }
  std::ranges::sort(scratch.candidates, {}, [](const Candidate& candidate) {
    return std::tuple(candidate.rule, candidate.begin, candidate.pivot);
  });
}

bool SecretProgram::has_keyword(std::uint32_t rule, std::string_view content,
                                const Scratch& scratch) const {
  const std::vector<Keyword>& keywords = keywords_[rule];
  return keywords.empty() || std::ranges::any_of(keywords, [&](const Keyword& keyword) {
           return keyword.needle != kNone
                      ? scratch.found[keyword.needle] != 0
                      : match::find_folded(content, keyword.text, 0) != std::string_view::npos;
         });
}

void SecretProgram::find(std::string_view path, std::string_view content, std::string_view commit,
                         Scratch& scratch, std::vector<SecretMatch>& matches) const {
  const std::size_t first = matches.size();
  find_candidates(content, scratch);
  const Found found{path, content, commit};
  const std::span<const Candidate> candidates = scratch.candidates;
  for (std::size_t i = 0; i < candidates.size();) {
    const std::uint32_t index = candidates[i].rule;
    std::size_t end = i + 1;
    while (end < candidates.size() && candidates[end].rule == index) ++end;
    const std::span<const Candidate> own = candidates.subspan(i, end - i);
    i = end;
    if (own.front().pivot != kNone && !has_keyword(index, content, scratch)) continue;
    const CompiledRule& rule = compiled(index);
    if (rule.path && !rule.path->found_in(path)) continue;
    if (!rule.regex && !patterns_[index].empty()) continue;  // the loader lets none such pass
    if (own.front().pivot != kNone) {
      run_around(own, found, scratch, matches);
    } else if (rule.regex) {
      run_everywhere(index, found, scratch, matches);
    } else {
      run_path_rule(index, found, matches);
    }
  }
  if (!accompanied_.empty() && matches.size() > first)
    drop_unaccompanied(found, first, scratch, matches);
}

// A companion is looked for whether one of its keywords is there or not, as gitleaks does.
void SecretProgram::drop_unaccompanied(const Found& found, std::size_t first, Scratch& scratch,
                                       std::vector<SecretMatch>& matches) const {
  for (const Accompanied& one : accompanied_) {
    const auto begin = matches.begin() + static_cast<std::ptrdiff_t>(first);
    const auto is_own = [&](const SecretMatch& match) {
      return match.rule == one.rule && match.match_size != 0;
    };
    if (std::none_of(begin, matches.end(), is_own)) continue;
    const std::uint64_t allowed = scratch.allowed;
    scratch.companions.assign(one.companions.size(), {});
    for (std::size_t i = 0; i < one.companions.size(); ++i) {
      const std::uint32_t companion = one.companions[i];
      if (companion == kNone) continue;
      const CompiledRule& rule = compiled(companion);
      if (!rule.regex || (rule.path && !rule.path->found_in(found.path))) continue;
      run_everywhere(companion, found, scratch, scratch.companions[i]);
    }
    scratch.allowed = allowed;
    matches.erase(std::remove_if(begin, matches.end(),
                                 [&](const SecretMatch& match) {
                                   return is_own(match) &&
                                          !is_accompanied(one, found, match, scratch);
                                 }),
                  matches.end());
  }
}

// One of each rule must be near, by any of the conditions that name it.
bool SecretProgram::is_accompanied(const Accompanied& rule, const Found& found,
                                   const SecretMatch& match, const Scratch& scratch) const {
  const std::vector<Required>& required = rules_.rules[rule.rule].required;
  const auto is_met = [&](std::size_t index) {
    return std::ranges::any_of(scratch.companions[index], [&](const SecretMatch& companion) {
      return is_near(found.content, match.match_begin, companion.match_begin, required[index]);
    });
  };
  for (std::size_t i = 0; i < required.size(); ++i) {
    bool met = false;
    for (std::size_t k = 0; k < required.size() && !met; ++k)
      met = required[k].rule == required[i].rule && is_met(k);
    if (!met) return false;
  }
  return true;
}

void SecretProgram::run_path_rule(std::uint32_t index, const Found& found,
                                  std::vector<SecretMatch>& matches) const {
  const SecretMatch match{index, 0, 0, 0, 0};
  const CompiledRule& rule = compiled(index);
  if (rule.path && !is_allowed(rule, found, match)) matches.push_back(match);
}

void SecretProgram::run_everywhere(std::uint32_t index, const Found& found, Scratch& scratch,
                                   std::vector<SecretMatch>& matches) const {
  std::size_t behind = 0;
  while (behind <= found.content.size() &&
         search(index, found, behind, match::Regex::Anchor::kAnywhere, behind, scratch, matches)) {
  }
}

// Every match holds a candidate, and the automata know where a match with it may begin. The first
// such place at which the expression matches is where its next match in the content begins, for
// nothing begins before. To try the expression at one place is much cheaper than to let it look.
void SecretProgram::run_around(std::span<const Candidate> candidates, const Found& found,
                               Scratch& scratch, std::vector<SecretMatch>& matches) const {
  const std::uint32_t index = candidates.front().rule;
  constexpr unsigned kAttemptsMax = 16;
  constexpr auto kNowhere = std::string_view::npos;
  std::size_t from = 0;
  unsigned attempts = 0;  // since the last match
  while (!candidates.empty()) {
    const std::optional<std::size_t> begin = next_begin(candidates, found.content, from);
    if (begin && *begin == kNowhere) {
      candidates = candidates.subspan(1);
      attempts = 0;
    } else if (begin && attempts < kAttemptsMax) {
      const bool is_match =
          search(index, found, *begin, match::Regex::Anchor::kStart, from, scratch, matches);
      if (!is_match) from = *begin + 1;
      attempts = is_match ? 0 : attempts + 1;
    } else {
      attempts = 0;
      if (!search(index, found, from, match::Regex::Anchor::kAnywhere, from, scratch, matches))
        return;
    }
  }
}

// The first place at or behind `from` where a match with the first candidate may begin, or with one
// behind it that reaches further to the front; npos where the first has none.
std::optional<std::size_t> SecretProgram::next_begin(std::span<const Candidate> candidates,
                                                     std::string_view content,
                                                     std::size_t from) const {
  constexpr auto kNowhere = std::string_view::npos;
  const RuleGate& around = gate(candidates.front().rule);
  std::size_t first = kNowhere;
  for (const Candidate& candidate : candidates) {
    const bool is_front = &candidate == candidates.data();
    if (candidate.begin < from) {
      if (is_front) return kNowhere;
      continue;
    }
    if (!is_front && candidate.begin - std::min(candidate.begin, around.before_max()) >= first)
      break;
    const std::optional<std::size_t> begin =
        around.first_begin(candidate.pivot, content, candidate.begin, from);
    if (!begin) return std::nullopt;
    if (is_front && *begin == kNowhere) return kNowhere;
    first = std::min(first, *begin);
  }
  return first;
}

// The first match at `begin`, or anywhere behind it, if there is one; then `behind` is put behind
// it.
bool SecretProgram::search(std::uint32_t index, const Found& found, std::size_t begin,
                           match::Regex::Anchor anchor, std::size_t& behind, Scratch& scratch,
                           std::vector<SecretMatch>& matches) const {
  const SecretRule& written = rules_.rules[index];
  const CompiledRule& rule = compiled(index);
  std::vector<std::string_view>& groups = scratch.groups;
  if (!rule.regex->find(found.content, begin, anchor, groups)) return false;
  const auto begin_of = [&](std::string_view part) {
    return static_cast<std::size_t>(part.data() - found.content.data());
  };
  const std::size_t match_end = begin_of(groups[0]) + groups[0].size();
  behind = groups[0].empty() ? match_end + 1 : match_end;
  std::string_view secret = groups[0];
  if (written.secret_group != 0) {
    if (written.secret_group < groups.size()) secret = groups[written.secret_group];
  } else {
    for (std::size_t i = 1; i < groups.size(); ++i) {
      if (groups[i].empty()) continue;
      secret = groups[i];
      break;
    }
  }
  if (secret.data() == nullptr || secret.empty()) return true;
  const SecretMatch match{index, begin_of(groups[0]), groups[0].size(), begin_of(secret),
                          secret.size()};
  if (written.entropy != 0 && entropy(secret) <= written.entropy) return true;
  if (is_allowed(rule, found, match)) {
    ++scratch.allowed;
    return true;
  }
  matches.push_back(match);
  return true;
}

bool SecretProgram::is_allowed(const CompiledRule& rule, const Found& found,
                               const SecretMatch& match) const {
  const AllowanceQuestion question{found.path, found.commit, found.content,
                                   found.content.substr(match.secret_begin, match.secret_size),
                                   found.content.substr(match.match_begin, match.match_size)};
  const auto allows = [&](const AllowlistMatcher& list) { return list.allows(question); };
  return std::ranges::any_of(global_, allows) || std::ranges::any_of(rule.allowlists, allows);
}

}  // namespace vedette::rules::secret
