// SPDX-License-Identifier: Apache-2.0
#include "scan/git/diff_reader.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace vedette::scan::git {
namespace {

// "\"a\\303\\244\\t\"" as git quotes paths.
std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t at = 1; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '\\' || at + 1 >= text.size()) {
      out += text[at];
      continue;
    }
    const char c = text[++at];
    constexpr std::string_view kNames = "abfnrtv";
    constexpr std::string_view kControls = "\a\b\f\n\r\t\v";
    unsigned byte = 0;
    if (const std::size_t name = kNames.find(c); name != std::string_view::npos) {
      out += kControls[name];
    } else if (c >= '0' && c <= '7') {
      for (std::size_t digit = 0;
           digit < 3 && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++digit) {
        byte = byte * 8 + static_cast<unsigned>(text[at++] - '0');
      }
      --at;
      out += static_cast<char>(byte);
    } else {
      out += c;
    }
  }
  return out;
}

// Of "+++ b/path", behind the signs: a tab and a time may follow.
std::string path_of(std::string_view text, bool strip) {
  std::string path;
  if (text.starts_with('"')) {
    path = unquoted(text);
  } else {
    path = text.substr(0, text.find('\t'));
    while (path.ends_with('\r') || path.ends_with('\n')) path.pop_back();
  }
  if (strip && path.size() > 2 && path[1] == '/') path.erase(0, 2);
  return path;
}

struct HunkHead {
  std::uint32_t parents = 1;       // two and more in the diff of a merge
  std::vector<std::uint32_t> old;  // lines of each parent
  std::uint32_t begin = 0;         // line of the new file
  std::uint32_t count = 1;
};

bool read_number(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "-12,3" or "+12".
bool read_range(std::string_view& text, char sign, std::uint32_t& begin, std::uint32_t& count) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  count = 1;
  if (!read_number(text, begin)) return false;
  if (!text.starts_with(',')) return true;
  text.remove_prefix(1);
  return read_number(text, count);
}

// "@@ -1,2 +3,4 @@", with one more @ for each further parent.
std::optional<HunkHead> read_hunk_head(std::string_view line) {
  const std::size_t signs = std::min(line.find_first_not_of('@'), line.size());
  if (signs < 2 || signs > 64 || !line.substr(signs).starts_with(' ')) return std::nullopt;
  HunkHead head;
  head.parents = static_cast<std::uint32_t>(signs - 1);
  line.remove_prefix(signs + 1);
  for (std::uint32_t i = 0; i < head.parents; ++i) {
    std::uint32_t begin = 0;
    if (!read_range(line, '-', begin, head.old.emplace_back()) || !line.starts_with(' '))
      return std::nullopt;
    line.remove_prefix(1);
  }
  if (!read_range(line, '+', head.begin, head.count)) return std::nullopt;
  return head;
}

}  // namespace

bool DiffReader::peek(std::string_view& line) const {
  if (rest_.empty()) return false;
  line = rest_.substr(0, rest_.find('\n'));
  return true;
}

void DiffReader::skip() {
  const std::size_t end = rest_.find('\n');
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  ++line_;
}

void DiffReader::problem(std::string message) {
  if (problems_.size() == kProblemsMax) return;
  problems_.push_back({DiagnosticKind::kError, {"diff", line_, 0, 0}, std::move(message), ""});
}

// "diff --git …" says how paths are written; "--- " and "+++ " name the file.
void DiffReader::read_head(DiffFile& file) {
  std::string_view line;
  if (!peek(line)) return;
  if (line.starts_with("diff --git ") || line.starts_with("diff --cc ") ||
      line.starts_with("diff --combined ")) {
    // With `diff.noprefix` or `--no-prefix` they have none.
    strip_ = line.starts_with("diff --git a/") || line.starts_with("diff --git \"a/") ||
             line.starts_with("diff --c");
    file.path.clear();
  } else if (line.starts_with("diff ") || line.starts_with("Index: ")) {
    strip_ = false;
    file.path.clear();
  } else if (line.starts_with("+++ ")) {
    file.path = path_of(line.substr(4), strip_);
    if (file.path == "/dev/null") file.path.clear();
  }
  skip();
}

// Empty lines up to `line` of the new file; false where it cannot be put there.
bool DiffReader::fill(std::uint32_t line, DiffFile& file) {
  if (line < written_ || line >= kLinesMax) {
    problem(fmt::format("lines from {} of {} are out of order or too far", line, file.path));
    return false;
  }
  const std::uint32_t fillers = line - written_;
  if (fillers > fillers_left_) {
    problem(
        fmt::format("lines from {} of {} are too far, behind others that were far; split the "
                    "diff",
                    line, file.path));
    return false;
  }
  file.bytes.append(fillers, '\n');
  fillers_left_ -= fillers;
  written_ = line;
  return true;
}

bool DiffReader::read_hunk(DiffFile& file) {
  std::string_view line;
  peek(line);
  const std::optional<HunkHead> head = read_hunk_head(line);
  skip();
  if (!head) {
    problem("expected the head of a hunk (@@ -1,2 +3,4 @@), found something else");
    return false;
  }
  std::uint64_t old_left = 0;
  for (const std::uint32_t count : head->old) old_left += count;
  std::uint64_t new_left = head->count;
  const bool placed = (new_left > 0 || head->begin >= written_) && fill(head->begin, file);
  while ((old_left > 0 || new_left > 0) && peek(line)) {
    const std::string_view signs = line.substr(0, head->parents);
    const bool is_short = signs.size() < head->parents;
    const bool removed = signs.find('-') != std::string_view::npos;
    const bool added = !removed && signs.find('+') != std::string_view::npos;
    if (line.starts_with('\\')) {
      skip();
      continue;
    }
    // Mail programs take the blank off an empty line of context.
    const bool context =
        !removed && !added && (is_short || signs.find_first_not_of(' ') == std::string_view::npos);
    if (!removed && !added && !context) break;
    std::uint64_t parents = 0;
    for (std::size_t i = 0; i < head->parents; ++i) {
      const char sign = i < signs.size() ? signs[i] : ' ';
      parents += sign == (removed ? '-' : ' ') ? 1 : 0;
    }
    old_left -= std::min(old_left, parents);
    if (!removed) {
      new_left -= std::min<std::uint64_t>(new_left, 1);
      if (placed && written_ < kLinesMax) {
        if (added && !file.lines.empty() && file.lines.back().last + 1 == written_) {
          file.lines.back().last = written_;
        } else if (added) {
          file.lines.push_back({written_, written_});
        }
        if (!is_short) file.bytes += line.substr(head->parents);
        file.bytes += '\n';
        ++written_;
      }
    }
    skip();
  }
  if (old_left > 0 || new_left > 0) {
    problem(fmt::format("a hunk of {} ends before all lines that its head names",
                        file.path.empty() ? "a file" : file.path));
  }
  return true;
}

bool DiffReader::next(DiffFile& file) {
  file = {};
  written_ = 1;
  std::string_view line;
  while (peek(line)) {
    if (line.starts_with("@@ -") || line.starts_with("@@@")) {
      read_hunk(file);
      continue;
    }
    // Whatever may begin another file ends this one.
    if (!file.lines.empty() &&
        (line.starts_with("diff ") || line.starts_with("--- ") || line.starts_with("+++ ") ||
         line.starts_with("Index: ") || line.starts_with("From "))) {
      if (!file.path.empty()) return true;
      file = {};
      written_ = 1;
    }
    if (line.starts_with("diff ") || line.starts_with("--- ")) {
      file.bytes.clear();
      file.lines.clear();
      written_ = 1;
    }
    read_head(file);
  }
  return !file.lines.empty() && !file.path.empty();
}

}  // namespace vedette::scan::git
