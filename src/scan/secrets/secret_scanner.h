// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rules/secret/program.h"
#include "scan/content.h"
#include "scan/mask.h"
#include "scan/secrets/candidate.h"
#include "scan/secrets/decoder.h"
#include "scan/secrets/judge.h"
#include "scan/secrets/secret_watcher.h"

namespace vedette::scan::secrets {

struct ScannerOptions {
  // Findings of a lower probability are counted, not told.
  double probability_min = kProbabilityDefault;
  unsigned decode_depth_max = Decoder::kDepthDefault;  // encodings in each other; 0: none is undone
  SecretWatcher* watcher = nullptr;  // is shown what is told; outlives the scanner
};

// Finds secrets in text. What rules find is judged by the evidence around it (judge.h); of
// findings that overlap the one that says most is told. What stands there encoded is decoded first
// (decoder.h); its place is that of the whole encoded piece. Lines with a comment `vedette:allow`
// or `gitleaks:allow` are left alone, and counted.
//
// A finding's identity is made of the rule and the secret alone (SHA-256, 128 bits of it): it
// survives moves, renames and reformatting, and the same secret in two places has it twice. Who has
// the identity of a short password could find the password by trying: a baseline is no secret, but
// no more public than the code beside it.
class SecretScanner : public Scanner {
 public:
  SecretScanner(std::shared_ptr<const rules::secret::SecretProgram> program, ScannerOptions options)
      : program_(std::move(program)), options_(options), decoder_(options.decode_depth_max) {}

  void scan(const Content& content, std::vector<event::Finding>& findings) override;
  const ScanCounts& counts() const override { return counts_; }

  // Appends where secrets are that are at least as likely as ScannerOptions::probability_min, also
  // on lines with a comment that allows them; ascending and disjoint.
  void find_ranges(const Content& content, std::vector<ByteRange>& ranges);

 private:
  // What was found in decoded text is written down at once: the text is gone with the next.
  struct Decoded {
    std::size_t text = 0;  // the how many-th it was found in
    std::string secret;
    event::Finding finding;
  };
  struct Judged {
    rules::secret::SecretMatch match;
    Judgement judgement;
    ByteRange place;                   // in the content
    std::unique_ptr<Decoded> decoded;  // null: it stands in the content as it is
  };
  enum class Comments : std::uint8_t { kHeed, kPassOver };

  void find_all(const Content& content, Comments comments);
  void find_matches(const Content& content, std::string_view text);
  bool is_allowed(const Content& content, std::size_t at);
  void find_decoded(const Content& content);
  void judge_matches(const Content& content);
  void judge_decoded(const Content& content, const DecodedText& text);
  void keep_best();
  event::Finding make_finding(const Content& content, std::string_view text,
                              const Judged& judged) const;
  event::Finding take_finding(const Content& content, Judged& judged) const;
  void add_findings(const Content& content, std::vector<event::Finding>& findings);

  std::shared_ptr<const rules::secret::SecretProgram> program_;
  ScannerOptions options_;
  Decoder decoder_;
  Comments comments_ = Comments::kHeed;
  ScanCounts counts_;
  rules::secret::SecretProgram::Scratch scratch_;
  std::vector<rules::secret::SecretMatch> matches_;
  std::vector<Judged> judged_;
  std::size_t decoded_texts_ = 0;  // of this content
  std::vector<ByteRange> ranges_;  // of all that is masked
  ByteRange asked_line_;           // the last of is_allowed(), and its answer
  bool asked_line_allows_ = false;
};

// See SecretScanner.
std::string identity_of(std::string_view rule, std::string_view secret);

}  // namespace vedette::scan::secrets
