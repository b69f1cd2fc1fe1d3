// SPDX-License-Identifier: Apache-2.0
#include "cmd/gate/comment_flags.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>

#include "cmd/version.h"
#include "output/finding/finding_text.h"
#include "output/gate/gate_formats.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kNameBytesMax = 64;

std::string variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

std::string name_of(const CommentFlags& flags) {
  return flags.name.empty() ? std::string(output::kCommentName) : flags.name;
}

int not_posted(const Error& error, int code) {
  fmt::print(stderr, "comment: not posted: {}\n", output::visible(error.message));
  return code == kExitClean ? static_cast<int>(kExitPartial) : code;
}

}  // namespace

std::vector<Flag> comment_flags(CommentFlags& flags) {
  engine::CommentSettings& settings = flags.settings;
  return {
      {"--comment",
       "SERVICE",
       "Posts one comment in the pull or merge request, and updates it from then on.",
       &settings.forge,
       {"github", "gitlab"},
       ValueKind::kChoice},
      {"--comment-name", "NAME", "Several gates of one request need names; default: main.",
       &flags.name},
      {"--comment-dry-run", "", "Prints what would be sent; nothing leaves.", &flags.dry_run},
      {"--comment-repository", "NAME", "OWNER/NAME, or GitLab's project; default: the job's.",
       &settings.repository},
      {"--comment-request", "NUMBER", "The request's number; default: the job's.",
       &settings.request},
      {"--comment-api-url", "URL", "The service's interface; default: the job's.",
       &settings.api_url},
      {"--comment-token-file",
       "FILE",
       "Holds the token; default: GITHUB_TOKEN or GITLAB_TOKEN.",
       &settings.token_file,
       {},
       ValueKind::kPath},
      {"--comment-author", "NAME", "Whose comments are ours; default: the token's user.",
       &settings.author},
      {"--comment-ca-file",
       "FILE",
       "Authorities that the service's certificate may be of.",
       &settings.ca_file,
       {},
       ValueKind::kPath},
      {"--comment-proxy", "URL", "Asks through this proxy.", &settings.proxy},
  };
}

Result<void> check_comment_flags(const CommentFlags& flags) {
  const std::string name = name_of(flags);
  const bool plain = std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  // "--" would end the comment of HTML that the mark is.
  if (!plain || name.size() > kNameBytesMax || name.contains("--") || name.ends_with('-'))
    return failure(ErrorCode::kInvalid,
                   fmt::format("--comment-name: expected letters, digits, \"-\", \"_\" and \".\", "
                               "found \"{}\"",
                               name));
  if (flags.dry_run && !flags.is_asked())
    return failure(ErrorCode::kInvalid, "--comment-dry-run: expected --comment too, found none");
  return {};
}

int with_comment(const CommentFlags& flags, const event::GateReport& report, int code) {
  if (!flags.is_asked()) return code;
  const auto target = engine::comment_target(flags.settings, variable);
  if (!target) return not_posted(target.error(), code);
  if (!*target) {
    fmt::print(stderr, "comment: not posted: the job is of no request; give --comment-request\n");
    return code;
  }
  const std::string body =
      output::gate_markdown(report, {.version = version_number(),
                                     .name = name_of(flags),
                                     .bytes_max = engine::comment_bytes_max(flags.settings.forge)});
  if (flags.dry_run) {
    const auto text = engine::comment_requests_text(**target, body);
    if (!text) return not_posted(text.error(), code);
    fmt::print("{}", *text);
    return code;
  }
  // Who has nothing to do is not written to, but where an earlier comment says otherwise.
  const bool is_worth_it = report.verdict >= event::Verdict::kWarn || report.incomplete;
  const auto outcome = engine::post_comment(
      **target, body,
      is_worth_it ? engine::CommentWish::kAlways : engine::CommentWish::kOnlyUpdate);
  if (!outcome) return not_posted(outcome.error(), code);
  for (const std::string& note : outcome->notes)
    fmt::print(stderr, "comment: {}\n", output::visible(note));
  fmt::print(stderr, "comment: {}{}{}\n",
             engine::kCommentActionNames[static_cast<std::size_t>(outcome->action)],
             outcome->url.empty() ? "" : " ", output::visible(outcome->url));
  return code;
}

}  // namespace vedette::cmd
