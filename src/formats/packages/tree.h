// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/limits.h"

// JSON, YAML, TOML and XML as one kind of tree with lines, so that a reader of a lock file says
// only what its keys mean.
namespace vedette::formats::packages {

enum class NodeKind : std::uint8_t { kNone, kBoolean, kNumber, kText, kList, kTable };

struct Member;

// Everything in a node lives as long as its Tree.
struct Node {
  NodeKind kind = NodeKind::kNone;  // kNone: null, or not there
  std::uint32_t line = 0;           // from 1
  std::string_view text;            // of scalars; numbers and booleans as written
  std::span<const Member> members;  // of lists (without keys) and tables; duplicates are all kept

  // The last member with this key, as JSON's readers have it; an empty node when there is none.
  // Goes through all members: not for tables that the input makes large.
  const Node& operator[](std::string_view key) const;
  bool has(std::string_view key) const;
  bool is_table() const { return kind == NodeKind::kTable; }
  bool is_list() const { return kind == NodeKind::kList; }
  bool is_text() const { return kind == NodeKind::kText; }
  bool is_true() const { return kind == NodeKind::kBoolean && text == "true"; }
};

struct Member {
  std::string_view key;
  std::uint32_t line = 0;  // of the key; in lists of the element
  Node value;
};

struct Tree {
  Node root;
  // What is wrong with the text. What stands before a syntax error is in the tree where the format
  // allows that.
  std::vector<Diagnostic> problems;
  bool is_cut = false;  // there is more than the limits allow (said of JSON only)
  std::unique_ptr<Arena> storage;
};

enum class JsonForm : std::uint8_t {
  kStrict,
  kRelaxed,  // comments, and commas before closing brackets (JSONC)
  kPython,   // NaN, Infinity and -Infinity, as Python's json reads and writes them
};

// Limits: file_bytes_max, depth_max, values_max. `path` is for problems.
Tree read_json(std::string_view path, std::string_view text, const Limits& limits,
               JsonForm form = JsonForm::kStrict);
// The first document. Scalars that are not strings by YAML's rules are kNumber, kBoolean, kNone,
// with their text all the same ("1.10" stays that).
Tree read_yaml(std::string_view path, std::string_view text, const Limits& limits);
Tree read_toml(std::string_view path, std::string_view text, const Limits& limits);
// The root is a table of one member, the outermost element. An element is a table of its attributes
// ("@name") and its elements, with its own text, trimmed, as Node::text. Prefixes are left off.
Tree read_xml(std::string_view path, std::string_view text, const Limits& limits);

// Makes a tree from the outside in; refuses what is beyond the limits.
class TreeBuilder {
 public:
  explicit TreeBuilder(const Limits& limits)
      : depth_max_(limits.depth_max),
        values_max_(limits.values_max),
        storage_(std::make_unique<Arena>()) {}

  // False when a limit is reached: nothing more is taken then. Keys and texts are copied.
  bool open(NodeKind kind, std::string_view key, std::uint32_t key_line, std::uint32_t line);
  void close() { close({}); }
  void close(std::string_view text);
  bool scalar(NodeKind kind, std::string_view key, std::uint32_t line, std::string_view text);
  std::size_t depth() const { return frames_.size(); }
  bool full() const { return full_; }
  // Closes what is open.
  Node finish();
  std::unique_ptr<Arena> take_storage() { return std::move(storage_); }

 private:
  struct Frame {
    Member member;
    std::size_t first = 0;  // of its members in pending_
  };

  std::size_t depth_max_;
  std::size_t values_max_;
  std::size_t values_ = 0;
  bool full_ = false;
  std::unique_ptr<Arena> storage_;
  std::vector<Frame> frames_;
  std::vector<Member> pending_;
};

}  // namespace vedette::formats::packages
