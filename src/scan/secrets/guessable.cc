// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/guessable.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "scan/secrets/placeholder.h"
#include "scan/secrets/structure.h"
#include "scan/secrets/words.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kBytesMax = 64;    // longer ones are no words
constexpr std::size_t kNearBytes = 240;  // some lines before and behind

// What a value beside must be named for a password to be guessed of it.
constexpr WordSet kNamesBeside{{"user", "login", "account", "database", "db", "name", "host"}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_word(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9'); }

// A text in small letters; nothing of one that is too long.
class Lower {
 public:
  explicit Lower(std::string_view text) : size_(text.size() > kNearBytes ? 0 : text.size()) {
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size_),
                   letters_.begin(), lower);
  }
  std::string_view view() const { return {letters_.data(), size_}; }

 private:
  std::array<char, kNearBytes> letters_{};
  std::size_t size_;
};

bool is_said(std::string_view secret) {
  const Lower folded(secret);
  return !folded.view().empty() && is_guessable_word(folded.view());
}

// Whether what stands at `at` of `text` is the value of a user, a database or the like.
bool is_named(std::string_view text, std::size_t at, std::size_t size) {
  const bool whole = (at == 0 || !is_word(text[at - 1])) &&
                     (at + size == text.size() || !is_word(text[at + size]));
  if (!whole) return false;
  const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  const Lower before(text.substr(line, at - line));
  return kNamesBeside.is_inside(before.view());
}

bool is_name_beside(const Candidate& candidate) {
  const std::string_view secret = candidate.secret();
  const bool plain = std::ranges::all_of(
      secret, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; });
  if (!plain || secret.size() < 3) return false;
  const std::size_t begin = candidate.secret_begin - std::min(candidate.secret_begin, kNearBytes);
  const std::size_t own = candidate.secret_begin - begin;
  const std::string_view near = candidate.content.substr(begin, own + secret.size() + kNearBytes);
  for (std::size_t at = near.find(secret); at != std::string_view::npos;
       at = near.find(secret, at + 1)) {
    if (at != own && is_named(near, at, secret.size())) return true;
  }
  return false;
}

// "user:password" in base64.
bool is_guessable_pair(std::string_view secret) {
  std::array<char, kBytesMax> buffer;
  const std::string_view pair(buffer.data(), decode_base64(secret, buffer));
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos || pair.size() == buffer.size()) return false;
  const std::string_view password = pair.substr(colon + 1);
  return password == pair.substr(0, colon) || is_said(password);
}

}  // namespace

bool is_guessable(const Candidate& candidate) {
  if (!candidate.valid() || candidate.secret_size > kBytesMax) return false;
  const std::string_view secret = candidate.secret();
  return is_said(secret) || is_name_beside(candidate) || is_guessable_pair(secret);
}

}  // namespace vedette::scan::secrets
