// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fmt/format.h>
#include <map>

#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

struct GoRelease {
  int major = 0;
  int minor = 0;
  bool exact = false;  // "1.21.3", and not only "1.21"
};

GoRelease parse_release(std::string_view text) {
  GoRelease release;
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, release.major);
  if (error != std::errc() || dot == end) return release;
  const auto [rest, minor_error] = std::from_chars(dot + 1, end, release.minor);
  release.exact = minor_error == std::errc() && rest != end && *rest == '.';
  return release;
}

// The directives of go.mod (https://go.dev/ref/mod#go-mod-file), one a line or in blocks.
class GoModReader {
 public:
  explicit GoModReader(PackageReading& reading) : reading_(reading) {}

  void read(std::string_view text) {
    Lines lines(text);
    std::string_view block;
    for (std::string_view line; lines.next(line);) {
      const Halves comment = cut_first(line, "//");
      std::vector<std::string_view> words = words_of(comment.before);
      if (words.empty()) continue;
      if (words[0] == ")") {
        block = {};
        continue;
      }
      if (words.size() == 2 && words[1] == "(") {
        block = words[0];
        continue;
      }
      std::string_view directive = block;
      if (block.empty()) {
        directive = words[0];
        words.erase(words.begin());
      }
      for (std::string_view& word : words) word = unquoted(word);
      take(directive, words, trimmed(comment.behind).starts_with("indirect"), lines.number());
    }
    finish();
  }

 private:
  void take(std::string_view directive, const std::vector<std::string_view>& words, bool indirect,
            std::uint32_t line) {
    if (directive == "module" && !words.empty()) {
      root_ = reading_.add(words[0], "", line);
      reading_.at(root_).relation = Relation::kRoot;
    } else if (directive == "require") {
      require(words, indirect, line);
    } else if (directive == "replace") {
      replace(words, line);
    } else if ((directive == "go" || directive == "toolchain") && !words.empty()) {
      std::string_view version = words[0];
      if (version.starts_with("go")) version.remove_prefix(2);
      if (directive == "go") language_ = parse_release(version);
      // The toolchain's, which may be newer, stands behind the language's.
      const GoRelease release = parse_release(version);
      if (release.exact && (release.major > 1 || release.minor >= 21)) {
        library_ = version;
        library_line_ = line;
      }
    }
  }

  void require(const std::vector<std::string_view>& words, bool indirect, std::uint32_t line) {
    if (words.size() < 2) {
      reading_.problem(line, "expected a module and its version, found less");
      return;
    }
    const std::uint32_t index = reading_.add(words[0], words[1], line);
    Package& package = reading_.at(index);
    package.relation = indirect ? Relation::kTransitive : Relation::kDirect;
    if (!indirect) reading_.need(root_, index);
    reading_.know(std::string(words[0]), index);
  }

  // "old [version] => new [version]"; replacements may stand before what they replace.
  void replace(const std::vector<std::string_view>& words, std::uint32_t line) {
    std::size_t arrow = 0;
    while (arrow < words.size() && words[arrow] != "=>") ++arrow;
    if (arrow == 0 || arrow + 1 >= words.size()) {
      reading_.problem(line, "expected \"module => other\", found something else");
      return;
    }
    Replacement replacement;
    replacement.version = arrow > 1 ? words[1] : "";
    replacement.name = words[arrow + 1];
    replacement.new_version = arrow + 2 < words.size() ? words[arrow + 2] : "";
    replacements_.emplace(words[0], replacement);
  }

  void finish() {
    for (const auto& [name, replacement] : replacements_) {
      const std::uint32_t index = reading_.find(std::string(name));
      if (index == PackageReading::kNone) continue;
      Package& package = reading_.at(index);
      if (!replacement.version.empty() && replacement.version != package.version) continue;
      package.requested = package.name + "@" + package.version;
      package.version = replacement.new_version;
      if (replacement.new_version.empty()) {
        package.resolved = replacement.name;  // a folder
      } else {
        package.name = replacement.name;
      }
    }
    if (!library_.empty()) {
      const std::uint32_t index = reading_.add("stdlib", library_, library_line_);
      reading_.at(index).relation = Relation::kDirect;
      reading_.need(root_, index);
    }
    // From 1.17 on, go.mod names all modules that are used.
    reading_.list().complete = language_.major > 1 || language_.minor >= 17;
  }

  struct Replacement {
    std::string_view version;  // the replaced one; empty: any
    std::string_view name;
    std::string_view new_version;
  };

  PackageReading& reading_;
  std::uint32_t root_ = PackageReading::kNone;
  GoRelease language_;
  std::string_view library_;
  std::uint32_t library_line_ = 0;
  std::multimap<std::string_view, Replacement> replacements_;
};

}  // namespace

PackageList read_go_mod(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kGo);
  GoModReader(reading).read(bytes);
  return reading.take();
}

PackageList read_go_sum(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kGo);
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) continue;
    if (words.size() != 3) {
      reading.problem(lines.number(), "expected a module, its version and a hash, found less");
      continue;
    }
    // Of most modules only go.mod was read, to find out which versions are wanted.
    if (words[1].ends_with("/go.mod")) continue;
    reading.at(reading.add(words[0], words[1], lines.number())).checksum = words[2];
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
