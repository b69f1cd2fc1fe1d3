// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/leak_report.h"

#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "output/terminal.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kColumns = 400;
constexpr std::size_t kNamesShown = 10;
constexpr std::size_t kCommitDigits = 12;

std::string safe(std::string_view text) {
  std::string out;
  output::append_terminal(text, kColumns, out);
  return out;
}

void list(std::string_view what, const std::vector<std::string>& names, std::string& out) {
  if (names.empty()) return;
  fmt::format_to(std::back_inserter(out), "  {}: ", what);
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i)
    (out += i == 0 ? "" : ", ") += safe(names[i]);
  if (names.size() > kNamesShown)
    fmt::format_to(std::back_inserter(out), " and {} more", names.size() - kNamesShown);
  out += '\n';
}

void add_place(const event::FindingPlace& place, std::string& out) {
  fmt::format_to(std::back_inserter(out), "  {}:{}", safe(place.path), place.line);
  if (place.commit) {
    fmt::format_to(std::back_inserter(out), "  since commit {} of {} by {} <{}>: {}",
                   place.commit->id.substr(0, kCommitDigits),
                   format_time(place.commit->time).substr(0, 10), safe(place.commit->author),
                   safe(place.commit->email), safe(place.commit->subject));
  }
  out += '\n';
}

void add_steps(const engine::Leak& leak, std::string& out) {
  out +=
      "What to do\n"
      "  1. Rotate it first: whoever has a clone, a fork or a cache has it. Rewriting comes "
      "after.\n";
  if (!leak.finding.rule->remediation.empty())
    fmt::format_to(std::back_inserter(out), "     {}\n", safe(leak.finding.rule->remediation));
  out += "  2. Look at what it opens for use by others since then.\n";
  unsigned step = 3;
  if (!leak.in_head.empty()) {
    fmt::format_to(std::back_inserter(out),
                   "  {}. Take it out of the files above, read it from the environment or a secret "
                   "store, and commit.\n",
                   step++);
  }
  fmt::format_to(
      std::back_inserter(out),
      "  {}. Rewrite the history in a fresh mirror, with the secret in secrets.txt (one a "
      "line):\n"
      "       git clone --mirror URL rewritten.git && cd rewritten.git\n"
      "       git filter-repo --replace-text ../secrets.txt\n"
      "       vedette scan secrets --history --all-objects .\n"
      "       git push --force --mirror\n"
      "     Then let everybody clone anew, and ask the host to drop its caches and forks.\n",
      step);
}

}  // namespace

std::string leak_report(const engine::Leak& leak) {
  const event::Finding& finding = leak.finding;
  std::string out;
  fmt::format_to(std::back_inserter(out), "{}  {}\n", safe(finding.message), finding.identity);
  out += "Where\n";
  add_place(finding.place, out);
  for (const event::FindingPlace& place : finding.also_at) add_place(place, out);
  out += leak.in_head.empty() ? "Not in the files of HEAD any more.\n" : "Still in HEAD\n";
  for (const event::FindingPlace& place : leak.in_head) add_place(place, out);
  out += "Who could have seen it\n";
  list("branches", leak.branches, out);
  list("branches of remotes", leak.remote_branches, out);
  list("tags", leak.tags, out);
  list("other references", leak.other_references, out);
  if (leak.branches.empty() && leak.remote_branches.empty() && leak.tags.empty() &&
      leak.other_references.empty()) {
    out += "  no branch or tag leads to it any more; reflogs and clones may\n";
  }
  list("remotes", leak.remotes, out);
  out +=
      leak.remote_branches.empty()
          ? "  no remote branch that is known here holds it; pushes from elsewhere are not known\n"
          : "  everybody who could read those remotes since then\n";
  add_steps(leak, out);
  return out;
}

}  // namespace vedette::cmd
