// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/upgrade_command.h"

#include <algorithm>
#include <array>

namespace vedette::vulnerabilities {
namespace {

using formats::packages::Ecosystem;
using formats::packages::Package;
using formats::packages::Relation;

// %n: the name, %v: the version. `transitive`: where the project does not ask for it itself; empty:
// the same.
struct CommandRow {
  std::string_view kind;  // how the kind of file begins; empty: any
  Ecosystem ecosystem;
  std::string_view command;
  std::string_view transitive;
};
constexpr std::array kRows = {
    CommandRow{"Yarn", Ecosystem::kNpm, "yarn add %n@%v", "yarn upgrade %n@%v"},
    CommandRow{"pnpm", Ecosystem::kNpm, "pnpm update %n@%v", "pnpm update --depth 99 %n@%v"},
    CommandRow{"Bun", Ecosystem::kNpm, "bun add %n@%v", "bun update %n"},
    CommandRow{"", Ecosystem::kNpm, "npm install %n@%v", "npm update %n"},
    CommandRow{"Poetry", Ecosystem::kPypi, "poetry add %n@^%v", "poetry update %n"},
    CommandRow{"uv", Ecosystem::kPypi, "uv add \"%n>=%v\"", "uv lock --upgrade-package %n==%v"},
    CommandRow{"PDM", Ecosystem::kPypi, "pdm add \"%n>=%v\"", "pdm update %n"},
    CommandRow{"Pipenv", Ecosystem::kPypi, "pipenv install \"%n>=%v\"", "pipenv update %n"},
    CommandRow{"", Ecosystem::kPypi, "pip install \"%n>=%v\"", ""},
    CommandRow{"", Ecosystem::kCargo, "cargo update -p %n --precise %v", ""},
    CommandRow{"", Ecosystem::kGo, "go get %n@v%v", ""},
    CommandRow{"", Ecosystem::kGem, "bundle update %n --conservative", ""},
    CommandRow{"", Ecosystem::kPackagist, "composer require %n:^%v",
               "composer update %n --with-dependencies"},
    CommandRow{"", Ecosystem::kNuget, "dotnet add package %n --version %v", ""},
    CommandRow{"Gradle", Ecosystem::kMaven,
               "add a constraint %n:%v and run gradle dependencies --write-locks", ""},
    CommandRow{"sbt", Ecosystem::kMaven,
               "set %n to %v in build.sbt and run sbt dependencyLockWrite",
               "add %n %v to dependencyOverrides in build.sbt and run sbt dependencyLockWrite"},
    CommandRow{"", Ecosystem::kMaven, "mvn versions:use-dep-version -Dincludes=%n -DdepVersion=%v",
               "set %n to %v in <dependencyManagement> of pom.xml"},
    CommandRow{"", Ecosystem::kPub, "dart pub add %n:^%v", "dart pub upgrade %n"},
    CommandRow{"", Ecosystem::kHex, "mix deps.update %n", ""},
    CommandRow{"", Ecosystem::kSwift, "swift package update", ""},
    CommandRow{"", Ecosystem::kCocoapods, "pod update %n", ""},
    CommandRow{"", Ecosystem::kConan, "set %n/%v in conanfile and run conan lock create", ""},
    CommandRow{"", Ecosystem::kConda, "conda install \"%n>=%v\"", ""},
    CommandRow{"", Ecosystem::kJulia, "julia -e 'using Pkg; Pkg.add(name=\"%n\", version=\"%v\")'",
               ""},
    CommandRow{"", Ecosystem::kCran, "Rscript -e 'renv::install(\"%n@%v\")'", ""},
    CommandRow{"", Ecosystem::kHackage, "cabal update && cabal freeze --constraint=\"%n >= %v\"",
               ""},
    CommandRow{"", Ecosystem::kDebian, "apt-get install --only-upgrade %n", ""},
    CommandRow{"", Ecosystem::kAlpine, "apk add --upgrade %n", ""},
    CommandRow{"", Ecosystem::kRpm, "dnf upgrade %n", ""},
    CommandRow{"", Ecosystem::kArch, "pacman -Syu", ""},
    CommandRow{"", Ecosystem::kPortage, "emerge --update %n", ""},
};

// What all ecosystems' names and versions are made of, and no shell takes for anything else.
bool is_plain(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/@:+^").contains(c);
  };
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, plain);
}

// "stdlib" and "toolchain" are Go itself.
bool is_go_itself(const Package& package) {
  return package.ecosystem == Ecosystem::kGo &&
         (package.name == "stdlib" || package.name == "toolchain");
}

}  // namespace

std::string upgrade_command(const Package& package, std::string_view kind,
                            std::string_view version) {
  if (!is_plain(package.name) || !is_plain(version)) return {};
  if (is_go_itself(package)) return "go get go@" + std::string(version);
  const auto* const row = std::ranges::find_if(kRows, [&](const CommandRow& each) {
    return each.ecosystem == package.ecosystem && kind.starts_with(each.kind);
  });
  if (row == kRows.end()) return {};
  const bool transitive = package.relation == Relation::kTransitive && !row->transitive.empty();
  const std::string_view form = transitive ? row->transitive : row->command;
  // Versions of Go are told with and without it.
  if (package.ecosystem == Ecosystem::kGo && version.starts_with('v')) version.remove_prefix(1);
  std::string command;
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] != '%') {
      command += form[at];
      continue;
    }
    command += form[++at] == 'n' ? std::string_view(package.name) : version;
  }
  return command;
}

}  // namespace vedette::vulnerabilities
