// SPDX-License-Identifier: Apache-2.0
#include "formats/forge/forge_answer.h"

#include <charconv>
#include <fmt/format.h>

#include "formats/packages/tree.h"

namespace vedette::formats::forge {
namespace {

using packages::Node;
using packages::Tree;

constexpr std::size_t kRefusalBytesMax = 300;

std::optional<std::uint64_t> number_of(const Node& node) {
  std::uint64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  if (node.kind != packages::NodeKind::kNumber || node.text.empty()) return std::nullopt;
  const auto parsed = std::from_chars(node.text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

Result<Tree> tree_of(std::string_view what, std::string_view json, const Limits& limits) {
  Tree tree = packages::read_json(what, json, limits);
  if (tree.problems.empty()) return tree;
  return failure(ErrorCode::kInvalid,
                 fmt::format("expected JSON in {}: {}", what, tree.problems[0].message));
}

std::string_view author_key(Forge forge) { return forge == Forge::kGithub ? "user" : "author"; }
std::string_view name_key(Forge forge) { return forge == Forge::kGithub ? "login" : "username"; }

Result<Comment> comment_of(Forge forge, const Node& node) {
  const std::optional<std::uint64_t> id = number_of(node["id"]);
  if (!node.is_table() || !id)
    return failure(ErrorCode::kInvalid, "expected comments with an \"id\", found one without");
  Comment comment;
  comment.id = *id;
  // The author is null where an account was deleted.
  comment.author = node[author_key(forge)][name_key(forge)].text;
  comment.body = node["body"].text;
  if (forge == Forge::kGithub) comment.url = node["html_url"].text;
  comment.by_system = node["system"].is_true();
  return comment;
}

}  // namespace

Result<std::vector<Comment>> read_comments(Forge forge, std::string_view json,
                                           const Limits& limits) {
  TRY(const Tree tree, tree_of("the list of comments", json, limits));
  if (!tree.root.is_list())
    return failure(ErrorCode::kInvalid, "expected a list of comments, found something else");
  std::vector<Comment> comments;
  for (const packages::Member& member : tree.root.members) {
    TRY(Comment comment, comment_of(forge, member.value));
    comments.push_back(std::move(comment));
  }
  return comments;
}

Result<Comment> read_comment(Forge forge, std::string_view json, const Limits& limits) {
  TRY(const Tree tree, tree_of("the comment", json, limits));
  return comment_of(forge, tree.root);
}

Result<std::string> read_user(Forge forge, std::string_view json, const Limits& limits) {
  TRY(const Tree tree, tree_of("the user", json, limits));
  const Node& viewer = tree.root["data"]["viewer"];
  const Node& user = viewer.is_table() ? viewer : tree.root;
  std::string name(user[name_key(forge)].text);
  if (name.empty())
    return failure(ErrorCode::kInvalid, "expected the name of the token's user, found none");
  return name;
}

std::string read_refusal(std::string_view json, const Limits& limits) {
  const Tree tree = packages::read_json("the answer", json, limits);
  std::string text;
  // GitLab's may be a table or a list, of which only the outermost text is taken.
  for (const std::string_view key : {"message", "error_description", "error"}) {
    if (!text.empty()) break;
    text = tree.root[key].text;
  }
  if (text.size() > kRefusalBytesMax) text.resize(kRefusalBytesMax);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = ' ';
  }
  return text;
}

Result<std::optional<std::uint64_t>> read_event(std::string_view json, const Limits& limits) {
  TRY(const Tree tree, tree_of("the event", json, limits));
  const Node& pull = tree.root["pull_request"];
  if (pull.is_table()) return number_of(pull["number"]);
  const Node& issue = tree.root["issue"];  // a comment on a pull request is one on an issue
  if (issue["pull_request"].is_table()) return number_of(issue["number"]);
  return std::optional<std::uint64_t>();
}

std::string_view next_page(std::string_view link) {
  constexpr std::size_t kLinksMax = 16;
  for (std::size_t count = 0; count < kLinksMax; ++count) {
    const std::size_t open = link.find('<');
    const std::size_t close = link.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const std::string_view target = link.substr(open + 1, close - open - 1);
    link.remove_prefix(close + 1);
    const std::string_view parameters = link.substr(0, link.find('<'));
    if (parameters.contains("rel=\"next\"") || parameters.contains("rel=next")) return target;
  }
  return {};
}

}  // namespace vedette::formats::forge
