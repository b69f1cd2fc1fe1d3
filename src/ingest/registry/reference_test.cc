// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/reference.h"

#include <gtest/gtest.h>
#include <vector>

namespace vedette::ingest {
namespace {

const std::string kDigest = "@sha256:" + std::string(64, 'a');

TEST(Reference, NamesAreReadAsDockerDoes) {
  struct Case {
    std::string text;
    std::string registry;
    std::string full;  // empty: refused
  };
  const std::vector<Case> cases = {
      {"r.example/app", "", "r.example/app:latest"},
      {"r.example/app:1", "", "r.example/app:1"},
      {"r.example:5000/a/b-c:v1.2_3", "", "r.example:5000/a/b-c:v1.2_3"},
      {"localhost/app", "", "localhost/app:latest"},
      {"localhost:5000/app" + kDigest, "", "localhost:5000/app" + kDigest},
      {"r.example/app:1" + kDigest, "", "r.example/app:1" + kDigest},
      {"[::1]:5000/app", "", "[::1]:5000/app:latest"},
      {"Host/app", "", "Host/app:latest"},
      {"app", "", ""},
      {"team/app", "", ""},
      {"app", "r.example", "r.example/app:latest"},
      {"app:2", "r.example/library", "r.example/library/app:2"},
      {"team/app:2", "r.example/library", "r.example/team/app:2"},
      {"other.example/app", "r.example/library", "other.example/app:latest"},
      {"a__b/c---d.e", "r.example", "r.example/a__b/c---d.e:latest"},
      {"a___b", "r.example", ""},
      {"a..b", "r.example", ""},
      {"-a", "r.example", ""},
      {"a-", "r.example", ""},
      {"App", "r.example", ""},
      {"a//b", "r.example", ""},
      {"a/../b", "r.example", ""},
      {"a/", "r.example", ""},
      {"", "r.example", ""},
      {"app:", "r.example", ""},
      {"app:.x", "r.example", ""},
      {"app:" + std::string(129, 'x'), "r.example", ""},
      {"app@sha256:123", "r.example", ""},
      {"app@sha512:" + std::string(128, 'a'), "r.example", ""},
      {"r.example:port/app", "", ""},
      {"r.example:123456/app", "", ""},
      {"user:word@r.example/app", "", ""},
      {"r.example?x/app", "", ""},
      {std::string(300, 'a'), "r.example", ""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text);
    const Result<Reference> reference = read_reference(one.text, one.registry);
    ASSERT_EQ(reference.has_value(), !one.full.empty());
    if (reference) {
      EXPECT_EQ(reference->text(), one.full);
    }
  }
}

TEST(Reference, DigestBeatsTag) {
  const Result<Reference> both = read_reference("r.example/app:1" + kDigest, "");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->tag_or_digest(), kDigest.substr(1));
}

}  // namespace
}  // namespace vedette::ingest
