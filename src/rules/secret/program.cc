// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "match/find_text.h"
#include "match/regex_length.h"

namespace vedette::rules::secret {
namespace {

// A neighbourhood longer than this is as good as the whole content.
constexpr std::size_t kReachMax = 16 << 10;

void to_lower(std::string_view text, std::string& out) {
  out.assign(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
}

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

// Whether every match of `pattern` holds one of `keywords`. RE2 tells the literals of which some
// must be in a match; if those without a keyword in them do not suffice, a keyword is inside.
bool holds_a_keyword(std::string_view pattern, const std::vector<std::string>& keywords) {
  match::RegexSet set;
  if (!set.add(pattern)) return false;
  const std::vector<std::string> literals = set.finish();
  std::vector<int> without;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    const bool has = std::ranges::any_of(keywords, [&](const std::string& keyword) {
      return literals[i].find(keyword) != std::string::npos;
    });
    if (!has) without.push_back(static_cast<int>(i));
  }
  std::vector<int> candidates;
  set.candidates(without, candidates);
  return candidates.empty();
}

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

std::string_view line_at(std::string_view content, std::size_t at) {
  at = std::min(at, content.size());
  const std::size_t before = at == 0 ? std::string_view::npos : content.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  std::string_view line = content.substr(begin, content.find('\n', at) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::shared_ptr<const SecretProgram> SecretProgram::compile(SecretRuleSet rules) {
  const std::shared_ptr<SecretProgram> program(new SecretProgram(std::move(rules)));
  program->late_ = std::make_unique<LateRule[]>(program->rules_.rules.size());
  for (const Allowlist& allowlist : program->rules_.allowlists)
    program->global_.push_back(compile_allowlist(allowlist));
  program->build_keywords();
  return program;
}

SecretProgram::CompiledAllowlist SecretProgram::compile_allowlist(const Allowlist& allowlist) {
  CompiledAllowlist compiled;
  compiled.written = &allowlist;
  const auto compile = [](const std::vector<std::string>& patterns,
                          std::optional<match::Regex>& out) {
    if (patterns.empty()) return;
    // The loader let no other pass.
    if (Result<match::Regex> regex = match::Regex::compile(joined(patterns)))
      out = std::move(*regex);
  };
  compile(allowlist.paths, compiled.paths);
  compile(allowlist.regexes, compiled.regexes);
  return compiled;
}

const SecretProgram::CompiledRule& SecretProgram::compiled(std::uint32_t index) const {
  LateRule& late = late_[index];
  std::call_once(late.once, [&] { compile_rule(rules_.rules[index], late.rule); });
  return late.rule;
}

void SecretProgram::compile_rule(const SecretRule& rule, CompiledRule& compiled) {
  const std::string pattern = without_escaped_backticks(rule.regex);
  const auto compile = [](const std::string& text, std::optional<match::Regex>& out) {
    if (text.empty()) return;
    if (Result<match::Regex> regex = match::Regex::compile(text)) out = std::move(*regex);
  };
  compile(pattern, compiled.regex);
  compile(rule.path, compiled.path);
  for (const Allowlist& allowlist : rule.allowlists)
    compiled.allowlists.push_back(compile_allowlist(allowlist));
  if (pattern.empty() || rule.keywords.empty()) return;
  const std::optional<std::size_t> longest = match::maximum_match_bytes(pattern);
  if (longest && *longest <= kReachMax && holds_a_keyword(pattern, rule.keywords))
    compiled.reach = longest;
}

void SecretProgram::build_keywords() {
  std::map<std::string, std::vector<std::uint32_t>> rules_of;
  for (std::uint32_t i = 0; i < rules_.rules.size(); ++i) {
    const SecretRule& rule = rules_.rules[i];
    if (rule.keywords.empty()) always_.push_back(i);
    for (const std::string& keyword : rule.keywords) rules_of[keyword].push_back(i);
  }
  std::vector<std::string> needles;
  for (const auto& [keyword, rules] : rules_of) {
    if (keyword.size() < match::NeedleScanner::kNeedleBytesMin) {
      short_.emplace_back(keyword, rules);
    } else {
      needles.push_back(keyword);
      rules_of_.push_back(rules);
    }
  }
  if (!needles.empty()) needles_.emplace(std::move(needles));
}

void SecretProgram::choose_rules(std::string_view content, Scratch& scratch) const {
  scratch.wanted.assign(rules_.rules.size(), 0);
  for (const std::uint32_t rule : always_) scratch.wanted[rule] = 1;
  scratch.keywords.clear();
  if (needles_) needles_->find_all(content, scratch.keywords);
  for (const std::uint32_t keyword : scratch.keywords) {
    for (const std::uint32_t rule : rules_of_[keyword]) scratch.wanted[rule] = 1;
  }
  for (const auto& [keyword, rules] : short_) {
    if (match::find_folded(content, keyword, 0) == std::string_view::npos) continue;
    for (const std::uint32_t rule : rules) scratch.wanted[rule] = 1;
  }
}

void SecretProgram::find(std::string_view path, std::string_view content, std::string_view commit,
                         Scratch& scratch, std::vector<SecretMatch>& matches) const {
  choose_rules(content, scratch);
  const Found found{path, content, commit};
  for (std::uint32_t i = 0; i < rules_.rules.size(); ++i) {
    if (scratch.wanted[i] == 0) continue;
    const CompiledRule& rule = compiled(i);
    if (rule.path && !rule.path->found_in(path)) continue;
    run_rule(i, found, scratch, matches);
  }
}

void SecretProgram::keyword_places(const SecretRule& rule, std::string_view content,
                                   std::vector<std::size_t>& places) const {
  places.clear();
  for (const std::string& keyword : rule.keywords) {
    for (std::size_t at = match::find_folded(content, keyword, 0); at != std::string_view::npos;
         at = match::find_folded(content, keyword, at + 1)) {
      places.push_back(at);
    }
  }
  std::ranges::sort(places);
}

void SecretProgram::run_rule(std::uint32_t index, const Found& found, Scratch& scratch,
                             std::vector<SecretMatch>& matches) const {
  const CompiledRule& rule = compiled(index);
  std::size_t behind = 0;  // matches do not overlap
  if (!rule.regex) {
    const SecretMatch match{index, 0, 0, 0, 0};
    if (rule.path && !is_allowed(rule, found, match, scratch)) matches.push_back(match);
    return;
  }
  const std::size_t size = found.content.size();
  if (!rule.reach) return search(index, found, 0, size, behind, scratch, matches);
  keyword_places(rules_.rules[index], found.content, scratch.places);
  const std::size_t reach = *rule.reach;
  // A place's neighbourhood, joined with those that it touches.
  for (std::size_t i = 0; i < scratch.places.size();) {
    const std::size_t begin = scratch.places[i] - std::min(scratch.places[i], reach);
    std::size_t end = std::min(size, scratch.places[i] + reach);
    for (++i;
         i < scratch.places.size() && scratch.places[i] - std::min(scratch.places[i], reach) <= end;
         ++i) {
      end = std::min(size, scratch.places[i] + reach);
    }
    search(index, found, begin, end, behind, scratch, matches);
  }
}

void SecretProgram::search(std::uint32_t index, const Found& found, std::size_t begin,
                           std::size_t end, std::size_t& behind, Scratch& scratch,
                           std::vector<SecretMatch>& matches) const {
  const SecretRule& written = rules_.rules[index];
  const CompiledRule& rule = compiled(index);
  std::vector<std::string_view>& groups = scratch.groups;
  std::size_t from = std::max(begin, behind);
  while (from <= end &&
         rule.regex->find(found.content, from, end, match::Regex::Anchor::kAnywhere, groups)) {
    const auto begin_of = [&](std::string_view part) {
      return static_cast<std::size_t>(part.data() - found.content.data());
    };
    const std::size_t match_end = begin_of(groups[0]) + groups[0].size();
    behind = from = groups[0].empty() ? match_end + 1 : match_end;
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
    if (secret.data() == nullptr || secret.empty()) continue;
    const SecretMatch match{index, begin_of(groups[0]), groups[0].size(), begin_of(secret),
                            secret.size()};
    if (written.entropy != 0 && entropy(secret) <= written.entropy) continue;
    if (is_allowed(rule, found, match, scratch)) {
      ++scratch.allowed;
      continue;
    }
    matches.push_back(match);
  }
}

bool SecretProgram::is_allowed(const CompiledRule& rule, const Found& found,
                               const SecretMatch& match, Scratch& scratch) const {
  const auto allowed = [&](const CompiledAllowlist& list) {
    return allows(list, found, match, scratch);
  };
  return std::ranges::any_of(global_, allowed) || std::ranges::any_of(rule.allowlists, allowed);
}

bool SecretProgram::allows(const CompiledAllowlist& list, const Found& found,
                           const SecretMatch& match, Scratch& scratch) {
  const Allowlist& written = *list.written;
  // Each kind that the list names says yes or no; the condition joins them.
  unsigned asked = 0;
  unsigned yes = 0;
  const auto ask = [&](bool named, auto&& answer) {
    if (!named) return;
    ++asked;
    if (answer()) ++yes;
  };
  const std::string_view secret = found.content.substr(match.secret_begin, match.secret_size);
  ask(!written.commits.empty(), [&] {
    return !found.commit.empty() &&
           std::ranges::find(written.commits, found.commit) != written.commits.end();
  });
  ask(list.paths.has_value(), [&] { return list.paths->found_in(found.path); });
  ask(list.regexes.has_value(), [&] {
    const std::string_view target = written.target == Allowlist::Target::kSecret ? secret
                                    : written.target == Allowlist::Target::kMatch
                                        ? found.content.substr(match.match_begin, match.match_size)
                                        : line_at(found.content, match.match_begin);
    return list.regexes->found_in(target);
  });
  ask(!written.stopwords.empty(), [&] {
    to_lower(secret, scratch.lower);
    return std::ranges::any_of(written.stopwords, [&](const std::string& word) {
      return scratch.lower.find(word) != std::string::npos;
    });
  });
  if (asked == 0) return false;
  return written.condition == Allowlist::Condition::kAll ? yes == asked : yes > 0;
}

}  // namespace vedette::rules::secret
