// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/reach.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "formats/packages/installed/go_functions.h"
#include "scan/vulnerabilities/vulnerability_scanner.h"
#include "vulnerabilities/test_database.h"

namespace vedette::scan::vulnerabilities {
namespace {

using formats::advisories::Import;
using formats::packages::go_symbol_key;

const std::vector<Import> kCalled = {{"net/http", {"Get", "Transport.RoundTrip"}}};
const std::vector<Import> kNotCalled = {{"net/http", {"Post"}}, {"net/rpc", {}}};

formats::packages::PackageList program() {
  formats::packages::PackageList list;
  list.symbols = {go_symbol_key("net/http", ""), go_symbol_key("net/http", "Transport.RoundTrip")};
  std::ranges::sort(list.symbols);
  list.symbols_complete = true;
  return list;
}

TEST(FunctionReachTest, OneFunctionWillDo) {
  const Reach reach = reach_of(program(), kCalled);
  EXPECT_EQ(reach.reachable, true);
  EXPECT_EQ(reach.text, "net/http.Transport.RoundTrip is in the program");
  EXPECT_EQ(reach_of(program(), {{"net/http", {}}}).reachable, true);
}

TEST(FunctionReachTest, NothingOfItIsThere) {
  const Reach reach = reach_of(program(), kNotCalled);
  EXPECT_EQ(reach.reachable, false);
  EXPECT_EQ(reach_of(program(), {{"net/rpc", {}}}).text,
            "not reachable: net/rpc is not in the program");
}

TEST(FunctionReachTest, NotKnownWhereOneOfThemDoesNotTell) {
  EXPECT_EQ(reach_of({}, kCalled).reachable, std::nullopt);
  EXPECT_EQ(reach_of(program(), {}).reachable, std::nullopt);
  formats::packages::PackageList old = program();
  old.symbols_complete = false;
  EXPECT_EQ(reach_of(old, kCalled).reachable, true);
  EXPECT_EQ(reach_of(old, kNotCalled).reachable, std::nullopt);
}

TEST(FunctionReachTest, OfSeveralPlacesTheWorstHolds) {
  event::Finding finding;
  finding.vulnerability.emplace();
  set_reach({false, "not"}, finding);
  join_reach({false, "not"}, finding);
  EXPECT_EQ(finding.vulnerability->reachable, false);
  join_reach({}, finding);
  EXPECT_EQ(finding.vulnerability->reachable, std::nullopt);
  EXPECT_TRUE(finding.evidence.empty());
  join_reach({false, "not"}, finding);
  EXPECT_EQ(finding.vulnerability->reachable, std::nullopt);
  join_reach({true, "is"}, finding);
  join_reach({}, finding);
  EXPECT_EQ(finding.vulnerability->reachable, true);
  ASSERT_EQ(finding.evidence.size(), 1U);
  EXPECT_EQ(finding.evidence[0].text, "is");
}

// GitHub's advisory of the same vulnerability names no functions.
TEST(FunctionReachTest, OneAdvisoryThatTellsWillDo) {
  const std::string range = R"("ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}])";
  const std::string record = R"({"id": "GO-1", "modified": "2024-01-02T00:00:00Z",
    "aliases": ["CVE-2024-1"], "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"}, )" +
                             range + R"(, "ecosystem_specific": {"imports": [
    {"path": "net/http", "symbols": ["Post"]}]}}]})";
  const std::string other = R"({"id": "GHSA-1", "modified": "2024-01-02T00:00:00Z",
    "aliases": ["CVE-2024-1"], "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"}, )" +
                            range + "}]}";
  const std::string bytes = vedette::vulnerabilities::build_test_database({record, other});
  const auto database = Database::of_bytes(bytes);
  ASSERT_TRUE(database);
  formats::packages::PackageFile file;
  file.path = "usr/bin/shop";
  file.list = program();
  formats::packages::Package package;
  package.ecosystem = formats::packages::Ecosystem::kGo;
  package.name = "stdlib";
  package.version = "1.20.1";
  file.list.packages.push_back(package);
  const auto found = scan_packages(*database, {file}, "");
  ASSERT_TRUE(found && found->findings.size() == 1U);
  EXPECT_EQ(found->findings[0].vulnerability->reachable, false);
  // A source tree does not tell, and is a place of the same.
  formats::packages::PackageFile tree = file;
  tree.list.symbols.clear();
  const auto both = scan_packages(*database, {file, tree}, "");
  ASSERT_TRUE(both && both->findings.size() == 1U);
  EXPECT_EQ(both->findings[0].vulnerability->reachable, std::nullopt);
}

}  // namespace
}  // namespace vedette::scan::vulnerabilities
