// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/tree.h"

#include <algorithm>
#include <fmt/format.h>

#include "formats/packages/text.h"
#include "formats/toml/toml.h"
#include "formats/yaml/yaml.h"

namespace vedette::formats::packages {
namespace {

// How often a text is cut before an error and read again.
constexpr int kRetriesMax = 3;

Diagnostic problem_at(std::string_view path, std::uint32_t line, std::string message) {
  return {DiagnosticKind::kError, {std::string(path), line, 0, 0}, std::move(message), ""};
}

void add_limit_problem(std::string_view path, const Limits& limits, const TreeBuilder& builder,
                       Tree& tree) {
  if (!builder.full()) return;
  tree.problems.push_back(
      problem_at(path, 0,
                 fmt::format("expected at most {} values in {} levels, found more; the rest is "
                             "not read",
                             limits.values_max, limits.depth_max)));
}

// The text up to line `line` (from 1), without it.
std::string_view lines_before(std::string_view text, std::uint32_t line) {
  std::size_t end = 0;
  for (std::uint32_t at = 1; at < line; ++at) {
    const std::size_t next = text.find('\n', end);
    if (next == std::string_view::npos) return text;
    end = next + 1;
  }
  return text.substr(0, end);
}

// Without the last of the tables that begin with a header at the start of a line.
std::string_view without_last_table(std::string_view text) {
  const std::size_t header = text.rfind("\n[[");
  return text.substr(0, header == std::string_view::npos ? 0 : header + 1);
}

NodeKind kind_of(const yaml::Node& scalar) {
  switch (yaml::scalar_type(scalar)) {
    case yaml::ScalarType::kNull:
      return NodeKind::kNone;
    case yaml::ScalarType::kBoolean:
      return NodeKind::kBoolean;
    case yaml::ScalarType::kInteger:
    case yaml::ScalarType::kFloat:
      return NodeKind::kNumber;
    default:
      return NodeKind::kText;
  }
}

// An alias is gone into as often as it stands there; the builder bounds that.
void add_yaml(const yaml::Node& top, TreeBuilder& builder) {
  struct Step {
    const yaml::Node* node = nullptr;
    std::size_t next = 0;
  };
  std::vector<Step> steps;
  const auto visit = [&](std::string_view key, std::uint32_t key_line, const yaml::Node& node) {
    if (node.kind == yaml::NodeKind::kScalar) {
      const NodeKind kind = kind_of(node);
      const std::string_view text =
          kind == NodeKind::kBoolean ? (yaml::boolean_of(node) ? "true" : "false") : node.text;
      return builder.scalar(kind, key, key_line, text);
    }
    const bool list = node.kind == yaml::NodeKind::kSequence;
    if (!builder.open(list ? NodeKind::kList : NodeKind::kTable, key, key_line, node.line)) {
      return false;
    }
    steps.push_back({&node});
    return true;
  };
  bool more = visit({}, top.line, top);
  while (more && !steps.empty()) {
    Step& step = steps.back();
    const yaml::Node& node = *step.node;
    if (step.next < node.elements.size()) {
      const yaml::Node& element = *node.elements[step.next++];
      more = visit({}, element.line, element);
    } else if (step.next < node.members.size()) {
      const yaml::Member& member = node.members[step.next++];
      more = visit(member.key->text, member.key->line, *member.value);
    } else {
      builder.close();
      steps.pop_back();
    }
  }
}

NodeKind kind_of(const toml::Node& node) {
  switch (node.kind) {
    case toml::NodeKind::kBoolean:
      return NodeKind::kBoolean;
    case toml::NodeKind::kInteger:
    case toml::NodeKind::kFloat:
      return NodeKind::kNumber;
    default:
      return NodeKind::kText;
  }
}

std::string text_of(const toml::Node& node) {
  switch (node.kind) {
    case toml::NodeKind::kBoolean:
      return node.boolean ? "true" : "false";
    case toml::NodeKind::kInteger:
      return std::to_string(node.integer);
    case toml::NodeKind::kFloat:
      return fmt::format("{}", node.number);
    default:
      return node.text;
  }
}

void add_toml(const toml::Node& top, TreeBuilder& builder) {
  struct Step {
    const toml::Node* node = nullptr;
    std::size_t next = 0;
  };
  std::vector<Step> steps;
  const auto visit = [&](std::string_view key, std::uint32_t line, const toml::Node& node) {
    const bool list = node.kind == toml::NodeKind::kArray;
    if (!list && node.kind != toml::NodeKind::kTable) {
      return builder.scalar(kind_of(node), key, line, text_of(node));
    }
    if (!builder.open(list ? NodeKind::kList : NodeKind::kTable, key, line, node.line)) {
      return false;
    }
    steps.push_back({&node});
    return true;
  };
  bool more = visit({}, top.line, top);
  while (more && !steps.empty()) {
    Step& step = steps.back();
    const toml::Node& node = *step.node;
    if (step.next < node.elements.size()) {
      const toml::Node& element = node.elements[step.next++];
      more = visit({}, element.line, element);
    } else if (step.next < node.members.size()) {
      const toml::Member& member = node.members[step.next++];
      more = visit(member.key, member.line, member.value);
    } else {
      builder.close();
      steps.pop_back();
    }
  }
}

}  // namespace

const Node& Node::operator[](std::string_view key) const {
  static constexpr Node kAbsent;
  if (kind != NodeKind::kTable) return kAbsent;
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [key](const Member& member) { return member.key == key; });
  return found == members.rend() ? kAbsent : found->value;
}

bool Node::has(std::string_view key) const {
  return kind == NodeKind::kTable &&
         std::any_of(members.begin(), members.end(),
                     [key](const Member& member) { return member.key == key; });
}

bool TreeBuilder::open(NodeKind kind, std::string_view key, std::uint32_t key_line,
                       std::uint32_t line) {
  full_ = full_ || values_ >= values_max_ || frames_.size() >= depth_max_;
  if (full_) return false;
  ++values_;
  frames_.push_back({{storage_->copy(key), key_line, {kind, line, {}, {}}}, pending_.size()});
  return true;
}

void TreeBuilder::close(std::string_view text) {
  Frame frame = frames_.back();
  frames_.pop_back();
  const std::span<Member> members = storage_->make_array<Member>(pending_.size() - frame.first);
  std::copy(pending_.begin() + static_cast<std::ptrdiff_t>(frame.first), pending_.end(),
            members.begin());
  pending_.resize(frame.first);
  frame.member.value.members = members;
  frame.member.value.text = storage_->copy(text);
  pending_.push_back(frame.member);
}

bool TreeBuilder::scalar(NodeKind kind, std::string_view key, std::uint32_t line,
                         std::string_view text) {
  full_ = full_ || values_ >= values_max_;
  if (full_) return false;
  ++values_;
  pending_.push_back({storage_->copy(key), line, {kind, line, storage_->copy(text), {}}});
  return true;
}

Node TreeBuilder::finish() {
  while (!frames_.empty()) close();
  return pending_.empty() ? Node() : pending_.front().value;
}

Tree read_yaml(std::string_view path, std::string_view text, const Limits& limits) {
  Tree tree;
  TreeBuilder builder(limits);
  std::string_view rest = text;
  for (int attempt = 0; attempt <= kRetriesMax; ++attempt) {
    const Result<yaml::Document> document =
        text.size() > limits.file_bytes_max
            ? failure(ErrorCode::kLimit, fmt::format("expected at most {} bytes, found {}",
                                                     limits.file_bytes_max, text.size()))
            : yaml::Document::parse(rest, limits);
    if (!document) {
      tree.problems.push_back(problem_at(path, 0, document.error().message));
      break;
    }
    for (const yaml::SyntaxError& error : document->errors()) {
      if (attempt == 0) tree.problems.push_back(problem_at(path, error.line, error.message));
    }
    if (!document->roots().empty()) {
      add_yaml(*document->roots()[0], builder);
      break;
    }
    if (document->errors().empty()) break;
    const std::string_view shorter = lines_before(rest, document->errors()[0].line);
    if (shorter.size() >= rest.size() || shorter.empty()) break;
    rest = shorter;
  }
  tree.root = builder.finish();
  add_limit_problem(path, limits, builder, tree);
  tree.storage = builder.take_storage();
  return tree;
}

Tree read_toml(std::string_view path, std::string_view text, const Limits& limits) {
  Tree tree;
  TreeBuilder builder(limits);
  std::string_view rest = text;
  for (int attempt = 0; attempt <= kRetriesMax; ++attempt) {
    const Result<toml::Document> document = toml::parse(rest, limits);
    if (!document) {
      tree.problems.push_back(problem_at(path, 0, document.error().message));
      break;
    }
    if (document->errors.empty()) {
      add_toml(document->root, builder);
      break;
    }
    const toml::SyntaxError& error = document->errors[0];
    if (attempt == 0) tree.problems.push_back(problem_at(path, error.line, error.message));
    rest = without_last_table(lines_before(rest, error.line + 1));
    if (rest.empty()) break;
  }
  tree.root = builder.finish();
  add_limit_problem(path, limits, builder, tree);
  tree.storage = builder.take_storage();
  return tree;
}

}  // namespace vedette::formats::packages
