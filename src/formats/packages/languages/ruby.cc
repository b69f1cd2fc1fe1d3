// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

struct NameAndParenthesis {
  std::string_view name;
  std::string_view inside;
};
// "rack (>= 1.2)"
NameAndParenthesis split(std::string_view text) {
  const Halves halves = cut_first(text, " (");
  return {trimmed(halves.before), cut_first(halves.behind, ")").before};
}

// Sections at the start of a line; "specs:" at 2 blanks, packages at 4, their needs at 6.
class GemfileLockReader {
 public:
  explicit GemfileLockReader(PackageReading& reading) : reading_(reading) {}

  void read(std::string_view text) {
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
      const std::string_view content = trimmed(line);
      if (content.empty()) continue;
      const std::size_t indent = line.find_first_not_of(' ');
      if (indent == 0) {
        section_ = content;
        remote_ = {};
        package_ = PackageReading::kNone;
      } else if (section_ == "GEM" || section_ == "GIT" || section_ == "PATH" ||
                 section_ == "PLUGIN SOURCE") {
        take(indent, content, lines.number());
      } else if (section_ == "DEPENDENCIES") {
        ask(content);
      } else if (section_ == "CHECKSUMS") {
        add_checksum(content);
      }
    }
  }

 private:
  void take(std::size_t indent, std::string_view content, std::uint32_t line) {
    if (indent <= 2) {
      if (content.starts_with("remote:")) remote_ = trimmed(content.substr(7));
    } else if (indent <= 4) {
      add(content, line);
    } else {
      const std::string need(split(content).name);
      reading_.need(package_, need);
      // What the project's own gem needs, the project asks for.
      if (section_ == "PATH") reading_.ask(need, Scope::kProduction);
    }
  }

  void add(std::string_view content, std::uint32_t line) {
    const auto [name, written] = split(content);
    if (written.empty()) {
      package_ = PackageReading::kNone;
      reading_.problem(line, "expected \"name (version)\", found something else");
      return;
    }
    // A gem's version has no '-'; what stands behind one is the platform it was built for.
    const Halves version = cut_first(written, "-");
    const std::string key = std::string(name) + " " + std::string(version.before);
    package_ = reading_.find(key);
    if (package_ != PackageReading::kNone) return;
    package_ = reading_.add(name, version.before, line);
    Package& package = reading_.at(package_);
    package.architecture = version.behind;
    if (section_ == "PATH") package.relation = Relation::kRoot;
    if (section_ != "GEM") package.resolved = remote_;
    reading_.know(key, package_);
    reading_.know(std::string(name), package_);
  }

  void ask(std::string_view content) {
    if (content.ends_with('!')) content.remove_suffix(1);  // of a source of its own
    const auto [name, range] = split(content);
    const std::uint32_t index = reading_.find(std::string(name));
    if (index == PackageReading::kNone) return;
    reading_.at(index).requested = range;
    reading_.ask(index, Scope::kProduction);
  }

  void add_checksum(std::string_view content) {
    const auto [name, written] = split(content);
    const std::string key = std::string(name) + " " + std::string(cut_first(written, "-").before);
    Package& package = reading_.at(reading_.find(key));
    const Halves checksum = cut_first(content, ") ");
    if (package.checksum.empty()) package.checksum = checksum.behind;
  }

  PackageReading& reading_;
  std::string_view section_;
  std::string_view remote_;
  std::uint32_t package_ = PackageReading::kNone;
};

}  // namespace

PackageList read_gemfile_lock(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kGem);
  GemfileLockReader(reading).read(bytes);
  return reading.take();
}

}  // namespace vedette::formats::packages
