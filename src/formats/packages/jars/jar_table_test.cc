// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/jar_table.h"

#include <gtest/gtest.h>

#include "formats/packages/installed/installed.h"
#include "formats/packages/jars/jar_coordinates.h"
#include "formats/packages/jars/jar_table_builder.h"
#include "formats/packages/jars/jar_writer.h"

namespace vedette::formats::packages {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

struct Release {
  std::string artifact;
  std::string version;
  Members classes;
};

std::string table_of(const std::vector<Release>& releases) {
  JarTableBuilder builder;
  for (const Release& release : releases) {
    EXPECT_TRUE(builder.begin(release.artifact, release.version).has_value());
    for (const auto& [name, bytes] : release.classes)
      EXPECT_TRUE(builder.add(*class_shape(bytes)).has_value());
  }
  return builder.build();
}

Members joined(Members a, const Members& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string read(const std::string& table_bytes, const Members& members,
                 const std::string& path = "app.jar") {
  const Result<JarTable> table = JarTable::of_bytes(table_bytes);
  EXPECT_TRUE(table.has_value());
  std::string text;
  const PackageList list = read_jar(path, write_jar(members), Limits(), *table);
  for (const Package& one : list.packages)
    text += one.name + " " + one.version + " " + one.path + " " + one.evidence + "\n";
  for (const Diagnostic& problem : list.problems) text += "problem: " + problem.message + "\n";
  return text;
}

const ClassLayout kPlain = {};
const ClassLayout kMoved = {300, true, false, false};

// Two versions that differ in one of eight classes, and an artifact of another kind.
std::vector<Release> library() {
  Members newer = write_classes("com/acme", 8, 1, kPlain);
  newer[0].second = ClassWriter("com/acme/Tool0", 77).write(kPlain);
  return {{"com.acme:tool", "1.9", write_classes("com/acme", 8, 1, kPlain)},
          {"com.acme:tool", "1.10", newer},
          {"org.other:thing", "3", write_classes("org/other", 5, 5000, kPlain)}};
}

TEST(JarTableTest, NamesWhatWasTakenIntoAJarWhereverItWasMoved) {
  const std::string table = table_of(library());
  EXPECT_EQ(read(table, write_classes("com/acme", 8, 1, kPlain)),
            "com.acme:tool 1.9 app.jar!/com/acme 8 of 8 classes\n");
  EXPECT_EQ(read(table, write_classes("app/shaded/acme", 8, 1, kMoved)),
            "com.acme:tool 1.9 app.jar!/app/shaded/acme 8 of 8 classes\n");
}

TEST(JarTableTest, TakesTheVersionThatFitsBest) {
  const std::string table = table_of(library());
  Members moved = write_classes("x/acme", 8, 1, kMoved);
  moved[0].second = ClassWriter("x/acme/Tool0", 77).write(kMoved);
  EXPECT_EQ(read(table, moved), "com.acme:tool 1.10 app.jar!/x/acme 8 of 8 classes\n");
  // Without the class that tells them apart the newest is named, and the other told.
  moved.erase(moved.begin());
  EXPECT_EQ(read(table, moved),
            "com.acme:tool 1.10 app.jar!/x/acme 7 of 8 classes; as many of version 1.9\n");
  // A version that nobody has in the table.
  moved[0].second = ClassWriter("x/acme/Tool1", 99).write(kMoved);
  EXPECT_EQ(read(table, moved),
            "com.acme:tool 1.10 app.jar!/x/acme 6 of 8 classes, among 1 others; as many of "
            "version 1.9\n");
}

TEST(JarTableTest, NamesNothingThatIsNotThere) {
  const std::string table = table_of(library());
  EXPECT_EQ(read(table, write_classes("net/unrelated", 30, 90'000, kPlain)), "");
  Members few = write_classes("com/acme", 8, 1, kPlain);
  few.resize(3);
  EXPECT_EQ(read(table, few), "");
}

TEST(JarTableTest, AJarThatSaysItsNameIsBelieved) {
  const std::string table = table_of(library());
  Members jar = write_classes("com/acme", 8, 1, kPlain);
  EXPECT_EQ(read(table, jar, "tool-1.9.1.jar"), "com.acme:tool 1.9.1 tool-1.9.1.jar \n");
  jar.emplace_back("META-INF/maven/com.acme/tool/pom.properties",
                   "groupId=com.acme\nartifactId=tool\nversion=1.9\n");
  EXPECT_EQ(read(table, jar), "com.acme:tool 1.9 app.jar \n");
}

TEST(JarTableTest, BrokenClassesAreToldAndTheOthersLookedAt) {
  Members jar = write_classes("com/acme", 8, 1, kPlain);
  jar.emplace_back("com/acme/Broken.class", "no class");
  EXPECT_EQ(read(table_of(library()), jar),
            "com.acme:tool 1.9 app.jar!/com/acme 8 of 8 classes\n"
            "problem: app.jar: 1 of its classes could not be looked at; com/acme/Broken.class: "
            "expected a class, found no magic\n");
}

TEST(JarTableTest, ClassesStayWithTheArtifactThatTheyWereTakenFrom) {
  std::vector<Release> releases = library();
  const Members own = write_classes("net/big", 4, 7000, kPlain);
  releases.push_back(
      {"net.big:big", "1", joined(own, write_classes("net/big/com/acme", 8, 1, kMoved))});
  const std::string table = table_of(releases);
  EXPECT_EQ(read(table, write_classes("a/b", 8, 1, kMoved)),
            "com.acme:tool 1.9 app.jar!/a/b 8 of 8 classes\n");
  EXPECT_EQ(read(table, own), "net.big:big 1 app.jar!/net/big 4 of 4 classes\n");
}

TEST(JarTableTest, WhatTellsNoArtifactsApartIsLeftOut) {
  std::vector<Release> releases = library();
  releases.push_back({"com.acme.fork:tool", "1", write_classes("com/acme", 8, 1, kPlain)});
  EXPECT_EQ(read(table_of(releases), write_classes("com/acme", 8, 1, kPlain)), "");
}

TEST(JarTableTest, TheOrderOfReleasesDoesNotMatter) {
  const std::vector<Release> releases = library();
  EXPECT_EQ(table_of(releases), table_of({releases.rbegin(), releases.rend()}));
}

TEST(JarTableTest, ADamagedTableIsAnError) {
  const std::string whole = table_of(library());
  ASSERT_TRUE(JarTable::of_bytes(whole).has_value());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    EXPECT_FALSE(JarTable::of_bytes(broken).has_value()) << at;
    EXPECT_FALSE(JarTable::of_bytes(std::string_view(whole).substr(0, at)).has_value()) << at;
  }
  std::string newer = whole;
  newer[8] = 2;
  EXPECT_EQ(JarTable::of_bytes(newer).error().code, ErrorCode::kUnsupported);
}

std::string coordinates(const JarPlace& place, const std::vector<JarName>& poms = {}) {
  const JarName name = jar_coordinates(place, poms, "");
  return name.group + ":" + name.artifact + ":" + name.version;
}

TEST(JarCoordinatesTest, AreThoseOfTheRepository) {
  EXPECT_EQ(coordinates({"/mirror/com/acme/tool/1.0/tool-1.0.jar", "/mirror"}),
            "com.acme:tool:1.0");
  EXPECT_EQ(coordinates({"/root/.m2/repository/com/acme/tool/1.0/tool-1.0.jar", "/root"}),
            "com.acme:tool:1.0");
  EXPECT_EQ(coordinates({"/c/modules-2/files-2.1/com.acme/tool/1.0/0ab/tool-1.0.jar", "/c"}),
            "com.acme:tool:1.0");
  // Other files of the release.
  EXPECT_EQ(coordinates({"/mirror/com/acme/tool/1.0/tool-1.0-tests.jar", "/mirror"}), "::");
}

TEST(JarCoordinatesTest, ElseThoseOfTheJar) {
  const JarName pom = {"com.acme", "tool", "1.0"};
  EXPECT_EQ(coordinates({"/lib/tool-1.0.jar", "/lib"}, {pom}), "com.acme:tool:1.0");
  EXPECT_EQ(coordinates({"/lib/tool-1.0.jar", ""}, {{"x", "y", "2"}, pom}), "com.acme:tool:1.0");
  EXPECT_EQ(coordinates({"/lib/some.jar", "/lib"}, {{"x", "y", "2"}, pom}), "::");
  EXPECT_EQ(coordinates({"/lib/gson.jar", "/lib"}), "::");
  EXPECT_EQ(coordinates({"/lib/spring-core-5.3.29.jar", "/lib"}),
            "org.springframework:spring-core:5.3.29");
}

}  // namespace
}  // namespace vedette::formats::packages
