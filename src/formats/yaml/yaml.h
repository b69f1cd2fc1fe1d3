// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// YAML as trees with positions; the only place that knows the YAML library (libyaml's event
// interface).
namespace vedette::formats::yaml {

enum class NodeKind : std::uint8_t { kScalar, kSequence, kMapping };

struct Node;
struct Member;

// A node of a document. Everything in it lives as long as its Document. An alias (`*name`) is the
// anchored node itself, so a document is a graph without cycles: whoever walks it bounds the visits
// (Limits::values_max). A merge key (`<<`) is resolved: the members of the merged mappings follow
// the mapping's own, which win.
struct Node {
  NodeKind kind = NodeKind::kScalar;
  bool plain =
      false;  // scalar written without quotes or block indicator: its type follows from its text
  std::string_view text;                  // scalar
  std::span<const Node* const> elements;  // sequence
  std::span<const Member> members;  // mapping, in the order written; duplicate keys are all kept
  std::uint32_t line = 0;           // from 1
  std::uint32_t column = 0;         // from 1

  // The value of the first member with this key; null when absent or no mapping.
  const Node* find(std::string_view key) const;
};

struct Member {
  const Node* key = nullptr;
  const Node* value = nullptr;
};

// The type of a scalar by YAML 1.1's core rules as PyYAML's safe loader applies them (yes/no/on/off
// and true/false in their three spellings are booleans; 0x, 0b, octal with a leading 0 and
// sexagesimal are integers; ~, null and nothing are null). Quoted scalars are strings, and so is
// anything longer than kNumberBytesMax.
constexpr std::size_t kNumberBytesMax = 128;
enum class ScalarType : std::uint8_t { kString, kNull, kBoolean, kInteger, kFloat, kTimestamp };
ScalarType scalar_type(const Node& scalar);
// Of a kBoolean scalar.
bool boolean_of(const Node& scalar);
// Of a kInteger or kFloat scalar: its plain decimal form ("-17", "0.25"), exact, whatever base or
// exponent it is written with. Empty for .inf and .nan and for more than kNumberBytesMax digits.
std::string decimal_of(const Node& scalar);

constexpr std::size_t kFileNodesFactor = 16;

struct SyntaxError {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
};

// The documents of one file. Movable; nodes stay where they are.
class Document {
 public:
  // Parses every document of `text` (copied). A syntax error ends the reading: the documents before
  // it are kept and errors() says where it is. So does a document that is nested deeper than
  // Limits::depth_max, aliases followed, or has more than Limits::values_max nodes (what merge keys
  // add counts), and a file with more than kFileNodesFactor times that. The result is an Error only
  // when there is no memory.
  static Result<Document> parse(std::string_view text, const Limits& limits);

  std::span<const Node* const> roots() const { return roots_; }
  const std::vector<SyntaxError>& errors() const { return errors_; }

 private:
  Document() = default;
  friend class Builder;

  std::shared_ptr<void> storage_;  // owns what the nodes refer to
  std::vector<const Node*> roots_;
  std::vector<SyntaxError> errors_;
};

}  // namespace vedette::formats::yaml
