// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory_resource>
#include <vector>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

// Maven's POM reference, "Version Order Specification". A version is cut at dots, dashes and
// between digits and letters (as if a dash were there); parts that say nothing ("0", "final") are
// dropped before each dash and at the end; the shorter version is filled up with such parts.
namespace vedette::formats::versions {
namespace {

struct Token {
  char separator = '-';
  bool is_number = false;
  std::string_view text;
  bool before_digit = false;  // "a1": a is alpha then
};

constexpr std::size_t kStackBytes = 4096;  // of tokens; beyond it the heap serves
using Tokens = std::pmr::vector<Token>;

// Words of release; the empty word is the release itself.
constexpr std::array<std::string_view, 7> kQualifiers = {"alpha",    "beta", "milestone", "rc",
                                                         "snapshot", "",     "sp"};
constexpr int kReleaseRank = 5;
constexpr int kUnknownRank = 7;

int qualifier_rank(const Token& token) {
  constexpr std::array<std::string_view, 3> kShort = {"a", "b", "m"};
  constexpr std::array<std::string_view, 3> kRelease = {"ga", "final", "release"};
  const auto same = [&](std::string_view word) { return equal_folded(word, token.text); };
  if (token.before_digit) {
    for (std::size_t i = 0; i < kShort.size(); ++i) {
      if (same(kShort[i])) return static_cast<int>(i);
    }
  }
  if (same("cr")) return 3;
  if (std::ranges::any_of(kRelease, same)) return kReleaseRank;
  for (std::size_t i = 0; i < kQualifiers.size(); ++i) {
    if (same(kQualifiers[i])) return static_cast<int>(i);
  }
  return kUnknownRank;
}

bool is_null(const Token& token) {
  if (token.is_number) return token.text.find_first_not_of('0') == std::string_view::npos;
  return qualifier_rank(token) == kReleaseRank;
}

void cut(std::string_view text, Tokens& tokens) {
  char separator = '-';
  bool first = true;
  while (first || !text.empty()) {
    if (!first) {
      separator = '-';  // between digits and letters
      if (text[0] == '.' || text[0] == '-') {
        separator = text[0];
        text.remove_prefix(1);
      }
    }
    first = false;
    Token token{separator, true, "0"};
    if (!text.empty() && text[0] != '.' && text[0] != '-') {
      token.is_number = is_digit(text[0]);
      token.text = take_while(
          text, [&](char c) { return c != '.' && c != '-' && is_digit(c) == token.is_number; });
      token.before_digit = !token.is_number && !text.empty() && is_digit(text[0]);
    }
    tokens.push_back(token);
  }
}

// Drops what says nothing before each dash and at the end. The first token stays.
void trim(Tokens& tokens) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].separator == '-') {
      while (kept > 1 && is_null(tokens[kept - 1])) --kept;
    }
    tokens[kept++] = tokens[i];
  }
  while (kept > 1 && is_null(tokens[kept - 1])) --kept;
  tokens.resize(kept);
}

// ".qualifier" < "-qualifier" < "-number" < ".number". The specification has the first two equal;
// Maven itself has not.
int kind(const Token& token) {
  if (!token.is_number) return token.separator == '.' ? 0 : 1;
  return token.separator == '-' ? 2 : 3;
}

std::strong_ordering compare_token(const Token& a, const Token& b) {
  if (kind(a) != kind(b)) return kind(a) <=> kind(b);
  if (a.is_number) return compare_digits(a.text, b.text);
  const int left = qualifier_rank(a);
  const int right = qualifier_rank(b);
  if (left != right) return left <=> right;
  if (left != kUnknownRank) return std::strong_ordering::equal;
  return compare_folded(a.text, b.text);
}

Token null_like(const Token& token) {
  return {token.separator, token.is_number, token.is_number ? "0" : ""};
}

}  // namespace

std::strong_ordering compare_maven(std::string_view a, std::string_view b) {
  std::array<std::byte, kStackBytes> stack;
  std::pmr::monotonic_buffer_resource memory(stack.data(), stack.size());
  Tokens left(&memory);
  Tokens right(&memory);
  left.reserve(24);
  right.reserve(24);
  cut(a, left);
  cut(b, right);
  trim(left);
  trim(right);
  const std::size_t count = std::max(left.size(), right.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto order = compare_token(i < left.size() ? left[i] : null_like(right[i]),
                                     i < right.size() ? right[i] : null_like(left[i]));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace vedette::formats::versions
