// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "formats/packages/owned_path.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/system/system.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Names of files, in all.
constexpr std::size_t kFilesMax = 4'000'000;

// A name with the version that is asked for: "so:libc.musl-x86_64.so.1=1", "busybox>=1.2", "!x".
std::string_view name_of(std::string_view dependency) {
  return dependency.substr(0, dependency.find_first_of("=<>~"));
}

// A paragraph of "X:value" lines, one a package; letters' case tells fields apart.
class ApkReading {
 public:
  explicit ApkReading(std::string_view path) : reading_(path, Ecosystem::kAlpine) {}

  void line(std::string_view line, std::uint32_t number) {
    if (line.empty()) {
      end_package();
      return;
    }
    if (line.size() < 2 || line[1] != ':') {
      reading_.problem(number, "expected a letter, a colon and a value, found something else");
      return;
    }
    if (line_ == 0) line_ = number;
    field(line[0], line.substr(2), number);
  }

  PackageList take() {
    end_package();
    return reading_.take();
  }

 private:
  void field(char letter, std::string_view value, std::uint32_t number) {
    switch (letter) {
      case 'P':
        name_ = value;
        line_ = number;
        break;
      case 'V':
        package_.version = value;
        break;
      case 'A':
        package_.architecture = value;
        break;
      case 'C':
        package_.checksum = "apk-" + std::string(value);
        break;
      case 'L':
        if (!value.empty()) package_.licenses.emplace_back(value);
        break;
      case 'o':
        package_.source_name = value;
        break;
      case 'D':
        depends_ = value;
        break;
      case 'p':
        provides_ = value;
        break;
      case 'F':
        folder_ = value;
        break;
      case 'R':
        if (++files_ <= kFilesMax) {
          package_.files.push_back(path_key(std::string(folder_) + "/" + std::string(value)));
        }
        break;
      default:
        break;
    }
  }

  void end_package() {
    if (line_ == 0) return;
    if (name_.empty() || package_.version.empty()) {
      reading_.problem(line_, "expected a package with name and version, found one missing");
    } else {
      const std::uint32_t index = reading_.add(name_, package_.version, line_);
      Package& package = reading_.at(index);
      package.architecture = std::move(package_.architecture);
      package.checksum = std::move(package_.checksum);
      package.licenses = std::move(package_.licenses);
      package.source_name = std::move(package_.source_name);
      package.files = std::move(package_.files);
      reading_.know(std::string(name_), index);
      for (const std::string_view one : words_of(provides_))
        reading_.know(std::string(name_of(one)), index);
      for (const std::string_view one : words_of(depends_)) {
        if (one.front() != '!') reading_.need(index, std::string(name_of(one)));
      }
    }
    package_ = {};
    line_ = 0;
    name_ = depends_ = provides_ = folder_ = {};
  }

  PackageReading reading_;
  Package package_;         // the one at hand
  std::uint32_t line_ = 0;  // 0: none is at hand
  // Of the text that is read, which outlives this.
  std::string_view name_;
  std::string_view depends_;
  std::string_view provides_;
  std::string_view folder_;
  std::size_t files_ = 0;
};

}  // namespace

PackageList read_apk_installed(std::string_view path, std::string_view bytes, const Limits&) {
  ApkReading reading(path);
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) reading.line(line, lines.number());
  return reading.take();
}

}  // namespace vedette::formats::packages
