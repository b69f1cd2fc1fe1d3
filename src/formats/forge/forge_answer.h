// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// What the interfaces of GitHub (REST, version 2022-11-28) and GitLab (REST v4) answer about the
// comments of a pull or merge request, and what GitHub tells a job of the event that started it.
namespace vedette::formats::forge {

enum class Forge : std::uint8_t { kGithub, kGitlab };

struct Comment {
  std::uint64_t id = 0;
  std::string author;  // "octocat", "github-actions[bot]"
  std::string body;
  std::string url;         // for people; GitLab tells none
  bool by_system = false;  // GitLab: what it says itself, as "changed the title"
};

// One page of a list. An element without an id is an Error: what cannot be read whole must not look
// as if a comment were missing.
Result<std::vector<Comment>> read_comments(Forge forge, std::string_view json,
                                           const Limits& limits);

// One comment, as it is answered to whoever wrote it.
Result<Comment> read_comment(Forge forge, std::string_view json, const Limits& limits);

// The name of whoever asks: GET /user of both, or of GitHub's GraphQL `{viewer {login}}`.
Result<std::string> read_user(Forge forge, std::string_view json, const Limits& limits);

// What an answer of failure says, in one line; empty: nothing that could be read.
std::string read_refusal(std::string_view json, const Limits& limits);

// The number of the pull request that an event is about (the file that GITHUB_EVENT_PATH names).
// Nothing: it is about none.
Result<std::optional<std::uint64_t>> read_event(std::string_view json, const Limits& limits);

// The target of rel="next" in a Link header (RFC 8288); empty: this is the last page.
std::string_view next_page(std::string_view link);

}  // namespace vedette::formats::forge
