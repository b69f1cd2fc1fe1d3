// SPDX-License-Identifier: Apache-2.0
// What is written of one fixed day, compared with tests/conformance/observe/NAME.golden. UPDATE=1
// rewrites them.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/file.h"
#include "observe/learner.h"
#include "observe/network_policy.h"
#include "observe/observe_test_support.h"
#include "observe/seccomp_profile.h"
#include "observe/usage.h"

namespace vedette::observe {
namespace {

void compare(const std::string& name, const std::string& text) {
  const std::string path = VEDETTE_SOURCE_DIR "/tests/conformance/observe/" + name + ".golden";
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << name;
}

class Golden : public testing::Test {
 protected:
  void SetUp() override {
    TestStream stream;
    ordinary_day(stream);
    stream.lost(2);
    stream.read([this](const Sighting& sighting) {
      learner_.see(sighting);
      usage_.see(sighting);
    });
    lost_ = stream.reader.lost();
    profile_ = learner_.profile(lost_);
  }

  const ImageProfile& shop() { return profile_.images.at("registry.example/shop:1"); }

  Learner learner_;
  Usage usage_;
  Profile profile_;
  std::uint64_t lost_ = 0;
};

TEST_F(Golden, Profile) { compare("profile.yaml", to_yaml(profile_)); }

TEST_F(Golden, Usage) { compare("usage.json", usage_.to_json(lost_, nullptr)); }

TEST_F(Golden, Seccomp) { compare("seccomp.json", seccomp_profile(shop())); }

TEST_F(Golden, NetworkPolicy) {
  compare("network-policy.yaml", network_policy("registry.example/shop:1", "shop", shop()));
}

}  // namespace
}  // namespace vedette::observe
