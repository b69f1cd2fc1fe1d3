// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/needle_finder.h"
#include "match/regex.h"
#include "rules/secret/allowlist_matcher.h"
#include "rules/secret/model.h"
#include "rules/secret/rule_gate.h"

namespace vedette::rules::secret {

// What a rule's expression found in a content: bytes from its begin.
struct SecretMatch {
  std::uint32_t rule = 0;  // index into SecretRuleSet::rules
  std::size_t match_begin = 0;
  std::size_t match_size = 0;
  std::size_t secret_begin = 0;
  std::size_t secret_size = 0;
};

// Rules for secrets, ready to run. Shared by threads; each thread brings a Scratch. A rule's
// automata and expressions are made when a content asks for them first, so that a small scan does
// not wait for hundreds of rules that it never needs; besides that nothing changes after compile().
//
// A rule is run over a content when one of its keywords is there, letters' case ignored, as in
// gitleaks (detect/detect.go). Of most expressions we know literals of which every match holds one
// (match/regex_positions.h). All these and all keywords are looked for in one pass. Where such a
// literal stands, a small automaton tells whether a match may be around it; only then the
// expression itself is run, over that neighbourhood. The result is the same as of running it over
// everything.
class SecretProgram {
 public:
  static std::shared_ptr<const SecretProgram> compile(SecretRuleSet rules);
  SecretProgram(const SecretProgram&) = delete;
  SecretProgram& operator=(const SecretProgram&) = delete;

  const SecretRuleSet& rules() const { return rules_; }

  // Where a rule may match: a pivot, which begins here.
  struct Candidate {
    std::uint32_t rule = 0;
    std::uint32_t pivot = 0;
    std::size_t begin = 0;
  };
  struct Scratch {
    std::vector<match::NeedleFinder::Place> places;
    std::vector<std::uint8_t> found;  // by needle
    std::vector<Candidate> candidates;
    std::vector<std::string_view> groups;
    std::vector<std::vector<SecretMatch>> companions;
    std::uint64_t allowed = 0;  // matches that an allowlist took away; only ever grows
  };

  // Appends the matches of all rules that no allowlist, entropy bound or stopword takes away, by
  // rule and then by place. Rules that look at the path alone match with sizes 0. A match of a rule
  // that requires others is left out where not one of each stands near by. `commit`: "" where there
  // is none.
  void find(std::string_view path, std::string_view content, std::string_view commit,
            Scratch& scratch, std::vector<SecretMatch>& matches) const;

 private:
  struct CompiledRule {
    std::optional<match::Regex> regex;
    std::optional<match::Regex> path;
    std::vector<AllowlistMatcher> allowlists;
  };
  struct LateRule {
    std::once_flag rule_once;
    CompiledRule rule;  // as soon as `rule_once` is done
    std::once_flag gate_once;
    std::optional<RuleGate> gate;  // as soon as `gate_once` is done
  };
  struct PivotUse {
    std::uint32_t rule = 0;
    std::uint32_t pivot = 0;
  };
  struct Keyword {
    std::string text;
    std::uint32_t needle = 0;  // kNone: too short to be one
  };
  struct Found {
    std::string_view path, content, commit;
  };
  // A rule that requires others: their numbers, as SecretRule::required; kNone: there is none such.
  struct Accompanied {
    std::uint32_t rule = 0;
    std::vector<std::uint32_t> companions;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  explicit SecretProgram(SecretRuleSet rules) : rules_(std::move(rules)) {}
  void build_needles();
  void resolve_required();
  const CompiledRule& compiled(std::uint32_t index) const;
  const RuleGate& gate(std::uint32_t index) const;
  void find_candidates(std::string_view content, Scratch& scratch) const;
  bool has_keyword(std::uint32_t rule, std::string_view content, const Scratch& scratch) const;
  void run_path_rule(std::uint32_t index, const Found& found,
                     std::vector<SecretMatch>& matches) const;
  void run_around(std::span<const Candidate> candidates, const Found& found, Scratch& scratch,
                  std::vector<SecretMatch>& matches) const;
  void run_everywhere(std::uint32_t index, const Found& found, Scratch& scratch,
                      std::vector<SecretMatch>& matches) const;
  void drop_unaccompanied(const Found& found, std::size_t first, Scratch& scratch,
                          std::vector<SecretMatch>& matches) const;
  bool is_accompanied(const Accompanied& rule, const Found& found, const SecretMatch& match,
                      const Scratch& scratch) const;
  std::optional<std::size_t> next_begin(std::span<const Candidate> candidates,
                                        std::string_view content, std::size_t from) const;
  bool search(std::uint32_t index, const Found& found, std::size_t begin,
              match::Regex::Anchor anchor, std::size_t& behind, Scratch& scratch,
              std::vector<SecretMatch>& matches) const;
  bool is_allowed(const CompiledRule& rule, const Found& found, const SecretMatch& match) const;

  SecretRuleSet rules_;
  std::vector<std::string> patterns_;  // of the rules, as the regular expression library likes them
  std::unique_ptr<LateRule[]> late_;   // as rules_.rules
  std::vector<AllowlistMatcher> global_;
  std::optional<match::NeedleFinder> needles_;
  std::vector<std::vector<PivotUse>> uses_;     // by needle
  std::vector<std::vector<Keyword>> keywords_;  // by rule; empty where a pivot implies one
  std::vector<std::uint32_t> without_pivots_;   // rules
  std::vector<Accompanied> accompanied_;        // by rule
};

// Shannon's entropy of the bytes of `text`, in bits.
double entropy(std::string_view text);

}  // namespace vedette::rules::secret
