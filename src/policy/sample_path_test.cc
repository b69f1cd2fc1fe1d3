// SPDX-License-Identifier: Apache-2.0
#include "policy/sample_path.h"

#include <gtest/gtest.h>
#include <string_view>

namespace vedette::policy {
namespace {

TEST(SamplePath, KnowsTestsFixturesExamplesAndDocumentation) {
  for (const std::string_view path : {"tests/key.pem",
                                      "internal/tls/testdata/ca.key",
                                      "src/test/java/com/shop/Keys.java",
                                      "pkg/tls/handshake_test.go",
                                      "UserTests.cs",
                                      "HTTPTest.java",
                                      "login.spec.ts",
                                      "test2/client.pem",
                                      "spec/models/user_spec.rb",
                                      "integration/fixtures/server.key",
                                      "e2e/login.js",
                                      "__mocks__/api.js",
                                      "examples/compose.yaml",
                                      ".env.example",
                                      "config.yml.sample",
                                      "docs/tls.html",
                                      "README.md",
                                      "guide/install.rst",
                                      "readme",
                                      "backup.zip/tests/key.pem",
                                      "test-data.tar.gz/key.pem",
                                      "cluster/join_test.go",
                                      "deploy/tests/values.yaml",
                                      "tests/deploy/values.yaml",
                                      "deploy/test/fixtures/a.pem",
                                      "integration/tls/local.key",
                                      "charts/shop/ci/tls-values.yaml",
                                      "vendor/a.com/b/key.go",
                                      "web/node_modules/b/key.js",
                                      "third_party/b/key.pem",
                                      "guides/code/secret.rb"})
    EXPECT_TRUE(is_sample_path(path)) << path;
}

TEST(SamplePath, TakesNoPartOfAWordForOne) {
  for (const std::string_view path : {"",
                                      "key.pem",
                                      "config/latest/key.pem",
                                      "contest/main.py",
                                      "attestation/key.pem",
                                      "protest.go",
                                      "inspector/key.pem",
                                      "special/a.py",
                                      "docker/compose.yaml",
                                      "doctor.py",
                                      "demographics/load.py",
                                      "samplerate.c",
                                      "package.spec",
                                      "src/Testament.java",
                                      "templates/secret.yaml",
                                      "backup.zip/etc/key.pem",
                                      "certs/server.key",
                                      "src/integration/client.go",
                                      "ci/values.yaml",
                                      "ci/deploy.sh",
                                      "vendors/list.json",
                                      "lib/site-packages/shop/key.py"})
    EXPECT_FALSE(is_sample_path(path)) << path;
}

TEST(SamplePath, AnEnvironmentThatIsCalledTestIsAPlaceWhereSomethingRuns) {
  for (const std::string_view path :
       {"deploy/test/values.yaml", "k8s/overlays/test/secret.yaml", "terraform/demo/main.tf",
        "environments/testing/db.env", "deploy/values-test.yaml", "env/test.properties"})
    EXPECT_FALSE(is_sample_path(path)) << path;
}

}  // namespace
}  // namespace vedette::policy
