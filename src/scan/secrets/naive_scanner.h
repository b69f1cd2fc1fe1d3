// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/secret/model.h"
#include "scan/content.h"

// The meaning of rules for secrets, slowly and plainly: what gitleaks 8.30 finds in one piece of
// text (its detect/detect.go), its numbering of lines and columns and its oddities included. The
// scanner that is used must find the same; only tests use this one.
//
// Oddities that are part of it: columns behind the first line are one too large; the line of a
// match behind the last line break is the whole text up to it, for allowlists and for the comment
// that allows; regexes of one allowlist are alternatives of one expression, so that (?i) in one
// holds for those behind it; the entropy of characters beyond ASCII is divided by bytes.
//
// One known difference: a byte that is not UTF-8 matches no character here, and any unlisted one
// there.
namespace vedette::scan {

struct NaiveFinding {
  const rules::secret::SecretRule* rule = nullptr;
  // Bytes of the content; of what was decoded: the encoded text around it. All 0 for a match of the
  // path alone.
  std::size_t match_start = 0;
  std::size_t match_end = 0;
  std::size_t secret_start = 0;
  std::size_t secret_end = 0;
  std::string match;   // decoded
  std::string secret;  // decoded
  double entropy = 0;  // of the secret
  // As gitleaks counts within one text: lines from 1; 0 for a match of the path alone.
  std::uint32_t line = 0;
  std::uint32_t end_line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_column = 0;
  std::uint32_t decode_depth = 0;
};

class NaiveScanner {
 public:
  static constexpr std::uint32_t kDecodeDepthDefault = 5;

  // The rules come from rules::secret::load and outlive this.
  explicit NaiveScanner(const rules::secret::SecretRuleSet& set,
                        std::uint32_t decode_depth_max = kDecodeDepthDefault);
  ~NaiveScanner();

  // By rule, in the order of their set, pass by pass. Content::lines is not looked at.
  std::vector<NaiveFinding> scan(const Content& content) const;
  // Whether a walk leaves out this file or folder; what is below a folder is left out with it.
  bool skips(std::string_view path) const;

 private:
  struct Rules;
  std::unique_ptr<const Rules> rules_;
  std::uint32_t decode_depth_max_;
};

}  // namespace vedette::scan
