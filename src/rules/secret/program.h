// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "match/needle_scanner.h"
#include "match/regex.h"
#include "rules/secret/model.h"

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
// expressions are compiled when one of its keywords is met first, so that a small scan does not
// wait for hundreds of rules that it never needs; besides that nothing changes after compile().
//
// A rule is run over a content when one of its keywords is there, letters' case ignored, as in
// gitleaks (detect/detect.go). All keywords of all rules are looked for in one pass; most contents
// hold few. Where it can be proven that a keyword is inside of every match, and how long a match
// is at most, only the neighbourhood of the keywords is searched, which finds the same.
class SecretProgram {
 public:
  static std::shared_ptr<const SecretProgram> compile(SecretRuleSet rules);
  SecretProgram(const SecretProgram&) = delete;
  SecretProgram& operator=(const SecretProgram&) = delete;

  const SecretRuleSet& rules() const { return rules_; }

  struct Scratch {
    std::vector<std::uint32_t> keywords;
    std::vector<std::uint8_t> wanted;  // by rule
    std::vector<std::string_view> groups;
    std::vector<std::size_t> places;
    std::string lower;          // of the path or a secret
    std::uint64_t allowed = 0;  // matches that an allowlist took away; only ever grows
  };

  // Appends the matches of all rules that no allowlist, entropy bound or stopword takes away, by
  // rule and then by place. Rules that look at the path alone match with sizes 0. `commit`: ""
  // where there is none.
  void find(std::string_view path, std::string_view content, std::string_view commit,
            Scratch& scratch, std::vector<SecretMatch>& matches) const;

 private:
  struct CompiledAllowlist {
    const Allowlist* written = nullptr;
    std::optional<match::Regex> paths;
    std::optional<match::Regex> regexes;
  };
  struct CompiledRule {
    std::optional<match::Regex> regex;
    std::optional<match::Regex> path;
    std::vector<CompiledAllowlist> allowlists;
    // Bytes around a keyword that hold every match which holds that keyword; none: not proven.
    std::optional<std::size_t> reach;
  };
  struct LateRule {
    std::once_flag once;
    CompiledRule rule;  // as soon as `once` is done
  };
  struct Found {
    std::string_view path, content, commit;
  };

  explicit SecretProgram(SecretRuleSet rules) : rules_(std::move(rules)) {}
  const CompiledRule& compiled(std::uint32_t index) const;
  static void compile_rule(const SecretRule& rule, CompiledRule& compiled);
  void build_keywords();
  static CompiledAllowlist compile_allowlist(const Allowlist& allowlist);
  void choose_rules(std::string_view content, Scratch& scratch) const;
  void run_rule(std::uint32_t index, const Found& found, Scratch& scratch,
                std::vector<SecretMatch>& matches) const;
  void search(std::uint32_t index, const Found& found, std::size_t begin, std::size_t end,
              std::size_t& behind, Scratch& scratch, std::vector<SecretMatch>& matches) const;
  void keyword_places(const SecretRule& rule, std::string_view content,
                      std::vector<std::size_t>& places) const;
  bool is_allowed(const CompiledRule& rule, const Found& found, const SecretMatch& match,
                  Scratch& scratch) const;
  static bool allows(const CompiledAllowlist& list, const Found& found, const SecretMatch& match,
                     Scratch& scratch);

  SecretRuleSet rules_;
  std::unique_ptr<LateRule[]> late_;  // as rules_.rules
  std::vector<CompiledAllowlist> global_;
  std::vector<std::uint32_t> always_;  // rules without keywords
  std::optional<match::NeedleScanner> needles_;
  std::vector<std::vector<std::uint32_t>> rules_of_;                       // by needle
  std::vector<std::pair<std::string, std::vector<std::uint32_t>>> short_;  // keywords below 3 bytes
};

// Shannon's entropy of the bytes of `text`, in bits.
double entropy(std::string_view text);

// The line that holds the byte at `at`, without its end.
std::string_view line_at(std::string_view content, std::size_t at);

}  // namespace vedette::rules::secret
