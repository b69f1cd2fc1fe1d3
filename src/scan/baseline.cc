// SPDX-License-Identifier: Apache-2.0
#include "scan/baseline.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/file.h"
#include "base/unicode.h"
#include "scan/gitleaks_report.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::scan {
namespace {

constexpr std::size_t kIdentityDigits = 32;
constexpr std::size_t kCommitDigitsMin = 7;
constexpr std::size_t kCommitDigitsMax = 64;
constexpr std::size_t kProblemsMax = 100;
constexpr std::string_view kHead =
    "# Findings that are known: identity, rule, path  # comment. Merges by union, see\n"
    "# docs/scan-output.md of Vedette.\n";

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// One word of a line: blanks, control bytes, '%' and '#' as %XX, and all that is not ASCII where
// the whole is no UTF-8.
std::string to_word(std::string_view text) {
  const bool utf8 = is_utf8(text);
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '%' || c == '#' || (byte >= 0x80 && !utf8)) {
      word += fmt::format("%{:02X}", byte);
    } else {
      word += c;
    }
  }
  return word.empty() ? "-" : word;
}

enum class Marker : std::uint8_t { kNone, kBegin, kBase, kMiddle, kEnd };

// What git leaves in a file where a merge found no way.
Marker marker_of(std::string_view line) {
  struct Row {
    std::string_view text;
    Marker marker;
  };
  constexpr std::array kMarkers = {Row{"<<<<<<<", Marker::kBegin}, Row{"|||||||", Marker::kBase},
                                   Row{"=======", Marker::kMiddle}, Row{">>>>>>>", Marker::kEnd}};
  for (const Row& row : kMarkers) {
    if (!line.starts_with(row.text)) continue;
    if (line.size() == row.text.size() || line[row.text.size()] == ' ') return row.marker;
  }
  return Marker::kNone;
}

}  // namespace

void Baseline::problem(const Place& place, std::string message, std::string hint) {
  if (problems_.size() == kProblemsMax) return;
  problems_.push_back({DiagnosticKind::kError, place, std::move(message), std::move(hint)});
}

void Baseline::add_entry(std::string entry, std::string_view comment, const Place& place) {
  if (entries_.size() == kBaselineEntriesMax && !entries_.contains(entry)) {
    problem(place, fmt::format("more than {} entries; this one is left out", kBaselineEntriesMax),
            "split the baseline");
    return;
  }
  identities_.emplace(entry.substr(0, kIdentityDigits));
  std::string& kept = entries_[std::move(entry)];
  if (kept.empty()) kept = comment;
}

void Baseline::add_fingerprint(std::string_view fingerprint) {
  std::string_view commit;
  const std::size_t colon = fingerprint.find(':');
  const bool four_parts = std::ranges::count(fingerprint, ':') >= 3;
  if (four_parts && colon >= kCommitDigitsMin && colon <= kCommitDigitsMax &&
      is_hex(fingerprint.substr(0, colon))) {
    commit = fingerprint.substr(0, colon);
    fingerprint.remove_prefix(colon + 1);
  }
  if (fingerprint.starts_with("./")) fingerprint.remove_prefix(2);
  std::string place(fingerprint);
  fingerprints_[place].emplace(commit);
  // What is inside of an archive stands behind '!' there and behind '/' here.
  if (std::ranges::replace(place, '!', '/'); place != fingerprint)
    fingerprints_[std::move(place)].emplace(commit);
}

void Baseline::parse_line(std::string_view line, const Place& place) {
  const std::size_t hash = line.find('#');
  std::string_view comment;
  std::string_view rest = line;
  const bool ours = line.size() > kIdentityDigits && line[kIdentityDigits] == ' ' &&
                    is_hex(line.substr(0, kIdentityDigits));
  if (ours && hash != std::string_view::npos) {
    comment = trim(line.substr(hash + 1));
    rest = trim(line.substr(0, hash));
  }
  if (ours) {
    const std::size_t first = rest.find_first_not_of(' ', kIdentityDigits);
    const std::size_t end = rest.find(' ', std::min(first, rest.size()));
    const std::size_t path = rest.find_first_not_of(' ', std::min(end, rest.size()));
    if (path == std::string_view::npos || rest.find(' ', path) != std::string_view::npos) {
      problem(place, "expected identity, rule and path, separated by single blanks",
              "blanks in a path are written as %20, and a comment begins with #");
      return;
    }
    add_entry(fmt::format("{} {} {}", rest.substr(0, kIdentityDigits),
                          rest.substr(first, end - first), rest.substr(path)),
              comment, place);
    return;
  }
  const std::size_t last = line.rfind(':');
  if (last == std::string_view::npos || last == 0 || !is_number(line.substr(last + 1)) ||
      line.rfind(':', last - 1) == std::string_view::npos) {
    problem(place,
            "expected \"identity rule path\" or a fingerprint of gitleaks, \"file:rule:line\"",
            "mend or remove the line; it is passed over");
    return;
  }
  if (fingerprints_.size() == kBaselineEntriesMax) {
    problem(place, fmt::format("more than {} entries; this one is left out", kBaselineEntriesMax),
            "split the baseline");
    return;
  }
  add_fingerprint(line);
}

Result<void> Baseline::parse_report(std::string_view text, const std::string& name) {
  auto report = read_gitleaks_report(text);
  if (!report) return failure(report.error().code, name + ": " + report.error().message);
  for (const GitleaksFinding& finding : *report) {
    const std::string& secret = finding.secret;
    const bool redacted = secret.empty() || secret == "REDACTED" || secret.ends_with("...");
    if (!redacted) identities_.insert(secrets::identity_of(finding.rule, secret));
    const std::string commit = finding.commit.empty() ? "" : finding.commit + ":";
    add_fingerprint(finding.fingerprint.empty() ? fmt::format("{}{}:{}:{}", commit, finding.file,
                                                              finding.rule, finding.line)
                                                : finding.fingerprint);
  }
  return {};
}

Result<Baseline> Baseline::parse(std::string_view text, const std::string& name) {
  Baseline baseline;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '[') {
    TRY_VOID(baseline.parse_report(text, name));
    return baseline;
  }
  Place place{name, 0, 0, 0};
  bool in_base = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trim(text.substr(at, end - at));
    at = end + 1;
    ++place.line;
    if (const Marker marker = marker_of(line); marker != Marker::kNone) {
      in_base = marker == Marker::kBase;
      if (marker != Marker::kBegin) continue;
      baseline.problem(place, "a merge was left unresolved here; the lines of both sides are taken",
                       "remove the lines <<<<<<<, ======= and >>>>>>>; \"merge=union\" for this "
                       "file in .gitattributes avoids them");
      continue;
    }
    if (line.empty() || line.starts_with('#') || in_base) continue;
    baseline.parse_line(line, place);
  }
  return baseline;
}

Result<Baseline> Baseline::read(const std::string& path) {
  TRY(const std::string text, read_file(path, kBaselineBytesMax));
  return parse(text, path);
}

bool Baseline::holds(const event::Finding& finding) const {
  if (identities_.contains(finding.identity)) return true;
  if (fingerprints_.empty()) return false;
  const event::FindingPlace& place = finding.place;
  const auto entry =
      fingerprints_.find(fmt::format("{}:{}:{}", place.path, finding.rule->id, place.line));
  if (entry == fingerprints_.end()) return false;
  return std::ranges::any_of(entry->second, [&place](const std::string& commit) {
    return commit.empty() || (place.commit && place.commit->id.starts_with(commit));
  });
}

void Baseline::add(const event::Finding& finding) {
  add_entry(fmt::format("{} {} {}", finding.identity, to_word(finding.rule->id),
                        to_word(finding.place.path)),
            "", {});
}

std::string Baseline::text() const {
  std::string text(kHead);
  for (const auto& [entry, comment] : entries_) {
    text += entry;
    if (!comment.empty()) (text += "  # ") += comment;
    text += '\n';
  }
  return text;
}

Result<void> Baseline::write(const std::string& path) const {
  return write_file_whole(path, text());
}

}  // namespace vedette::scan
