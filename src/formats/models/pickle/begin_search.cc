// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/begin_search.h"

#include <algorithm>
#include <array>

#include "formats/models/pickle/literal.h"
#include "formats/models/pickle/operation.h"

namespace vedette::formats::models {
namespace {

constexpr std::size_t kNameMax = 256;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

constexpr std::string_view kImports = "ci";
constexpr std::string_view kTexts = "STUVX\x8C\x8D";

constexpr std::array<bool, 256> kMayBegin = [] {
  std::array<bool, 256> may{};
  for (const std::string_view codes : {kImports, kTexts})
    for (const char code : codes) may[static_cast<unsigned char>(code)] = true;
  return may;
}();

bool is_memorising(std::uint8_t code) {
  return code == 'p' || code == 'q' || code == 'r' || code == 0x94;
}

// The next that does more than to memorise what is on the stack.
bool next_telling(OperationReader& reader, Operation& operation) {
  while (reader.next(operation)) {
    if (!is_memorising(operation.code)) return true;
  }
  return false;
}

bool pushes_name(const Operation& operation) {
  const std::optional<Literal> literal = read_literal(operation);
  return literal && literal->kind == ValueKind::kString &&
         is_name(literal->made.empty() ? literal->text : literal->made);
}

// Looks at no more than two names need.
bool is_import(std::string_view bytes, std::size_t at) {
  constexpr std::uint8_t kStackGlobal = 0x93;
  constexpr std::size_t kWindow = 2 * kNameMax + 64;
  OperationReader reader(bytes.substr(at, kWindow));
  Operation operation;
  if (!reader.next(operation)) return false;
  if (kImports.contains(static_cast<char>(operation.code)))
    return is_name(operation.text) && is_name(operation.second);
  return pushes_name(operation) && next_telling(reader, operation) && pushes_name(operation) &&
         next_telling(reader, operation) && operation.code == kStackGlobal;
}

}  // namespace

bool may_begin_pickle(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 1 && bytes[1] <= 5 &&
         operand_kind(static_cast<std::uint8_t>(bytes[2])) != OperandKind::kNoSuchOperation;
}

std::size_t find_pickle(std::string_view bytes, std::size_t at) {
  for (at = bytes.find('\x80', at); at != std::string_view::npos; at = bytes.find('\x80', at + 1)) {
    if (may_begin_pickle(bytes.substr(at))) return at;
  }
  return bytes.size();
}

std::size_t find_import(std::string_view bytes, std::size_t at) {
  for (; at < bytes.size(); ++at) {
    if (kMayBegin[static_cast<unsigned char>(bytes[at])] && is_import(bytes, at)) return at;
  }
  return bytes.size();
}

}  // namespace vedette::formats::models
