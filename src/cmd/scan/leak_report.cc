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

std::string commit_text(const event::FindingCommit& commit) {
  return fmt::format("commit {} of {} by {} <{}>: {}", commit.id.substr(0, kCommitDigits),
                     format_time(commit.time).substr(0, 10), safe(commit.author),
                     safe(commit.email), safe(commit.subject));
}

void add_place(const event::FindingPlace& place, std::string& out) {
  (out += "  ") += safe(place.path);
  if (place.line != 0) fmt::format_to(std::back_inserter(out), ":{}", place.line);
  if (place.commit) (out += "  since ") += commit_text(*place.commit);
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
  if (leak.brought_in_count > 1) {
    out += "Brought in by\n";
    for (const event::FindingCommit& commit : leak.brought_in)
      fmt::format_to(std::back_inserter(out), "  {}\n", commit_text(commit));
    if (leak.brought_in_count > leak.brought_in.size())
      fmt::format_to(std::back_inserter(out), "  and {} more\n",
                     leak.brought_in_count - leak.brought_in.size());
  }
  if (!leak.taken_out.empty()) out += "Taken out by\n";
  for (const event::FindingCommit& commit : leak.taken_out)
    fmt::format_to(std::back_inserter(out), "  {}\n", commit_text(commit));
  out += "Who could have seen it\n";
  list("branches", leak.branches, out);
  list("branches of remotes", leak.remote_branches, out);
  list("tags", leak.tags, out);
  list("other references", leak.other_references, out);
  list("of these, in their files today", leak.holding_now, out);
  if (leak.branches.empty() && leak.remote_branches.empty() && leak.tags.empty() &&
      leak.other_references.empty()) {
    out += leak.only_in_reflogs
               ? "  no branch or tag leads to it any more, but reflogs or other worktrees do\n"
               : "  no branch or tag leads to it any more; clones may hold it\n";
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
