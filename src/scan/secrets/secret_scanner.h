// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rules/secret/program.h"
#include "scan/content.h"
#include "scan/mask.h"
#include "scan/secrets/candidate.h"
#include "scan/secrets/judge.h"

namespace vedette::scan::secrets {

struct ScannerOptions {
  // Findings of a lower probability are counted, not told.
  double probability_min = kProbabilityDefault;
};

// Finds secrets in text. What rules find is judged by the evidence around it (judge.h); of
// findings that overlap the one that says most is told. Lines with a comment `vedette:allow` or
// `gitleaks:allow` are left alone, and counted.
//
// A finding's identity is made of the rule and the secret alone (SHA-256, 128 bits of it): it
// survives moves, renames and reformatting, and the same secret in two places has it twice. Who has
// the identity of a short password could find the password by trying: a baseline is no secret, but
// no more public than the code beside it.
class SecretScanner : public Scanner {
 public:
  SecretScanner(std::shared_ptr<const rules::secret::SecretProgram> program, ScannerOptions options)
      : program_(std::move(program)), options_(options) {}

  void scan(const Content& content, std::vector<event::Finding>& findings) override;
  const ScanCounts& counts() const override { return counts_; }

  // Appends where secrets are that are at least as likely as ScannerOptions::probability_min, also
  // on lines with a comment that allows them; ascending and disjoint.
  void find_ranges(const Content& content, std::vector<ByteRange>& ranges);

 private:
  struct Judged {
    rules::secret::SecretMatch match;
    Judgement judgement;
  };
  void find_matches(const Content& content);
  void judge_matches(const Content& content);
  void keep_best();
  event::Finding make_finding(const Content& content, const Judged& judged) const;

  std::shared_ptr<const rules::secret::SecretProgram> program_;
  ScannerOptions options_;
  ScanCounts counts_;
  rules::secret::SecretProgram::Scratch scratch_;
  std::vector<rules::secret::SecretMatch> matches_;
  std::vector<Judged> judged_;
  std::vector<ByteRange> ranges_;  // of all that is masked, ascending
};

// See SecretScanner.
std::string identity_of(std::string_view rule, std::string_view secret);

}  // namespace vedette::scan::secrets
