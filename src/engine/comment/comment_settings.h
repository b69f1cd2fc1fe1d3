// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/comment/comment_post.h"

namespace vedette::engine {

// What the user says of where a comment goes; what is left empty tells the environment of the job.
struct CommentSettings {
  std::string forge;  // "github", "gitlab"
  std::string repository;
  std::string request;  // "12"
  std::string api_url;
  std::string token_file;
  std::string ca_file;
  std::string proxy;
  std::string author;
};

// The value of a variable; empty: it is not set.
using Environment = std::function<std::string(const std::string& name)>;

// GitHub: GITHUB_REPOSITORY, GITHUB_EVENT_PATH or GITHUB_REF, GITHUB_API_URL, GITHUB_TOKEN or
// GH_TOKEN. GitLab: CI_MERGE_REQUEST_PROJECT_ID or CI_PROJECT_ID, CI_MERGE_REQUEST_IID,
// CI_API_V4_URL, CI_SERVER_TLS_CA_FILE, GITLAB_TOKEN. Nothing: the job is of no request, so that
// there is nobody to tell. The token may be missing.
Result<std::optional<CommentTarget>> comment_target(const CommentSettings& settings,
                                                    const Environment& environment);

// The most bytes that a comment may have; both count characters, which are never more.
std::size_t comment_bytes_max(const std::string& forge);

}  // namespace vedette::engine
