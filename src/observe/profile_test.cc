// SPDX-License-Identifier: Apache-2.0
#include "observe/profile.h"

#include <gtest/gtest.h>

#include "observe/sighting.h"

namespace vedette::observe {
namespace {

Profile sample() {
  Profile profile;
  profile.lost = 3;
  ImageProfile& image = profile.images["docker.io/library/nginx:1.25"];
  image.executables = {"/bin/sh", "/tmp/*", "/usr/sbin/nginx"};
  image.parents = {{"/usr/sbin/nginx", {"/bin/sh", "<runtime>"}}};
  image.files_written = {"/var/log/nginx/*.log", "/weird: \"name\" #1", "/\xC3\xA9t\xC3\xA9"};
  image.listens = {"tcp/80", "udp/ephemeral"};
  image.destinations = {
      {"tcp", "10.0.0.5", 5432, ""}, {"tcp", "*", 443, ""}, {"udp", "fd00::1", 53, "dns.example"}};
  for (int i = 10; i < 60; ++i) image.system_calls.insert("call" + std::to_string(i));
  image.compat_system_calls = {"socketcall"};
  image.system_calls_known = true;
  image.pod_namespace = "market";
  image.labels = {{"app", "shop"}, {"tier", "yes"}};
  image.forgotten = 7;
  profile.images["<host>"].executables = {"/usr/bin/true"};
  return profile;
}

TEST(Profile, IsReadAsItWasWritten) {
  const Profile original = sample();
  const std::string yaml = to_yaml(original);
  const Result<Profile> read = read_profile(yaml, "p.yaml", {});
  ASSERT_TRUE(read.has_value()) << read.error().message << "\n" << yaml;
  EXPECT_EQ(to_yaml(*read), yaml);
  const ImageProfile& image = read->images.at("docker.io/library/nginx:1.25");
  const ImageProfile& written = original.images.at("docker.io/library/nginx:1.25");
  EXPECT_EQ(image.executables, written.executables);
  EXPECT_EQ(image.parents, written.parents);
  EXPECT_EQ(image.files_written, written.files_written);
  EXPECT_EQ(image.listens, written.listens);
  EXPECT_EQ(image.destinations, written.destinations);
  EXPECT_EQ(image.system_calls, written.system_calls);
  EXPECT_EQ(image.compat_system_calls, written.compat_system_calls);
  EXPECT_EQ(image.labels, written.labels);
  EXPECT_EQ(image.pod_namespace, "market");
  EXPECT_TRUE(image.system_calls_known);
  EXPECT_FALSE(read->images.at("<host>").system_calls_known);
  EXPECT_EQ(read->lost, 3U);
}

TEST(Profile, AnEmptyOneIsOneToo) {
  const Result<Profile> read = read_profile(to_yaml(Profile()), "p.yaml", {});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(read->images.empty());
}

struct Bad {
  std::string_view yaml;
  std::string_view message;
};

TEST(Profile, WhatIsWrongIsNamedWithItsLine) {
  for (const auto& [yaml, message] : {
           Bad{"", "p.yaml:1: expected one profile"},
           Bad{"a: b: c", "p.yaml:1: expected YAML"},
           Bad{"- 1", "p.yaml:1: expected a profile"},
           Bad{"images: []", "p.yaml:1: expected version: 1"},
           Bad{"version: 2", "p.yaml:1: expected version 1 of profiles, found \"2\""},
           Bad{"version: 1\nrules: []", "p.yaml:2: expected version, lost or images"},
           Bad{"version: 1\nlost: many", "p.yaml:2: expected a number, found \"many\""},
           Bad{"version: 1\nimages: {}", "p.yaml:2: expected a list of images, found a mapping"},
           Bad{"version: 1\nimages:\n  - name: x", "p.yaml:3: expected a mapping with image: NAME"},
           Bad{"version: 1\nimages:\n  - image: x\n  - image: x",
               "p.yaml:4: expected each image once"},
           Bad{"version: 1\nimages:\n  - image: x\n    file_written: [/a]",
               "p.yaml:4: expected one of image"},
           Bad{"version: 1\nimages:\n  - image: x\n    listens: [tcp/http]",
               "p.yaml:4: expected a port like tcp/80 or udp/ephemeral, found \"tcp/http\""},
           Bad{"version: 1\nimages:\n  - image: x\n    listens: [sctp/80]",
               "p.yaml:4: expected a port"},
           Bad{"version: 1\nimages:\n  - image: x\n    listens: [tcp/70000]",
               "p.yaml:4: expected a port"},
           Bad{"version: 1\nimages:\n  - image: x\n    destinations:\n      - tcp/10.0.0.1",
               "p.yaml:5: expected a destination"},
           Bad{"version: 1\nimages:\n  - image: x\n    executables:\n      - file: /bin/sh",
               "p.yaml:5: expected path: PATTERN"},
           Bad{"version: 1\nimages:\n  - image: x\n    executables:\n      - {path: /a, parent: "
               "/b}",
               "p.yaml:5: expected path or parents"},
           Bad{"version: 1\nimages:\n  - image: x\n    system_calls: read",
               "p.yaml:4: expected a list of system calls, found \"read\""},
           Bad{"version: 1\n---\nversion: 1", "p.yaml:1: expected one profile"},
       }) {
    const Result<Profile> read = read_profile(yaml, "p.yaml", {});
    ASSERT_FALSE(read.has_value()) << yaml;
    EXPECT_TRUE(read.error().message.starts_with(message)) << read.error().message;
  }
}

TEST(Profile, TextOfOthersCannotBecomeYaml) {
  EXPECT_EQ(clean_text("a\nb\x1B[0m\x7F"), "a?b?[0m?");
  EXPECT_EQ(clean_text("\xFF\xFE"), "??");
  EXPECT_EQ(clean_text("\xC2\x85 \xE2\x80\xA8 \xEF\xBB\xBF \xC3\xA9"), "? ? ? \xC3\xA9");
  EXPECT_EQ(clean_text(std::string(5000, 'x')).size(), kTextMax);
  Profile profile;
  profile.images[clean_text("x\n  - image: y")].executables = {"null", "~", "yes", "- a", "a: b"};
  const Result<Profile> read = read_profile(to_yaml(profile), "p.yaml", {});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->images.size(), 1U);
  EXPECT_EQ(read->images.begin()->second.executables, profile.images.begin()->second.executables);
}

}  // namespace
}  // namespace vedette::observe
