// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/short_names.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

using Names = std::vector<std::string>;

class ShortNames : public testing::Test {
 protected:
  Names names_of(std::string_view name) const {
    const auto names = full_names(
        name, {folder_.path("a.conf"), folder_.path("none.conf"), folder_.path("b.conf")});
    return names ? *names : Names{"error"};
  }
  TestFolder folder_;
};

TEST_F(ShortNames, AreAliasesOrOfTheRegistriesThatAreSearched) {
  EXPECT_EQ(names_of("app"), Names());
  folder_.add("a.conf",
              "unqualified-search-registries = [\"r.example\", \"s.example:5000\"]\n"
              "short-name-mode = \"enforcing\"\n"
              "[aliases]\napp = \"a.example/team/app\"\n\"team/tool\" = \"a.example/tool\"\n");
  EXPECT_EQ(names_of("app"), Names{"a.example/team/app"});
  EXPECT_EQ(names_of("app:1.2"), Names{"a.example/team/app:1.2"});
  const std::string digest = "@sha256:" + std::string(64, 'a');
  EXPECT_EQ(names_of("app:1.2" + digest), Names{"a.example/team/app:1.2" + digest});
  EXPECT_EQ(names_of("team/tool"), Names{"a.example/tool"});
  EXPECT_EQ(names_of("other:1"), (Names{"r.example/other:1", "s.example:5000/other:1"}));
  EXPECT_EQ(names_of("x.example/app"), Names());
  EXPECT_EQ(names_of("localhost/app"), Names());
  EXPECT_EQ(names_of("../app"), Names());
}

TEST_F(ShortNames, LaterFilesBeatEarlierOnes) {
  folder_.add(
      "a.conf",
      "unqualified-search-registries = [\"r.example\"]\n[aliases]\napp = \"a.example/app\"\n"
      "tool = \"a.example/tool\"\n");
  folder_.add("b.conf",
              "unqualified-search-registries = [\"s.example\"]\n[aliases]\napp = \"\"\n"
              "tool = \"b.example/tool\"\n");
  EXPECT_EQ(names_of("app"), Names{"s.example/app"});
  EXPECT_EQ(names_of("tool"), Names{"b.example/tool"});
}

TEST_F(ShortNames, AFileThatIsNoTomlIsAnError) {
  folder_.add("b.conf", "unqualified-search-registries = [\n");
  EXPECT_EQ(names_of("app"), Names{"error"});
  EXPECT_EQ(names_of("x.example/app"), Names());
  folder_.add("b.conf", "unqualified-search-registries = 3\naliases = []\n");
  EXPECT_EQ(names_of("app"), Names());
}

}  // namespace
}  // namespace vedette::ingest
