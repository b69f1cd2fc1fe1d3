// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/secret_scanner.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "scan/secrets/guessable.h"

namespace vedette::scan::secrets {
namespace {

using rules::secret::SecretMatch;
using rules::secret::SecretRule;

constexpr std::array<std::string_view, 2> kAllowComments = {"vedette:allow", "gitleaks:allow"};
constexpr std::string_view kIdentityKind = "vedette secret 1";
constexpr std::size_t kIdentityDigits = 32;

bool has_allow_comment(std::string_view line) {
  return std::ranges::any_of(kAllowComments, [line](std::string_view comment) {
    return line.find(comment) != std::string_view::npos;
  });
}

// Counts lines from one offset to the next, so that all places of a content cost one pass.
class LineCounter {
 public:
  explicit LineCounter(std::string_view content)
      : content_(content), line_end_(content.find('\n')) {}

  struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };
  Position at(std::size_t offset) {
    if (offset < line_begin_) *this = LineCounter(content_);
    while (line_end_ < offset) {
      ++line_;
      line_begin_ = line_end_ + 1;
      line_end_ = content_.find('\n', line_begin_);
    }
    return {line_, static_cast<std::uint32_t>(offset - line_begin_ + 1)};
  }

 private:
  std::string_view content_;
  std::size_t line_begin_ = 0;
  std::size_t line_end_;  // npos: the last
  std::uint32_t line_ = 1;
};

// A key whose body alone is new is new.
bool is_wanted(const std::vector<Content::Lines>& lines, std::uint32_t first, std::uint32_t last) {
  return lines.empty() || std::ranges::any_of(lines, [first, last](const Content::Lines& range) {
           return range.first <= last && first <= range.last;
         });
}

}  // namespace

std::string identity_of(std::string_view rule, std::string_view secret) {
  std::string text(kIdentityKind);
  ((text += '\0') += rule) += '\0';
  text += secret;
  return to_hexadecimal(sha256(text), kIdentityDigits);
}

// A line is looked at once, however long and however many secrets are in it.
bool SecretScanner::is_allowed(const Content& content, std::size_t at) {
  if (comments_ != Comments::kHeed) return false;
  const bool is_known = at >= asked_line_.begin && at - asked_line_.begin < asked_line_.size;
  if (is_known) return asked_line_allows_;
  const std::string_view line = rules::secret::line_at(content.bytes, at);
  asked_line_ = {static_cast<std::size_t>(line.data() - content.bytes.data()), line.size()};
  asked_line_allows_ = has_allow_comment(line);
  return asked_line_allows_;
}

void SecretScanner::judge_matches(const Content& content) {
  const FileKind kind = file_kind(content.path);
  for (const SecretMatch& match : matches_) {
    const SecretRule& rule = program_->rules().rules[match.rule];
    if (rule.skip_report) continue;
    if (match.match_size == 0) {
      // The path alone: there is nothing to judge.
      judged_.push_back({match, {1, event::Confidence::kMedium, false}, {}, nullptr});
      continue;
    }
    const Candidate candidate{rule,
                              content.bytes,
                              match.match_begin,
                              match.match_size,
                              match.secret_begin,
                              match.secret_size,
                              kind};
    const Judgement judgement = judge(candidate);
    const ByteRange place{match.secret_begin, match.secret_size};
    // Masked wherever it is seen, told of or not.
    if (!judgement.reject) ranges_.push_back(place);
    if (judgement.reject || judgement.probability < options_.probability_min) {
      ++counts_.below_confidence;
      continue;
    }
    if (is_allowed(content, match.match_begin)) {
      ++counts_.allowed;
      continue;
    }
    judged_.push_back({match, judgement, place, nullptr});
  }
}

// Of what decoding brought out. What was there before was found before.
void SecretScanner::judge_decoded(const Content& content, const DecodedText& text) {
  const FileKind kind = file_kind(content.path);
  ++decoded_texts_;
  for (const SecretMatch& match : matches_) {
    if (match.match_size == 0 || !text.is_touched({match.match_begin, match.match_size})) continue;
    const ByteRange secret{match.secret_begin, match.secret_size};
    const SecretRule& rule = program_->rules().rules[match.rule];
    if (rule.skip_report || !text.is_touched(secret)) continue;
    const Judgement judgement = judge({rule, text.text(), match.match_begin, match.match_size,
                                       match.secret_begin, match.secret_size, kind});
    ByteRange place = text.original(secret);
    place.begin = std::min(place.begin, content.bytes.size());
    place.size = std::min(place.size, content.bytes.size() - place.begin);
    if (!judgement.reject) ranges_.push_back(place);
    if (judgement.reject || judgement.probability < options_.probability_min) {
      ++counts_.below_confidence;
      continue;
    }
    if (is_allowed(content, place.begin)) {
      ++counts_.allowed;
      continue;
    }
    Judged& judged = judged_.emplace_back(match, judgement, place, nullptr);
    event::Finding finding = make_finding(content, text.text(), judged);
    const std::string_view encoding = to_string(text.encoding(secret));
    finding.evidence.push_back(
        {fmt::format("decoded:{}", encoding), fmt::format("it stands there as {}", encoding), 0});
    judged.decoded = std::make_unique<Decoded>(
        decoded_texts_, std::string(text.text().substr(secret.begin, secret.size)),
        std::move(finding));
  }
}

// Of several that overlap: one of a rule that knows what it found, then the likelier, then the
// longer. What one piece of encoded text holds overlaps where it does so in the decoded text.
void SecretScanner::keep_best() {
  std::ranges::stable_sort(judged_, {}, [](const Judged& one) {
    return std::tuple(one.place.begin, one.match.secret_begin, one.match.rule);
  });
  const auto rank = [this](const Judged& one) {
    const SecretRule& rule = program_->rules().rules[one.match.rule];
    return std::tuple(!rule.generic, one.judgement.probability, one.match.secret_size);
  };
  const auto overlap = [](const Judged& last, const Judged& next) {
    if (last.decoded && next.decoded && last.decoded->text == next.decoded->text &&
        last.place.begin == next.place.begin)
      return last.match.secret_begin + last.match.secret_size > next.match.secret_begin;
    return last.place.begin + last.place.size > next.place.begin;
  };
  std::size_t kept = 0;
  for (Judged& next : judged_) {
    if (kept == 0 || next.match.match_size == 0 || !overlap(judged_[kept - 1], next)) {
      std::swap(judged_[kept++], next);
    } else if (rank(judged_[kept - 1]) < rank(next)) {
      std::swap(judged_[kept - 1], next);
    }
  }
  judged_.resize(kept);
}

event::Finding SecretScanner::make_finding(const Content& content, std::string_view text,
                                           const Judged& judged) const {
  const SecretMatch& match = judged.match;
  const SecretRule& rule = program_->rules().rules[match.rule];
  event::Finding finding;
  finding.rule = &rule.info;
  finding.severity = rule.info.severity;
  finding.confidence = judged.judgement.confidence;
  finding.probability = judged.judgement.probability;
  finding.place.path = content.path;
  finding.place.object = content.object;
  if (content.commit != nullptr) finding.place.commit = *content.commit;
  const std::string& title = rule.info.title.empty() ? rule.info.id : rule.info.title;
  if (match.match_size == 0) {
    finding.identity = identity_of(rule.info.id, content.path);
    finding.message = fmt::format("{}: the file's name says so", title);
    return finding;
  }
  const std::string_view secret = text.substr(match.secret_begin, match.secret_size);
  finding.identity = identity_of(rule.info.id, secret);
  finding.place.offset = judged.place.begin;
  finding.place.size = judged.place.size;
  finding.redacted = mask(secret);
  finding.message = fmt::format("{}: {}", title, finding.redacted);
  const Candidate candidate{rule,
                            text,
                            match.match_begin,
                            match.match_size,
                            match.secret_begin,
                            match.secret_size,
                            file_kind(content.path)};
  finding.evidence = explain(candidate);
  if (is_guessable(candidate))
    finding.evidence.push_back({"guessable", "who tries to get in tries it at once", 0});
  return finding;
}

// Shows it to the watcher too.
event::Finding SecretScanner::take_finding(const Content& content, Judged& judged) const {
  const SecretMatch& match = judged.match;
  event::Finding finding = judged.decoded ? std::move(judged.decoded->finding)
                                          : make_finding(content, content.bytes, judged);
  if (options_.watcher == nullptr || match.match_size == 0) return finding;
  const std::string_view secret = judged.decoded
                                      ? std::string_view(judged.decoded->secret)
                                      : content.bytes.substr(match.secret_begin, match.secret_size);
  options_.watcher->see(program_->rules().rules[match.rule], secret, finding);
  return finding;
}

void SecretScanner::find_matches(const Content& content, std::string_view text) {
  matches_.clear();
  program_->find(content.path, text,
                 content.commit == nullptr ? std::string_view() : content.commit->id, scratch_,
                 matches_);
}

void SecretScanner::find_decoded(const Content& content) {
  const std::uint64_t allowed = scratch_.allowed;
  decoder_.decode(content.bytes, [&](const DecodedText& text) {
    find_matches(content, text.text());
    judge_decoded(content, text);
  });
  scratch_.allowed = allowed;  // what stands around was counted before
}

// Fills judged_ and ranges_.
void SecretScanner::find_all(const Content& content, Comments comments) {
  comments_ = comments;
  asked_line_ = {};
  judged_.clear();
  ranges_.clear();
  decoded_texts_ = 0;
  find_matches(content, content.bytes);
  judge_matches(content);
  find_decoded(content);
  counts_.allowed += std::exchange(scratch_.allowed, 0);
}

void SecretScanner::find_ranges(const Content& content, std::vector<ByteRange>& ranges) {
  find_all(content, Comments::kPassOver);
  std::ranges::sort(judged_, {}, [](const Judged& one) { return one.place.begin; });
  for (const Judged& judged : judged_) {
    const ByteRange& range = judged.place;
    if (judged.match.match_size == 0) continue;
    if (!ranges.empty() && range.begin < ranges.back().begin + ranges.back().size) {
      ByteRange& last = ranges.back();
      last.size = std::max(last.begin + last.size, range.begin + range.size) - last.begin;
    } else {
      ranges.push_back(range);
    }
  }
}

void SecretScanner::scan(const Content& content, std::vector<event::Finding>& findings) {
  find_all(content, Comments::kHeed);
  if (judged_.empty()) return;
  keep_best();
  add_findings(content, findings);
}

void SecretScanner::add_findings(const Content& content, std::vector<event::Finding>& findings) {
  const SecretRanges secrets(ranges_);
  LineCounter lines(content.bytes);
  // Many may be in one piece of encoded text, which is their place: it is looked at once.
  std::optional<ByteRange> place;
  LineCounter::Position begin;
  LineCounter::Position end;
  std::optional<event::Excerpt> excerpt;
  for (Judged& judged : judged_) {
    if (judged.match.match_size == 0) {
      findings.push_back(take_finding(content, judged));
      continue;
    }
    if (place != judged.place) {
      place = judged.place;
      excerpt.reset();
      begin = lines.at(place->begin);
      // A copy goes on, for the next may begin before this one ends.
      end = LineCounter(lines).at(place->begin + place->size);
    }
    if (!is_wanted(content.lines, begin.line, end.line)) continue;
    if (!excerpt) excerpt = make_excerpt(content.bytes, judged.place, secrets);
    event::Finding& finding = findings.emplace_back(take_finding(content, judged));
    finding.excerpt = *excerpt;
    finding.place.line = begin.line;
    finding.place.column = begin.column;
    finding.place.end_line = end.line;
    finding.place.end_column = end.column;
  }
}

}  // namespace vedette::scan::secrets
