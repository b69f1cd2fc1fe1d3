// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/allowlist_matcher.h"

#include <algorithm>
#include <utility>

#include "match/find_text.h"

namespace vedette::rules::secret {
namespace {

std::optional<match::Regex> compile(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return std::nullopt;
  // The loader let no other pass.
  Result<match::Regex> regex = match::Regex::compile(joined(patterns));
  if (!regex) return std::nullopt;
  return std::move(*regex);
}

std::string_view target_of(Allowlist::Target target, const AllowanceQuestion& question) {
  switch (target) {
    case Allowlist::Target::kSecret:
      return question.secret;
    case Allowlist::Target::kMatch:
      return question.match;
    case Allowlist::Target::kLine:
      break;
  }
  const auto at = question.match.data() - question.content.data();
  return line_at(question.content, static_cast<std::size_t>(at));
}

}  // namespace

std::string_view line_at(std::string_view content, std::size_t at) {
  at = std::min(at, content.size());
  const std::size_t before = at == 0 ? std::string_view::npos : content.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  std::string_view line = content.substr(begin, content.find('\n', at) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

AllowlistMatcher::AllowlistMatcher(const Allowlist& written)
    : written_(written), paths_(compile(written.paths)), regexes_(compile(written.regexes)) {
  std::vector<std::string> words = written.stopwords;
  std::ranges::sort(words);
  const auto repeated = std::ranges::unique(words);
  words.erase(repeated.begin(), repeated.end());
  std::vector<std::string> needles;
  for (std::string& word : words) {
    const bool is_short = word.size() < match::NeedleFinder::kNeedleBytesMin;
    (is_short ? short_stopwords_ : needles).push_back(std::move(word));
  }
  if (!needles.empty()) stopwords_.emplace(std::move(needles));
}

bool AllowlistMatcher::holds_stopword(std::string_view secret) const {
  if (stopwords_ && stopwords_->found_in(secret)) return true;
  return std::ranges::any_of(short_stopwords_, [secret](const std::string& word) {
    return word.empty() || match::find_folded(secret, word, 0) != std::string_view::npos;
  });
}

bool AllowlistMatcher::allows(const AllowanceQuestion& question) const {
  // Each kind that the list names says yes or no; the condition joins them.
  unsigned asked = 0;
  unsigned yes = 0;
  const auto ask = [&](bool named, auto&& answer) {
    if (!named) return;
    ++asked;
    if (answer()) ++yes;
  };
  ask(!written_.commits.empty(), [&] {
    return !question.commit.empty() &&
           std::ranges::find(written_.commits, question.commit) != written_.commits.end();
  });
  ask(paths_.has_value(), [&] { return paths_->found_in(question.path); });
  ask(regexes_.has_value(),
      [&] { return regexes_->found_in(target_of(written_.target, question)); });
  ask(!written_.stopwords.empty(), [&] { return holds_stopword(question.secret); });
  if (asked == 0) return false;
  return written_.condition == Allowlist::Condition::kAll ? yes == asked : yes > 0;
}

}  // namespace vedette::rules::secret
