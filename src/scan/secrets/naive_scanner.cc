// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/naive_scanner.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

#include "base/unicode.h"
#include "match/regex.h"
#include "scan/secrets/naive_decoder.h"

namespace vedette::scan {
namespace {

using match::Regex;
using rules::secret::Allowlist;
using rules::secret::Required;
using rules::secret::SecretRule;
using Range = NaiveDecoder::Range;

constexpr std::string_view kAllowComment = "gitleaks:allow";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Finds a character's end, an invalid byte being one.
std::size_t character_end(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return is_utf8(text.substr(at, size)) && at + size <= text.size() ? at + size : at + 1;
}

// Matches that do not overlap, from left to right; an empty one right behind another is none.
std::vector<Range> find_all(const Regex& regex, std::string_view text) {
  std::vector<Range> found;
  std::vector<std::string_view> groups;
  std::size_t from = 0;
  std::optional<std::size_t> last_end;
  while (from <= text.size() && regex.find(text, from, Regex::Anchor::kAnywhere, groups)) {
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = start + groups[0].size();
    const bool accepted = end != from || start != last_end;
    if (end == from) {
      from = from < text.size() ? character_end(text, from) : from + 1;
    } else {
      from = end;
    }
    last_end = end;
    if (accepted) found.push_back({start, end});
  }
  return found;
}

double shannon_entropy(std::string_view text) {
  std::map<std::string_view, double> counts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = character_end(text, at);
    const std::string_view character = text.substr(at, end - at);
    ++counts[is_utf8(character) ? character : "\xEF\xBF\xBD"];
    at = end;
  }
  double entropy = 0;
  for (const auto& [character, count] : counts) {
    const double share = count / static_cast<double>(text.size());
    entropy -= share * std::log2(share);
  }
  return entropy;
}

// Where a match stands, counted as gitleaks does.
struct Location {
  std::size_t start_line = 0;  // from 0
  std::size_t end_line = 0;
  std::size_t start_column = 0;
  std::size_t end_column = 0;
  Range line;  // from the line break before it
};

void locate_on_last_line(std::string_view text, Range match, std::size_t line,
                         std::size_t last_break, Location& location) {
  location.start_column = match.start - last_break + 1;
  location.end_column = match.end - last_break;
  location.start_line = location.end_line = line;
  const std::size_t end = std::min(match.end, text.size());
  location.line.end = std::min(text.find_first_of("\r\n", end), text.size());
}

Location locate(std::string_view text, Range match) {
  std::vector<std::size_t> breaks;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    breaks.push_back(at);
  }
  if (breaks.empty()) breaks.push_back(text.size());
  Location location;
  bool start_found = false;
  std::size_t before = 0;
  for (std::size_t line = 0; line < breaks.size(); ++line) {
    const std::size_t at = breaks[line];
    if (before <= match.start && match.start < at) {
      start_found = true;
      location.start_line = location.end_line = line;
      location.start_column = match.start - before + 1;
      location.line = {before, at};
    }
    if (before < match.end && match.end <= at) {
      location.end_line = line;
      location.end_column = match.end - before;
      location.line.end = at;
    }
    before = at;
  }
  if (!start_found) locate_on_last_line(text, match, breaks.size(), before, location);
  location.line.end = std::min(std::max(location.line.end, match.end), text.size());
  return location;
}

// An allowlist whose expressions are joined to one.
class CompiledAllowlist {
 public:
  explicit CompiledAllowlist(const Allowlist& list)
      : list_(list), path_(alternatives(list.paths)), regex_(alternatives(list.regexes)) {}

  bool path_allowed(std::string_view path) const {
    return !path.empty() && path_ && path_->found_in(path);
  }

  // Before the text is looked at; what also asks for the text waits.
  bool allows_file(std::string_view path, std::string_view commit) const {
    const bool by_commit = commit_allowed(commit);
    const bool by_path = path_allowed(path);
    if (list_.condition == Allowlist::Condition::kAny) return by_commit || by_path;
    if (!list_.regexes.empty() || !list_.stopwords.empty()) return false;
    return (list_.commits.empty() || by_commit) && (list_.paths.empty() || by_path);
  }

  bool allows(const NaiveFinding& finding, std::string_view line, std::string_view path,
              std::string_view commit) const {
    const std::string_view target = list_.target == Allowlist::Target::kSecret  ? finding.secret
                                    : list_.target == Allowlist::Target::kMatch ? finding.match
                                                                                : line;
    const bool by_regex = !target.empty() && regex_ && regex_->found_in(target);
    const std::string secret = fold_case(finding.secret);
    const bool by_word = std::ranges::any_of(list_.stopwords, [&](const std::string& word) {
      return !word.empty() && contains(secret, word);
    });
    if (list_.condition == Allowlist::Condition::kAny) return by_regex || by_word;
    return (list_.commits.empty() || commit_allowed(commit)) &&
           (list_.paths.empty() || path_allowed(path)) && (list_.regexes.empty() || by_regex) &&
           (list_.stopwords.empty() || by_word);
  }

 private:
  static std::optional<Regex> alternatives(const std::vector<std::string>& patterns) {
    if (patterns.empty()) return std::nullopt;
    return Regex::compile(rules::secret::joined(patterns)).value();
  }

  bool commit_allowed(std::string_view commit) const {
    return !commit.empty() &&
           std::ranges::find(list_.commits, fold_case(commit)) != list_.commits.end();
  }

  const Allowlist& list_;  // the rule set's
  std::optional<Regex> path_;
  std::optional<Regex> regex_;
};

using Allowlists = std::vector<CompiledAllowlist>;

bool any_allows_file(const Allowlists& lists, std::string_view path, std::string_view commit) {
  return std::ranges::any_of(
      lists, [&](const CompiledAllowlist& list) { return list.allows_file(path, commit); });
}

struct CompiledRule {
  const SecretRule* rule = nullptr;  // the rule set's
  std::optional<Regex> regex;
  std::optional<Regex> path;
  Allowlists allowlists;
};

bool has_generic_name(const NaiveFinding& finding) {
  return contains(fold_case(finding.rule->info.id), "generic");
}

// A generic rule's finding gives way to a particular one's on its line that holds its secret.
void drop_overlapped(std::vector<NaiveFinding>& findings) {
  const std::vector<NaiveFinding> all = findings;
  std::erase_if(findings, [&](const NaiveFinding& finding) {
    return has_generic_name(finding) && std::ranges::any_of(all, [&](const NaiveFinding& other) {
             return other.line == finding.line && other.rule != finding.rule &&
                    contains(other.secret, finding.secret) && !has_generic_name(other);
           });
  });
}

bool is_near(const NaiveFinding& a, const NaiveFinding& b, const Required& required) {
  const auto distance = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
  if (required.within_lines && distance(a.line, b.line) > *required.within_lines) return false;
  return !required.within_columns || distance(a.column, b.column) <= *required.within_columns;
}

}  // namespace

struct NaiveScanner::Rules {
  std::vector<CompiledRule> rules;
  Allowlists allowlists;
  std::map<std::string, std::size_t, std::less<>> by_id;
};

namespace {

// The scan of one text, pass by pass.
class Scan {
 public:
  Scan(const std::vector<CompiledRule>& rules, const Allowlists& allowlists,
       const std::map<std::string, std::size_t, std::less<>>& by_id, const Content& content)
      : rules_(rules),
        allowlists_(allowlists),
        by_id_(by_id),
        content_(content),
        commit_(content.commit == nullptr ? std::string_view() : content.commit->id) {}

  std::vector<NaiveFinding> run(std::uint32_t decode_depth_max) {
    if (any_allows_file(allowlists_, content_.path, commit_)) return {};
    std::vector<NaiveFinding> findings;
    text_ = content_.bytes;
    while (true) {
      const std::string folded = fold_case(text_);
      for (const CompiledRule& rule : rules_) {
        if (!has_keyword(*rule.rule, folded)) continue;
        const std::vector<NaiveFinding> found = find(rule, Purpose::kReport);
        findings.insert(findings.end(), found.begin(), found.end());
      }
      if (depth_ == decode_depth_max || !decoder_.decode(text_)) break;
      ++depth_;
    }
    drop_overlapped(findings);
    return findings;
  }

 private:
  enum class Purpose : std::uint8_t { kReport, kRequired };

  static bool has_keyword(const SecretRule& rule, std::string_view folded) {
    return rule.keywords.empty() ||
           std::ranges::any_of(rule.keywords, [&](const std::string& keyword) {
             return !keyword.empty() && contains(folded, keyword);
           });
  }

  std::vector<NaiveFinding> find(const CompiledRule& rule, Purpose purpose) const {
    if (rule.rule->skip_report && purpose == Purpose::kReport) return {};
    if (any_allows_file(rule.allowlists, content_.path, commit_)) return {};
    if (rule.path && !rule.path->found_in(content_.path)) return {};
    std::vector<NaiveFinding> findings;
    if (!rule.regex) {
      if (depth_ > 0) return {};
      NaiveFinding finding;
      finding.rule = rule.rule;
      finding.match = fmt::format("file detected: {}", content_.path);
      findings.push_back(std::move(finding));
      return findings;
    }
    for (const Range& match : find_all(*rule.regex, text_)) {
      std::optional<NaiveFinding> finding = judge(rule, match);
      if (finding) findings.push_back(std::move(*finding));
    }
    if (purpose == Purpose::kReport && !rule.rule->required.empty()) {
      keep_accompanied(*rule.rule, findings);
    }
    return findings;
  }

  // What a match comes to; nothing when it is allowed.
  std::optional<NaiveFinding> judge(const CompiledRule& rule, Range match) const {
    const std::string_view text = text_;
    std::string_view trimmed = text.substr(match.start, match.end - match.start);
    trimmed.remove_prefix(std::min(trimmed.find_first_not_of('\n'), trimmed.size()));
    trimmed = trimmed.substr(0, trimmed.find_last_not_of('\n') + 1);
    std::string_view line;
    Range place = {match.start, match.start + trimmed.size()};
    if (depth_ > 0) {
      if (!decoder_.touched(match)) return std::nullopt;  // found by the pass before
      place = decoder_.original(match);
      line = decoder_.line_of(match, text_);
    }
    const Location location = locate(content_.bytes, place);
    const std::string_view written =
        content_.bytes.substr(std::min(location.line.start, location.line.end),
                              location.line.end - std::min(location.line.start, location.line.end));
    if (contains(written, kAllowComment)) return std::nullopt;
    if (line.empty()) line = written;

    NaiveFinding finding = describe(rule, trimmed, place, location);
    if (rule.rule->entropy != 0 && finding.entropy <= rule.rule->entropy) return std::nullopt;
    for (const Allowlists* lists : {&allowlists_, &rule.allowlists}) {
      for (const CompiledAllowlist& list : *lists) {
        if (list.allows(finding, line, content_.path, commit_)) return std::nullopt;
      }
    }
    return finding;
  }

  NaiveFinding describe(const CompiledRule& rule, std::string_view trimmed, Range place,
                        const Location& location) const {
    const std::string_view secret = secret_of(rule, trimmed);
    NaiveFinding finding;
    finding.rule = rule.rule;
    finding.match = trimmed;
    finding.secret = secret;
    finding.entropy = shannon_entropy(secret);
    finding.match_start = finding.secret_start = place.start;
    finding.match_end = finding.secret_end = place.end;
    if (depth_ == 0) {
      finding.match_start = static_cast<std::size_t>(trimmed.data() - text_.data());
      finding.match_end = finding.match_start + trimmed.size();
      finding.secret_start = static_cast<std::size_t>(secret.data() - text_.data());
      finding.secret_end = finding.secret_start + secret.size();
    }
    finding.line = static_cast<std::uint32_t>(location.start_line + 1);
    finding.end_line = static_cast<std::uint32_t>(location.end_line + 1);
    finding.column = static_cast<std::uint32_t>(location.start_column);
    finding.end_column = static_cast<std::uint32_t>(location.end_column);
    finding.decode_depth = depth_;
    return finding;
  }

  // The match alone is matched once more, which has another context than the text.
  static std::string_view secret_of(const CompiledRule& rule, std::string_view match) {
    std::vector<std::string_view> groups;
    if (!rule.regex->find(match, 0, Regex::Anchor::kAnywhere, groups) || groups.size() < 2) {
      return match;
    }
    if (rule.rule->secret_group > 0) {
      const std::string_view group = groups[rule.rule->secret_group];
      return group.data() == nullptr ? match.substr(0, 0) : group;
    }
    const auto first = std::find_if(groups.begin() + 1, groups.end(),
                                    [](std::string_view group) { return !group.empty(); });
    return first == groups.end() ? match : *first;
  }

  // Keeps findings that have one of each required rule near by.
  void keep_accompanied(const SecretRule& rule, std::vector<NaiveFinding>& findings) const {
    std::map<std::string, std::vector<NaiveFinding>, std::less<>> others;
    for (const Required& required : rule.required) {
      const auto other = by_id_.find(required.rule);
      if (other != by_id_.end())
        others[required.rule] = find(rules_[other->second], Purpose::kRequired);
    }
    std::erase_if(findings, [&](const NaiveFinding& finding) {
      std::set<std::string_view> near;
      for (const Required& required : rule.required) {
        if (std::ranges::any_of(others[required.rule], [&](const NaiveFinding& other) {
              return is_near(finding, other, required);
            })) {
          near.insert(required.rule);
        }
      }
      return !std::ranges::all_of(
          rule.required, [&](const Required& required) { return near.contains(required.rule); });
    });
  }

  const std::vector<CompiledRule>& rules_;
  const Allowlists& allowlists_;
  const std::map<std::string, std::size_t, std::less<>>& by_id_;
  const Content& content_;
  std::string_view commit_;
  std::string text_;  // of this pass
  std::uint32_t depth_ = 0;
  NaiveDecoder decoder_;
};

Allowlists compiled(const std::vector<Allowlist>& lists) {
  return Allowlists(lists.begin(), lists.end());
}

}  // namespace

NaiveScanner::NaiveScanner(const rules::secret::SecretRuleSet& set, std::uint32_t decode_depth_max)
    : decode_depth_max_(decode_depth_max) {
  auto rules = std::make_unique<Rules>();
  rules->allowlists = compiled(set.allowlists);
  for (const SecretRule& rule : set.rules) {
    CompiledRule one;
    one.rule = &rule;
    if (!rule.regex.empty()) one.regex = Regex::compile(rule.regex).value();
    if (!rule.path.empty()) one.path = Regex::compile(rule.path).value();
    one.allowlists = compiled(rule.allowlists);
    rules->by_id.emplace(rule.info.id, rules->rules.size());
    rules->rules.push_back(std::move(one));
  }
  rules_ = std::move(rules);
}

NaiveScanner::~NaiveScanner() = default;

std::vector<NaiveFinding> NaiveScanner::scan(const Content& content) const {
  return Scan(rules_->rules, rules_->allowlists, rules_->by_id, content).run(decode_depth_max_);
}

bool NaiveScanner::skips(std::string_view path) const {
  return std::ranges::any_of(
      rules_->allowlists, [&](const CompiledAllowlist& list) { return list.path_allowed(path); });
}

}  // namespace vedette::scan
