// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/known_programs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

#include "base/find_bytes.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

using std::literals::string_view_literals::operator""sv;

// What a version begins with: anything, the digits in the file's name ("python3.11"), or the text
// of the row.
enum class Begin : std::uint8_t { kAny, kAsNamed, kFive };
// kTwice: the version stands alone, and once more with something joined to it (Redis, which builds
// its identity that way); a version alone may be that of a library within.
enum class Proof : std::uint8_t { kMarks, kTwice };

struct ProgramRow {
  // Names of files by blanks; with '*' at the end digits, '.' and '-' may follow, and ".so" with
  // versions of libraries.
  std::string_view names;
  std::string_view package;
  std::string_view before;  // the version
  std::string_view after;   // "": anything but more of a version
  std::size_t parts_min = 3;
  Begin begin = Begin::kAny;
  Proof proof = Proof::kMarks;
};

constexpr auto kPrograms = std::to_array<ProgramRow>({
    {"apache2 httpd", "httpd", "Apache/"sv, ""sv},
    {"bash", "bash", "@(#)Bash version "sv, "("sv},
    {"busybox", "busybox", "BusyBox v"sv, ""sv},
    {"curl", "curl", "\0curl "sv, " ("sv},
    {"libcurl* libcurl-gnutls*", "curl", "libcurl/"sv, "\0"sv},
    {"git", "git", "git/"sv, "\0"sv},
    {"haproxy", "haproxy", "\0"sv, "-"sv},
    {"lua lua*", "lua", "$LuaVersion: Lua "sv, " "sv},
    {"mariadb mariadbd mysql mysqld", "mariadb", "\0"sv, "-MariaDB"sv},
    {"memcached", "memcached", "memcached "sv, "\0"sv},
    {"nginx", "nginx", "nginx version: nginx/"sv, ""sv},
    {"node nodejs libnode*", "node", "node.js/v"sv, ""sv},
    {"openssl libcrypto* libssl*", "openssl", "\0OpenSSL "sv, " "sv},
    {"perl perl* libperl*", "perl", "\0v"sv, "\0"sv, 3, Begin::kFive},
    {"php php* php-cgi* php-fpm* libphp*", "php", "X-Powered-By: PHP/"sv, ""sv},
    {"postgres postmaster", "postgresql", "\0PostgreSQL "sv, " "sv, 2},
    {"python* libpython*", "python", "\0"sv, "\0"sv, 3, Begin::kAsNamed},
    {"redis-server redis-check-rdb redis-check-aof redis-sentinel", "redis", "\0"sv, "\0"sv, 3,
     Begin::kAny, Proof::kTwice},
    {"ruby ruby* libruby*", "ruby", "\0ruby "sv, " ("sv},
    {"libtcl*", "tcl", "\0"sv, "\0"sv, 3, Begin::kAsNamed},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The version in a file's name: "3.11" of "libpython3.11.so.1.0", "" of "python".
std::string_view named_version(std::string_view name) {
  name = name.substr(0, name.find(".so"));
  const std::size_t begin = name.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  const std::string_view version = name.substr(begin);
  return version.substr(0, version.find_first_not_of("0123456789."));
}

bool fits(std::string_view name, std::string_view pattern) {
  if (!pattern.ends_with('*')) return name == pattern;
  pattern.remove_suffix(1);
  if (!name.starts_with(pattern)) return false;
  std::string_view rest = name.substr(pattern.size());
  const std::size_t library = rest.find(".so");
  if (pattern.starts_with("lib") != (library != std::string_view::npos)) return false;
  rest = rest.substr(0, library);
  return rest.find_first_not_of("0123456789.-") == std::string_view::npos;
}

bool has_name(const ProgramRow& row, std::string_view name) {
  std::string_view names = row.names;
  while (!names.empty()) {
    const Halves one = cut_first(names, " ");
    if (fits(name, one.before)) return true;
    names = one.behind;
  }
  return false;
}

// "1.1.1w", "3.13.0rc1", "2.9-dev3", "3.1.2p20"; empty where there is none.
std::string_view version_at(std::string_view rest, std::size_t parts_min) {
  constexpr std::size_t kBytesMax = 32;
  rest = rest.substr(0, kBytesMax);
  std::size_t end = std::min(rest.find_first_not_of("0123456789."), rest.size());
  const std::string_view numbers = rest.substr(0, end);
  const auto dots = static_cast<std::size_t>(std::ranges::count(numbers, '.'));
  if (numbers.empty() || !is_digit(numbers.front()) || !is_digit(numbers.back()) ||
      numbers.find("..") != std::string_view::npos || dots + 1 < parts_min || dots > 3) {
    return {};
  }
  const std::string_view tail = rest.substr(end);
  std::size_t letters = 0;
  for (const std::string_view mark : {"alpha", "beta", "rc", "RC", "preview", "-alpha", "-beta",
                                      "-rc", "-dev", "dev", "a", "b", "p"}) {
    if (letters > 0 || !tail.starts_with(mark)) continue;
    if (tail.size() > mark.size() && is_digit(tail[mark.size()])) letters = mark.size() + 1;
  }
  while (letters > 0 && letters < tail.size() && is_digit(tail[letters])) ++letters;
  // OpenSSL's letters of its releases before 3.
  const bool is_letter = letters == 0 && tail.size() > 1 && tail[0] >= 'a' && tail[0] <= 'z' &&
                         (tail[1] == ' ' || tail[1] == '\0');
  end += is_letter ? 1 : letters;
  return rest.substr(0, end);
}

// What the version begins with, as far as that is known; nothing where it should be but is not.
std::optional<std::string> first_digits(const ProgramRow& row, std::string_view name) {
  if (row.begin == Begin::kFive) return "5.";
  if (row.begin != Begin::kAsNamed) return "";
  std::string named(named_version(name));
  if (named.empty()) return std::nullopt;
  return named;
}

// "3.11" begins "3.11" and "3.11.2", not "3.110".
bool begins_right(std::string_view version, const ProgramRow& row, std::string_view digits) {
  return row.begin != Begin::kAsNamed || version.size() == digits.size() ||
         version[digits.size()] == '.';
}

// Whether the version occurs with something joined to it.
bool occurs_joined(std::string_view bytes, std::string_view version) {
  for (std::size_t at = find_bytes(bytes, version); at != std::string_view::npos;
       at = find_bytes(bytes, version, at + 1)) {
    const std::size_t end = at + version.size();
    if (end < bytes.size() && std::isalnum(static_cast<unsigned char>(bytes[end])) != 0)
      return true;
  }
  return false;
}

std::string_view find_version(std::string_view bytes, const ProgramRow& row,
                              std::string_view name) {
  constexpr std::size_t kJoinedMax = 64;  // of versions that are looked for once more
  const std::optional<std::string> digits = first_digits(row, name);
  if (!digits) return {};
  const std::string begin = std::string(row.before) + *digits;
  std::size_t looked_for = 0;
  for (std::size_t at = find_bytes(bytes, begin); at != std::string_view::npos;
       at = find_bytes(bytes, begin, at + 1)) {
    const std::string_view rest = bytes.substr(at + row.before.size());
    if (rest.empty() || !is_digit(rest.front())) continue;
    const std::string_view version = version_at(rest, row.parts_min);
    if (version.empty() || !rest.substr(version.size()).starts_with(row.after)) continue;
    if (!begins_right(version, row, *digits)) continue;
    if (row.proof == Proof::kMarks) return version;
    if (looked_for++ < kJoinedMax && occurs_joined(bytes, version)) return version;
  }
  return {};
}

}  // namespace

bool is_known_program_name(std::string_view path) {
  const std::string_view name = file_name(path);
  return std::ranges::any_of(kPrograms,
                             [name](const ProgramRow& row) { return has_name(row, name); });
}

std::optional<KnownProgram> known_program(std::string_view path, std::string_view bytes) {
  const std::string_view name = file_name(path);
  for (const ProgramRow& row : kPrograms) {
    if (!has_name(row, name)) continue;
    const std::string_view version = find_version(bytes, row, name);
    if (!version.empty()) return KnownProgram{row.package, std::string(version)};
  }
  return std::nullopt;
}

}  // namespace vedette::formats::packages
