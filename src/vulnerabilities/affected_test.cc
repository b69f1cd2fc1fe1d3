// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/affected.h"

#include <gtest/gtest.h>

namespace vedette::vulnerabilities {
namespace {

using formats::advisories::Event;
using formats::advisories::EventKind;
using formats::packages::Ecosystem;

Range range_of(Ecosystem ecosystem, std::vector<Event> events) {
  Range range{RangeType::kEcosystem, "", std::move(events)};
  sort_events(ecosystem, range);
  return range;
}

TEST(Affected, EventsOfEveryKindInAnyOrder) {
  const Range range = range_of(Ecosystem::kNpm, {{EventKind::kFixed, "1.2.0"},
                                                 {EventKind::kLastAffected, "2.5.0"},
                                                 {EventKind::kIntroduced, "0"},
                                                 {EventKind::kIntroduced, "2.0.0"}});
  for (const std::string_view version : {"0.0.1", "1.1.9", "1.2.0-rc.1", "2.0.0", "2.5.0"})
    EXPECT_TRUE(is_in_range(Ecosystem::kNpm, version, range)) << version;
  for (const std::string_view version : {"1.2.0", "1.9.0", "2.0.0-rc.1", "2.5.1", "3.0.0"})
    EXPECT_FALSE(is_in_range(Ecosystem::kNpm, version, range)) << version;
}

TEST(Affected, LimitsEndARange) {
  const Range range =
      range_of(Ecosystem::kPypi, {{EventKind::kIntroduced, "1.0"}, {EventKind::kLimit, "2.0"}});
  EXPECT_TRUE(is_in_range(Ecosystem::kPypi, "1.5", range));
  EXPECT_FALSE(is_in_range(Ecosystem::kPypi, "2.0", range));
  const Range open =
      range_of(Ecosystem::kPypi, {{EventKind::kIntroduced, "1.0"}, {EventKind::kLimit, "*"}});
  EXPECT_TRUE(is_in_range(Ecosystem::kPypi, "2.0", open));
}

TEST(Affected, VersionsAreComparedAsTheEcosystemDoes) {
  const Range dpkg = range_of(Ecosystem::kDebian, {{EventKind::kIntroduced, "0"},
                                                   {EventKind::kFixed, "7.88.1-10+deb12u5"}});
  EXPECT_TRUE(is_in_range(Ecosystem::kDebian, "7.88.1-10+deb12u4", dpkg));
  EXPECT_FALSE(is_in_range(Ecosystem::kDebian, "7.88.1-10+deb12u5", dpkg));
  EXPECT_FALSE(is_in_range(Ecosystem::kDebian, "1:1.0", dpkg));
  const Range go =
      range_of(Ecosystem::kGo, {{EventKind::kIntroduced, "0"}, {EventKind::kFixed, "1.2.3"}});
  EXPECT_TRUE(is_in_range(Ecosystem::kGo, "v1.2.2", go));
  EXPECT_TRUE(is_in_range(Ecosystem::kGo, "v0.0.0-20200101000000-abcdefabcdef", go));
  EXPECT_FALSE(is_in_range(Ecosystem::kGo, "v1.2.3", go));
}

TEST(Affected, ListedVersionsAndCommits) {
  AffectedRecord record;
  record.versions = {"1.0"};
  record.ranges = {{RangeType::kGit, "https://example.org/a.git", {{EventKind::kIntroduced, "0"}}}};
  EXPECT_TRUE(is_affected(Ecosystem::kPypi, "1.0.0", record));
  EXPECT_FALSE(is_affected(Ecosystem::kPypi, "1.1", record));
}

}  // namespace
}  // namespace vedette::vulnerabilities
