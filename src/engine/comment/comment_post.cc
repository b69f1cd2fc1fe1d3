// SPDX-License-Identifier: Apache-2.0
#include "engine/comment/comment_post.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <optional>

#include "base/json_writer.h"
#include "ingest/registry/challenge.h"

namespace vedette::engine {
namespace {

using formats::forge::Comment;
using formats::forge::Forge;

constexpr int kRoundsMax = 4;
constexpr std::size_t kNotesMax = 10;

Limits answer_limits() {
  Limits limits;
  limits.file_bytes_max = ForgeClient::kAnswerBytesMax;
  return limits;
}

std::string comments_of(const CommentTarget& target) {
  if (target.access.forge == Forge::kGithub)
    return fmt::format("/repos/{}/issues/{}/comments", target.repository, target.request);
  return fmt::format("/projects/{}/merge_requests/{}/notes",
                     ingest::percent_encoded(target.repository), target.request);
}

std::string list_of(const CommentTarget& target) {
  // GitHub lists the oldest first.
  return comments_of(target) + (target.access.forge == Forge::kGithub
                                    ? "?per_page=100"
                                    : "?per_page=100&order_by=created_at&sort=asc");
}

ForgeRequest creation_of(const CommentTarget& target, const std::string& json) {
  return {"POST", comments_of(target), json, Repeat::kNo};
}

ForgeRequest update_of(const CommentTarget& target, std::string_view id, const std::string& json) {
  if (target.access.forge == Forge::kGithub)
    return {"PATCH", fmt::format("/repos/{}/issues/comments/{}", target.repository, id), json};
  return {"PUT", fmt::format("{}/{}", comments_of(target), id), json};
}

std::string json_of(const std::string& body) {
  std::string out;
  JsonWriter(out).begin_object().key("body").string(body).end_object();
  return out;
}

// Both services keep line ends and blanks at the end as they like.
std::string comparable(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

bool is_marked(const Comment& comment, std::string_view mark) {
  const std::string_view body = comment.body;
  return body.starts_with(mark) &&
         (body.size() == mark.size() || body[mark.size()] == '\n' || body[mark.size()] == '\r');
}

Result<void> check(const CommentTarget& target) {
  const std::string& name = target.repository;
  const bool plain = std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
  });
  const bool pair = std::ranges::count(name, '/') == 1 && !name.starts_with('/') &&
                    !name.ends_with('/') && !name.starts_with('.') && !name.contains("/.");
  if (target.access.forge == Forge::kGithub && !(plain && pair))
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected a repository as OWNER/NAME, found \"{}\"", name));
  if (name.empty()) return failure(ErrorCode::kInvalid, "expected a project, found none");
  if (target.request == 0)
    return failure(ErrorCode::kInvalid, "expected the number of a request, found 0");
  return {};
}

class Poster {
 public:
  Poster(ForgeClient client, const CommentTarget& target, const std::string& body)
      : client_(std::move(client)),
        target_(target),
        body_(body),
        mark_(std::string_view(body).substr(0, body.find('\n'))) {}

  Result<CommentOutcome> run(CommentWish wish) {
    TRY_VOID(find_author());
    const std::string json = json_of(body_);
    bool was_sent = false;
    ForgeAnswer answer;
    for (int round = 0; round < kRoundsMax; ++round) {
      TRY(const std::optional<Comment> found, find());
      if (!found && wish == CommentWish::kOnlyUpdate) return done(CommentAction::kNone, {});
      if (found && comparable(found->body) == comparable(body_))
        return done(was_sent ? CommentAction::kCreated : CommentAction::kUnchanged, found->url);
      TRY(answer, client_.ask(found ? update_of(target_, std::to_string(found->id), json)
                                    : creation_of(target_, json)));
      if (answer.status / 100 == 2) {
        const auto written =
            formats::forge::read_comment(target_.access.forge, answer.body, answer_limits());
        return done(found ? CommentAction::kUpdated : CommentAction::kCreated,
                    written ? written->url : "");
      }
      // Deleted meanwhile, or perhaps written all the same: who looks again knows.
      const bool gone = found && answer.status == 404;
      const bool unknown = !found && (answer.status == 0 || answer.status >= 500);
      if (!gone && !unknown) break;
      was_sent = was_sent || unknown;
      if (round + 1 < kRoundsMax) TRY_VOID(client_.pause(round));
    }
    return std::unexpected(client_.refused(answer, "the comment"));
  }

 private:
  CommentOutcome done(CommentAction action, std::string url) {
    return {action, std::move(url), std::move(notes_)};
  }

  Result<void> find_author() {
    author_ = target_.author;
    if (!author_.empty()) return {};
    TRY(ForgeAnswer answer, client_.ask({"GET", "/user", ""}));
    // The token of a job belongs to an application, which is no user; GraphQL knows it.
    if (target_.access.forge == Forge::kGithub && answer.status == 403) {
      std::string url = client_.access().api_url;
      if (url.ends_with("/v3")) url.resize(url.size() - 3);
      TRY(answer, client_.ask({"POST", url + "/graphql", R"({"query":"query{viewer{login}}"})"}));
      is_application_ = true;
    }
    if (answer.status != 200)
      return std::unexpected(client_.refused(answer, "the question whose token it is"));
    TRY(author_, formats::forge::read_user(target_.access.forge, answer.body, answer_limits()));
    return {};
  }

  bool is_ours(const Comment& comment) const {
    if (comment.by_system || !is_marked(comment, mark_)) return false;
    return comment.author == author_ || (is_application_ && comment.author == author_ + "[bot]");
  }

  Result<std::optional<Comment>> find() {
    notes_.clear();
    std::string target = list_of(target_);
    for (std::size_t page = 0; page < kCommentPagesMax; ++page) {
      TRY(const ForgeAnswer answer, client_.ask({"GET", target, ""}));
      if (answer.status != 200)
        return std::unexpected(client_.refused(answer, "the list of comments"));
      TRY(auto comments,
          formats::forge::read_comments(target_.access.forge, answer.body, answer_limits()));
      for (Comment& comment : comments) {
        if (is_ours(comment)) return std::optional<Comment>(std::move(comment));
        if (is_marked(comment, mark_) && notes_.size() < kNotesMax)
          notes_.push_back(
              fmt::format("comment {} of \"{}\" has our mark, but is not ours: left "
                          "alone",
                          comment.id, comment.author));
      }
      if (answer.next_page.empty()) return std::optional<Comment>();
      target = answer.next_page;
    }
    return failure(
        ErrorCode::kLimit,
        fmt::format("expected at most {} pages of comments, found more", kCommentPagesMax));
  }

  ForgeClient client_;
  const CommentTarget& target_;  // the caller's
  const std::string& body_;      // the caller's
  const std::string_view mark_;  // of body_
  std::string author_;
  bool is_application_ = false;
  std::vector<std::string> notes_;
};

}  // namespace

Result<CommentOutcome> post_comment(const CommentTarget& target, const std::string& body,
                                    CommentWish wish) {
  TRY_VOID(check(target));
  TRY(ForgeClient client, ForgeClient::create(target.access));
  return Poster(std::move(client), target, body).run(wish);
}

Result<std::string> comment_requests_text(const CommentTarget& target, const std::string& body) {
  TRY_VOID(check(target));
  ForgeAccess access = target.access;
  access.token = "none";  // it is not shown, and need not be there
  TRY(const ForgeClient client, ForgeClient::create(access));
  std::string out;
  if (target.author.empty()) out += fmt::format("GET {}\n", client.url_of("/user"));
  out += fmt::format("GET {}\n", client.url_of(list_of(target)));
  const ForgeRequest update = update_of(target, "ID", "");
  out += fmt::format("# where there is a comment of ours: {} {}\n", update.method,
                     client.url_of(update.target));
  const ForgeRequest creation = creation_of(target, json_of(body));
  out += fmt::format("{} {}\n", creation.method, client.url_of(creation.target));
  out += "Authorization: Bearer …\n";
  for (const std::string& header : ForgeClient::shown_headers(access.forge)) out += header + "\n";
  return out + "\n" + creation.body + "\n";
}

}  // namespace vedette::engine
