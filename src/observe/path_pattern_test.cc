// SPDX-License-Identifier: Apache-2.0
#include "observe/path_pattern.h"

#include <gtest/gtest.h>

#include "observe/nearest.h"

namespace vedette::observe {
namespace {

struct Row {
  std::string_view path;
  std::string_view pattern;
};

TEST(PathPattern, GeneralisesWhatDiffersFromRunToRun) {
  for (const auto& [path, pattern] : {
           Row{"/var/log/nginx/access.log", "/var/log/nginx/access.log"},
           Row{"/var/log/app-2026-01-31.log", "/var/log/app-*.log"},
           Row{"/proc/1/fd/7", "/proc/*/fd/*"},
           Row{"/proc/12345/environ", "/proc/*/environ"},
           Row{"/data/6f1c8a2e-1d3b-4a5c-9e7f-0123456789ab/x", "/data/*/x"},
           Row{"/data/job_6f1c8a2e-1d3b-4a5c-9e7f-0123456789ab", "/data/job_*"},
           Row{"/cache/d41d8cd98f00b204e9800998ecf8427e", "/cache/*"},
           Row{"/tmp/tmpab3x_9q", "/tmp/tmp*"},
           Row{"/tmp/tmp.X8aQzP1rTb", "/tmp/tmp*"},
           Row{"/tmp/template", "/tmp/template"},
           Row{"/opt/defaced/facade", "/opt/defaced/facade"},
           Row{"/usr/lib/x86_64-linux-gnu/libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"},
           Row{"relative", "relative"},
           Row{"/", "/"},
           Row{"", ""},
       }) {
    EXPECT_EQ(generalise_path(path), pattern) << path;
    EXPECT_TRUE(path_matches(pattern, path)) << path;
  }
}

TEST(PathPattern, AStarStaysInItsComponentAndTwoDoNot) {
  EXPECT_TRUE(path_matches("/var/log/*.log", "/var/log/a.log"));
  EXPECT_FALSE(path_matches("/var/log/*.log", "/var/log/a/b.log"));
  EXPECT_TRUE(path_matches("/var/**", "/var/log/a/b.log"));
  EXPECT_TRUE(path_matches("/var/**/b.log", "/var/log/a/b.log"));
  EXPECT_TRUE(path_matches("/a/**/c*d", "/a/x/cd/y/ccd"));
  EXPECT_FALSE(path_matches("/var/**", "/vary/log"));
  EXPECT_FALSE(path_matches("/a", "/a/"));
  EXPECT_TRUE(path_matches("/a/*", "/a/"));
  EXPECT_FALSE(path_matches("", "/"));
}

TEST(PathPattern, ManyNamesBecomeOnePattern) {
  PathPatterns paths;
  for (const char name : std::string_view("abcdefghijk")) {
    paths.add(std::string("/srv/uploads/") + name + "x.png");
    paths.add(std::string("/srv/mixed/") + name + "x." + name);
  }
  paths.add("/srv/mixed/late.one");
  EXPECT_EQ(paths.patterns(), (std::vector<std::string>{"/srv/mixed/*", "/srv/uploads/*.png"}));
}

TEST(PathPattern, ManyFoldersBecomeOnePattern) {
  PathPatterns paths;
  paths.add("/etc/passwd");
  for (std::size_t i = 0; i < 2 * PathPatterns::kFoldersMax; ++i) {
    // Words, for numbers would be one folder from the start.
    const std::string folder{static_cast<char>('g' + i % 16), static_cast<char>('g' + i / 16)};
    paths.add("/srv/tenants/" + folder + "/state");
  }
  EXPECT_EQ(paths.patterns(), (std::vector<std::string>{"/etc/passwd", "/srv/tenants/**"}));
}

TEST(Nearest, IsTheOneWithTheFewestChanges) {
  const std::set<std::string> known = {"/usr/bin/python3.11", "/usr/sbin/nginx", "/bin/sh"};
  EXPECT_EQ(nearest("/usr/sbin/nginy", known), "/usr/sbin/nginx");
  EXPECT_EQ(nearest("/tmp/sh", known), "/bin/sh");
  EXPECT_EQ(nearest("/usr/bin/python3.12", known), "/usr/bin/python3.11");
  EXPECT_EQ(nearest("anything", {}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), known), "/bin/sh");
}

}  // namespace
}  // namespace vedette::observe
