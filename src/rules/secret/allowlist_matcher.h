// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/needle_finder.h"
#include "match/regex.h"
#include "rules/secret/model.h"

namespace vedette::rules::secret {

// What allowlists are asked about.
struct AllowanceQuestion {
  std::string_view path;
  std::string_view commit;  // "" where there is none
  std::string_view content;
  std::string_view secret;  // a part of `content`
  std::string_view match;   // a part of `content`
};

// The line that holds the byte at `at`, without its end.
std::string_view line_at(std::string_view content, std::size_t at);

// One allowlist, ready to be asked. Immutable, shared by threads.
class AllowlistMatcher {
 public:
  // Keeps a reference to `written`.
  explicit AllowlistMatcher(const Allowlist& written);
  bool allows(const AllowanceQuestion& question) const;

 private:
  bool holds_stopword(std::string_view secret) const;

  const Allowlist& written_;
  std::optional<match::Regex> paths_;
  std::optional<match::Regex> regexes_;
  std::optional<match::NeedleFinder> stopwords_;
  std::vector<std::string> short_stopwords_;  // that the finder does not take
};

}  // namespace vedette::rules::secret
