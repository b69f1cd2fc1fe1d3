// SPDX-License-Identifier: Apache-2.0
// Lines "a < b" of the ecosystems' own tools when VEDETTE_DATA holds them, the specifications'
// examples, and the laws of an order over generated versions.
#include "formats/versions/version_order.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace vedette::formats::versions {
namespace {

using packages::Ecosystem;

struct Suite {
  std::string_view name;
  Ecosystem ecosystem;
};
constexpr std::array kSuites = {
    Suite{"alpine", Ecosystem::kAlpine},       Suite{"cran", Ecosystem::kCran},
    Suite{"debian", Ecosystem::kDebian},       Suite{"hackage", Ecosystem::kHackage},
    Suite{"maven", Ecosystem::kMaven},         Suite{"nuget", Ecosystem::kNuget},
    Suite{"packagist", Ecosystem::kPackagist}, Suite{"pub", Ecosystem::kPub},
    Suite{"pypi", Ecosystem::kPypi},           Suite{"redhat", Ecosystem::kRpm},
    Suite{"rubygems", Ecosystem::kGem},        Suite{"semver", Ecosystem::kNpm},
};

char sign(std::strong_ordering order) {
  if (order == 0) return '=';
  return order < 0 ? '<' : '>';
}

// "a < b", or a comment; how many were compared.
std::size_t check_line(Ecosystem ecosystem, const std::string& line, std::string_view file) {
  if (line.empty() || line.starts_with("#") || line.starts_with("//")) return 0;
  const std::size_t at = line.find_first_of("<=>");
  if (at == std::string::npos || at == 0 || at + 2 > line.size()) {
    ADD_FAILURE() << file << ": " << line;
    return 0;
  }
  const std::string a = line.substr(0, at - 1);
  const std::string b = line.substr(at + 2);
  EXPECT_EQ(sign(compare(ecosystem, a, b)), line[at]) << file << ": " << line;
  const char swapped = line[at] == '=' ? '=' : (line[at] == '<' ? '>' : '<');
  EXPECT_EQ(sign(compare(ecosystem, b, a)), swapped) << file << ", swapped: " << line;
  return 1;
}

TEST(VersionOrder, AgreesWithTheEcosystemsOwnTools) {
  const char* data = std::getenv("VEDETTE_DATA");
  std::size_t count = 0;
  for (const Suite& suite : kSuites) {
    for (const std::string_view suffix : {"-versions.txt", "-versions-generated.txt"}) {
      const std::string name = std::string(suite.name).append(suffix);
      std::ifstream file(std::string(data == nullptr ? "" : data) + "/versions/" + name);
      for (std::string line; std::getline(file, line);) {
        count += check_line(suite.ecosystem, line, name);
      }
    }
  }
  if (count == 0) GTEST_SKIP() << "no versions: set VEDETTE_DATA to the folder of the test data";
  EXPECT_GT(count, 70000U);
}

struct Ascending {
  Ecosystem ecosystem;
  std::vector<std::string_view> versions;
};

// Each before all that follow it.
const std::vector<Ascending>& ascending() {
  static const std::vector<Ascending> kLists = {
      {Ecosystem::kGo,
       {"v0.0.0-20180101000000-abcdefabcdef", "v0.0.0-20190101000000-000000000000", "v1.2.3-pre",
        "v1.2.3-pre.0.20200101000000-abcdefabcdef", "v1.2.3",
        "v1.2.4-0.20210101000000-abcdefabcdef", "v2.0.0+incompatible", "v2.0.1+incompatible"}},
      {Ecosystem::kGo,
       {"1.21.0-0", "go1.21beta1", "go1.21rc2", "go1.21rc10", "go1.21.0", "go1.21.9", "1.21.10"}},
      {Ecosystem::kCargo, {"1.0.0-alpha.9", "1.0.0-alpha.10", "1.0.0", "1.0.1", "1.10.0"}},
      {Ecosystem::kJulia, {"1.0.0-DEV", "1.0.0", "1.0.1"}},
      {Ecosystem::kPortage,
       {"1.0_alpha", "1.0_alpha1", "1.0_beta", "1.0_pre", "1.0_rc1", "1.0", "1.0-r1", "1.0_p",
        "1.0_p1", "1.0a", "1.0b_p2", "1.0.01", "1.0.1", "1.1"}},
      {Ecosystem::kArch,
       {"1.0a-1", "1.0b-1", "1.0beta-1", "1.0p-1", "1.0pre-1", "1.0rc-1", "1.0-1", "1.0-2",
        "1.0.a-1", "1.0.1-1", "1:0.5-1"}},
      {Ecosystem::kConda,
       {"0.4",      "0.4.1.rc",   "0.4.1",    "0.5a1",     "0.5b3",   "0.5C1",
        "0.5",      "0.9.6",      "0.960923", "1.0",       "1.1dev1", "1.1_",
        "1.1a1",    "1.1.0dev1",  "1.1.a1",   "1.1.0rc1",  "1.1.0",   "1.1.0post1",
        "1.1post1", "1996.07.12", "1!0.4.1",  "1!3.1.1.6", "2!0.4.1"}},
      {Ecosystem::kDebian, {"1.0~~", "1.0~~a", "1.0~", "1.0", "1.0-1", "1.0a", "1.0+", "2:0"}},
      {Ecosystem::kRpm,
       {"1.0~rc1-1", "1.0-1.el8", "1.0-1.el8_2", "1.0^git1-1", "1.0.1-1", "1:0-1"}},
      {Ecosystem::kNuget, {"1.0.0-Alpha", "1.0.0-beta", "1.0.0", "1.0.0.1", "1.0.1"}},
  };
  return kLists;
}

TEST(VersionOrder, FollowsTheExamplesOfSpecifications) {
  for (const Ascending& list : ascending()) {
    for (std::size_t i = 0; i < list.versions.size(); ++i) {
      for (std::size_t j = 0; j < list.versions.size(); ++j) {
        EXPECT_EQ(sign(compare(list.ecosystem, list.versions[i], list.versions[j])), sign(i <=> j))
            << packages::names_of(list.ecosystem).purl << ": " << list.versions[i] << " and "
            << list.versions[j];
      }
    }
  }
}

TEST(VersionOrder, KnowsWhatSaysTheSame) {
  EXPECT_EQ(sign(compare(Ecosystem::kPypi, "1.0", "1.0.0")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kPypi, "v1.0-ALPHA.1", "1.0a1")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kPypi, "1.0-1", "1.0.post1")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kGo, "v2.0.0+incompatible", "2.0.0")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kGo, "go1.21rc2", "1.21.0-rc.2")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kGem, "1.0.0.a", "1.a")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kConda, "1.0", "1")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kPortage, "1.0-r0", "1.0")), '=');
  EXPECT_EQ(sign(compare(Ecosystem::kNuget, "1.0", "1.0.0.0+x")), '=');
}

TEST(VersionOrder, TellsWhatIsNoVersion) {
  for (const std::string_view text : {"", "latest", "(devel)", "main", "v"}) {
    EXPECT_FALSE(is_version(Ecosystem::kGo, text)) << text;
    EXPECT_FALSE(is_version(Ecosystem::kMaven, text)) << text;
  }
  EXPECT_TRUE(is_version(Ecosystem::kGo, "go1.21.3"));
  EXPECT_TRUE(is_version(Ecosystem::kMaven, "Finchley.SR2"));
}

// Pieces that versions are made of; with them nearly every shape of every ecosystem comes up.
std::string random_version(std::mt19937& random) {
  static constexpr std::array<std::string_view, 24> kPieces = {
      "0", "1", "2", "10", "01", "00", ".", ".", ".", "-",  "_",   "+",
      "~", "^", ":", "a",  "b",  "rc", "z", "p", "r", "-r", "dev", "post"};
  std::string text = std::to_string(random() % 3);
  for (auto count = random() % 7; count > 0; --count) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST(VersionOrder, IsAntisymmetric) {
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    const std::string a = random_version(random);
    const std::string b = random_version(random);
    const auto ecosystem = static_cast<Ecosystem>(random() % packages::kEcosystemNames.size());
    ASSERT_EQ(sign(compare(ecosystem, a, b)), sign(0 <=> compare(ecosystem, b, a)))
        << packages::names_of(ecosystem).purl << ": " << a << " and " << b;
  }
}

TEST(VersionOrder, IsTransitiveWhereTheEcosystemIs) {
  std::mt19937 random(2);
  for (int i = 0; i < 200'000; ++i) {
    const auto ecosystem = static_cast<Ecosystem>(random() % packages::kEcosystemNames.size());
    if (ecosystem == Ecosystem::kMaven || ecosystem == Ecosystem::kPackagist ||
        ecosystem == Ecosystem::kArch) {
      continue;
    }
    std::array<std::string, 3> v = {random_version(random), random_version(random),
                                    random_version(random)};
    if (compare(ecosystem, v[0], v[1]) > 0) std::swap(v[0], v[1]);
    if (compare(ecosystem, v[1], v[2]) > 0) std::swap(v[1], v[2]);
    if (compare(ecosystem, v[0], v[1]) > 0) std::swap(v[0], v[1]);
    ASSERT_NE(sign(compare(ecosystem, v[0], v[2])), '>')
        << packages::names_of(ecosystem).purl << ": " << v[0] << ", " << v[1] << ", " << v[2];
    const bool equal = compare(ecosystem, v[0], v[1]) == 0 && compare(ecosystem, v[1], v[2]) == 0;
    ASSERT_EQ(equal, compare(ecosystem, v[0], v[2]) == 0)
        << packages::names_of(ecosystem).purl << ": " << v[0] << ", " << v[1] << ", " << v[2];
  }
}

}  // namespace
}  // namespace vedette::formats::versions
