// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// TOML 1.0 as a tree with positions; toml.cc is the only place that knows the TOML library.
namespace vedette::formats::toml {

enum class NodeKind : std::uint8_t {
  kString,
  kInteger,
  kFloat,
  kBoolean,
  kTime,  // any of TOML's dates and times
  kArray,
  kTable
};

struct Member;

// A value, owning everything below it; never nested deeper than Limits::depth_max.
struct Node {
  NodeKind kind = NodeKind::kTable;
  std::string text;             // kString: without quotes and escapes; kTime: as TOML writes it
  std::int64_t integer = 0;     // kInteger
  double number = 0;            // kFloat, and kInteger converted
  bool boolean = false;         // kBoolean
  std::vector<Node> elements;   // kArray
  std::vector<Member> members;  // kTable, in the order written; keys are unique
  std::uint32_t line = 0;       // from 1; of a table its header, else its first key
  std::uint32_t column = 0;     // from 1, in characters

  // The value of the member with this key; null when absent or no table.
  const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  Node value;
};

struct SyntaxError {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
};

// What became of a text: the table of its top, or why it is none. TOML leaves nothing to be taken
// from a text with an error.
struct Document {
  Node root;
  std::vector<SyntaxError> errors;  // at most one
};

// A key of more dotted parts than this is an error.
inline constexpr std::size_t kKeyPartsMax = 32;

// Errors are kLimit: a text larger than Limits::file_bytes_max, nested deeper than depth_max or of
// more than values_max values. A text that is not TOML is a Document with its error.
Result<Document> parse(std::string_view text, const Limits& limits);

}  // namespace vedette::formats::toml
