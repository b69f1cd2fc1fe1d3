// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/jar_name.h"

#include <gtest/gtest.h>

namespace vedette::formats::packages {
namespace {

std::string text_of(const JarName& name) {
  return name.group + ":" + name.artifact + ":" + name.version;
}

TEST(JarNameTest, TakesTheVersionOutOfAFileName) {
  EXPECT_EQ(text_of(jar_name_of_file("lib/commons-io-2.11.0.jar")), ":commons-io:2.11.0");
  EXPECT_EQ(text_of(jar_name_of_file("log4j-1.2-api-2.17.1.jar")), ":log4j-1.2-api:2.17.1");
  EXPECT_EQ(text_of(jar_name_of_file("guava-31.1-jre.jar")), ":guava:31.1-jre");
  EXPECT_EQ(text_of(jar_name_of_file("a-1.0-20210101.123456-1.jar")), ":a:1.0-20210101.123456-1");
  EXPECT_EQ(text_of(jar_name_of_file("netty-4.1.94.Final-linux-x86_64.jar")),
            ":netty:4.1.94.Final");
  EXPECT_EQ(text_of(jar_name_of_file("spark-core_2.12-3.4.0.jar")), ":spark-core_2.12:3.4.0");
  EXPECT_EQ(text_of(jar_name_of_file("guice.jar")), "::");
  EXPECT_EQ(text_of(jar_name_of_file("-1.jar")), "::");
}

TEST(JarNameTest, TakesTheGroupOutOfAManifest) {
  EXPECT_EQ(text_of(jar_name("Bundle-SymbolicName: org.apache.commons.lang3\n",
                             "commons-lang3-3.12.0.jar")),
            "org.apache.commons:commons-lang3:3.12.0");
  EXPECT_EQ(text_of(jar_name("Bundle-SymbolicName: com.google.guava;singleton:=true\n",
                             "guava-31.1-jre.jar")),
            "com.google.guava:guava:31.1-jre");
  EXPECT_EQ(text_of(jar_name("Bundle-SymbolicName: com.google.inject\nBundle-Version: 4.2.3\n",
                             "usr/share/java/guice.jar")),
            "com.google.inject:guice:4.2.3");
  EXPECT_EQ(text_of(jar_name("Implementation-Vendor-Id: org.apache.maven\n"
                             "Implementation-Version: 3.8.\n 7\n",
                             "core.jar")),
            "org.apache.maven:core:3.8.7");
  EXPECT_EQ(text_of(jar_name("Implementation-Version: ${version}\nBundle-Version: 1\n", "a.jar")),
            ":a:1");
  EXPECT_EQ(text_of(jar_name("", "a.jar")), "::");
}

TEST(JarNameTest, KnowsGroupsThatNoManifestSays) {
  EXPECT_EQ(text_of(jar_name("", "BOOT-INF/lib/spring-core-5.3.29.jar")),
            "org.springframework:spring-core:5.3.29");
  EXPECT_EQ(text_of(jar_name("Bundle-SymbolicName: org.apache.tomcat-embed-core\n",
                             "tomcat-embed-core-9.0.78.jar")),
            "org.apache.tomcat.embed:tomcat-embed-core:9.0.78");
}

TEST(JarNameTest, BelievesARepositorysFolders) {
  EXPECT_EQ(text_of(jar_name("Bundle-SymbolicName: x.y\n",
                             "root/.m2/repository/org/jsr-305/jsr305/0.1/jsr305-0.1.jar")),
            "org.jsr-305:jsr305:0.1");
  EXPECT_EQ(text_of(jar_name("", "repository/a/0.1/b-0.1.jar")), ":b:0.1");
}

}  // namespace
}  // namespace vedette::formats::packages
