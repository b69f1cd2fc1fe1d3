// SPDX-License-Identifier: Apache-2.0
// secrets_naive PACK LIST: the naive scanner over files as `gitleaks dir` cuts them, for comparison
// with it. LIST names a file a line. Prints a line for each finding: path, rule, line, end line,
// column, end column, and in hexadecimal match and secret, with tabs between.
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "scan/secrets/naive_scanner.h"

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

// Cuts a file where gitleaks does: it reads a large block and then, byte by byte out of a small
// buffer, up to an empty line; what is left in that buffer is the next block.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : bytes_(bytes) {}

  // Empty at the end.
  std::string_view next() {
    const std::size_t start = at_;
    const std::size_t left = bytes_.size() - at_;
    const std::size_t block = std::min(buffered_ > 0 ? buffered_ : kBlockBytes, left);
    buffered_ -= std::min(buffered_, block);
    at_ += block;
    if (block == 0 || ends_with_empty_line(bytes_.substr(start, block))) return piece(start);
    int breaks = 0;
    while (true) {
      const char last = bytes_[at_ - 1];
      if (last == '\n' && ++breaks >= 2) break;
      if (!is_blank(last)) breaks = 0;
      if (at_ - start - block >= kPeekBytesMax || at_ == bytes_.size()) break;
      if (buffered_ == 0) buffered_ = std::min(kBufferBytes, bytes_.size() - at_);
      --buffered_;
      ++at_;
    }
    return piece(start);
  }

 private:
  static constexpr std::size_t kBlockBytes = 100'000;
  static constexpr std::size_t kBufferBytes = 4096;
  static constexpr std::size_t kPeekBytesMax = 25'000;

  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool ends_with_empty_line(std::string_view block) {
    int breaks = 0;
    for (auto at = block.rbegin(); at != block.rend() && is_blank(*at); ++at) {
      if (*at == '\n' && ++breaks == 2) return true;
    }
    return false;
  }
  std::string_view piece(std::size_t start) const { return bytes_.substr(start, at_ - start); }

  std::string_view bytes_;  // the caller's
  std::size_t at_ = 0;
  std::size_t buffered_ = 0;
};

std::string hexadecimal(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

bool below_skipped(const vedette::scan::NaiveScanner& scanner, std::string_view path) {
  for (std::size_t end = path.find('/'); end != std::string_view::npos;
       end = path.find('/', end + 1)) {
    if (end > 0 && scanner.skips(path.substr(0, end))) return true;
  }
  return scanner.skips(path);
}

void scan_file(const vedette::scan::NaiveScanner& scanner, const std::string& path) {
  if (below_skipped(scanner, path)) return;
  const auto bytes = vedette::read_file(path, kFileBytesMax);
  if (!bytes.has_value()) return;
  Cutter cutter(*bytes);
  std::uint64_t lines = 0;
  for (std::string_view piece = cutter.next(); !piece.empty(); piece = cutter.next()) {
    const vedette::scan::Content content{
        .path = path, .bytes = piece, .object = {}, .commit = nullptr, .lines = {}};
    for (const vedette::scan::NaiveFinding& found : scanner.scan(content)) {
      const std::uint64_t before = found.line == 0 ? 0 : lines;
      fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", path, found.rule->info.id, before + found.line,
                 before + found.end_line, found.column, found.end_column, hexadecimal(found.match),
                 hexadecimal(found.secret));
    }
    lines += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s PACK LIST\n", argv[0]);
    return 2;
  }
  const auto set = vedette::rules::secret::load(std::vector<std::string>{argv[1]}, {});
  for (const vedette::Diagnostic& problem : set.problems) {
    fmt::print(stderr, "{}: {}\n", to_string(problem.place), problem.message);
  }
  const auto list = vedette::read_file(argv[2], kFileBytesMax);
  if (!list.has_value() || set.rules.empty()) {
    std::fprintf(stderr, "expected a pack with rules and a list of files\n");
    return 2;
  }
  const vedette::scan::NaiveScanner scanner(set);
  std::string_view rest = *list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    scan_file(scanner, std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return 0;
}
