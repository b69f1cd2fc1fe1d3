// SPDX-License-Identifier: Apache-2.0
#include "match/glob.h"

#include <cstring>

namespace vedette::match {
namespace {

// Bytes of the UTF-8 character at text[i]; 1 for bytes that start none.
std::size_t character_size(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (i + size > text.size()) size = 1;
  for (std::size_t k = 1; k < size; ++k) {
    if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return 1;
  }
  return size;
}

// The next place from `t` on where what follows a run, a pattern that begins with `first`, can
// stand.
std::size_t next_start(char first, std::string_view text, std::size_t t) {
  if (first == kAnyRun || first == kAnyOne || t >= text.size()) return t;
  const void* const found = std::memchr(text.data() + t, first, text.size() - t);
  return found == nullptr ? text.size()
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to resume when the literal behind the last kAnyRun fails: that run then takes one byte
  // more. Going back further is never needed: an earlier run can be given nothing that the last one
  // could not take.
  std::size_t run_pattern = std::string_view::npos;
  std::size_t run_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == kAnyRun) {
      run_pattern = ++p;
      if (p == pattern.size()) return true;
      run_text = next_start(pattern[p], text, t);
      t = run_text;
    } else if (p < pattern.size() && pattern[p] == kAnyOne) {
      ++p;
      t += character_size(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (run_pattern != std::string_view::npos) {
      p = run_pattern;
      run_text = next_start(pattern[p], text, run_text + 1);
      t = run_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kAnyRun) ++p;
  return p == pattern.size();
}

std::string_view longest_literal(std::string_view pattern) {
  std::string_view best;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= pattern.size(); ++i) {
    if (i < pattern.size() && pattern[i] != kAnyRun && pattern[i] != kAnyOne) continue;
    if (i - start > best.size()) best = pattern.substr(start, i - start);
    start = i + 1;
  }
  return best;
}

}  // namespace vedette::match
