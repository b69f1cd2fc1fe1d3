// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/text.h"

#include <algorithm>

namespace vedette::formats::packages {

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

Halves cut_first(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + mark.size()), true};
}

Halves cut_last(std::string_view text, std::string_view mark) {
  const std::size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + mark.size()), true};
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view blanks) {
  std::vector<std::string_view> words;
  std::size_t at = text.find_first_not_of(blanks);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(blanks, end);
  }
  return words;
}

bool Lines::next(std::string_view& line) {
  if (rest_.empty()) return false;
  const std::size_t end = rest_.find('\n');
  line = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++number_;
  return true;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_below(std::string_view path, std::string_view name) {
  for (std::size_t at = path.find(name); at != std::string_view::npos;
       at = path.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || path[at - 1] == '/') && end < path.size() && path[end] == '/') return true;
  }
  return false;
}

std::string without_credentials(std::string_view text) {
  constexpr std::string_view kMask = "***";
  constexpr std::string_view kEnds = " \t,;\"'";
  std::string out;
  while (true) {
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, scheme + 3));
    text.remove_prefix(scheme + 3);
    std::string_view address = text.substr(0, text.find_first_of(kEnds));
    text.remove_prefix(address.size());
    // A password may hold a '/' that nobody encoded: the last '@' of the part that can be one
    // counts.
    const std::string_view front = address.substr(0, address.find_first_of("?#"));
    const std::size_t host = front.substr(0, front.find('/')).rfind('@');
    const std::size_t colon = front.find(':');
    const std::size_t slash = front.find('/');
    const bool broken =
        colon != std::string_view::npos && slash != std::string_view::npos && colon < slash &&
        slash > colon + 1 && host == std::string_view::npos &&
        front.substr(colon + 1, slash - colon - 1).find_first_not_of("0123456789") !=
            std::string_view::npos;
    const std::size_t end = broken ? front.rfind('@') : host;
    if (end != std::string_view::npos) {
      out.append(address.substr(0, end) == "git" ? std::string_view("git") : kMask);
      address.remove_prefix(end);
    }
    const std::size_t query = address.find('?');
    const std::string_view asked =
        query == std::string_view::npos ? std::string_view() : address.substr(query + 1);
    const bool state = asked.starts_with("branch=") || asked.starts_with("tag=") ||
                       asked.starts_with("rev=") || asked.starts_with("ref=");
    if (asked.empty() || (state && asked.find('&') == std::string_view::npos)) {
      out.append(address);
    } else {
      const std::size_t fragment = asked.find('#');
      out.append(address.substr(0, query + 1)).append(kMask);
      if (fragment != std::string_view::npos) out.append(asked.substr(fragment));
    }
  }
}

std::string pypi_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const bool mark = c == '-' || c == '_' || c == '.';
    if (!mark) {
      out += c;
    } else if (!out.ends_with('-')) {
      out += '-';
    }
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace vedette::formats::packages
