// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/comment/forge_client.h"

namespace vedette::engine {

// The pull or merge request that gets a comment.
struct CommentTarget {
  ForgeAccess access;
  std::string repository;     // GitHub: OWNER/NAME; GitLab: the number or the path of a project
  std::uint64_t request = 0;  // its number
  std::string author;         // whose comments are ours; empty: asked for
};

enum class CommentAction : std::uint8_t { kNone, kCreated, kUpdated, kUnchanged };
inline constexpr std::array<std::string_view, 4> kCommentActionNames = {"not needed", "created",
                                                                        "updated", "unchanged"};

// Whether a comment is written where there is none yet.
enum class CommentWish : std::uint8_t { kAlways, kOnlyUpdate };

struct CommentOutcome {
  CommentAction action = CommentAction::kNone;
  std::string url;                 // for people; empty: not told
  std::vector<std::string> notes;  // of others' comments with our mark
};

// How many comments of a request are looked at.
inline constexpr std::size_t kCommentPagesMax = 100;

// Writes `body`, whose first line is a mark, as the one comment of ours that begins with this line:
// the first such that there is, else a new one. Comments of others with the mark are left alone.
// Asks again after a lost answer, so that no second one is written.
Result<CommentOutcome> post_comment(const CommentTarget& target, const std::string& body,
                                    CommentWish wish);

// What would be sent, for people; nothing is sent.
Result<std::string> comment_requests_text(const CommentTarget& target, const std::string& body);

}  // namespace vedette::engine
