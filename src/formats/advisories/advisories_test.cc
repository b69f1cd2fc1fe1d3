// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "formats/advisories/cvss.h"
#include "formats/advisories/exploitation.h"
#include "formats/advisories/lifecycle.h"
#include "formats/advisories/osv.h"

namespace vedette::formats::advisories {
namespace {

struct Scored {
  std::string_view vector;
  double score;
};

// Examples of FIRST's own documents, and of NVD.
TEST(Cvss, ScoresAsTheSpecificationsDo) {
  for (const Scored& one : {
           Scored{"AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8},    // CVE-2002-0392
           Scored{"AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0},   // CVE-2003-0818
           Scored{"(AV:L/AC:H/Au:N/C:C/I:C/A:C)", 6.2},  // CVE-2003-0062
           Scored{"AV:N/AC:L/Au:N/C:N/I:N/A:N", 0.0},
           Scored{"CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4},  // CVE-2013-0375
           Scored{"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1},  // CVE-2014-3566
           Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1},  // CVE-2012-1516 and on
           Scored{"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9},
           Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8},
           Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0},  // CVE-2021-44228
           Scored{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0},
           Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0},
           Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3},
           Scored{"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3},
           Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7},
           Scored{"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 5.2},
           Scored{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0},
       }) {
    SCOPED_TRACE(one.vector);
    const Result<double> score = cvss_score(one.vector);
    ASSERT_TRUE(score.has_value()) << score.error().message;
    EXPECT_DOUBLE_EQ(*score, one.score);
  }
}

TEST(Cvss, WrongVectorsAreSaid) {
  for (const std::string_view vector :
       {"", "medium", "CVSS:3.1/", "CVSS:3.1/AV:N", "CVSS:5.0/AV:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:H", "AV:N/AC:L/Au:N/C:N/I:N"}) {
    EXPECT_FALSE(cvss_score(vector).has_value()) << vector;
  }
}

constexpr std::string_view kRecord = R"({
  "id": "GHSA-1", "modified": "2024-01-02T00:00:00Z", "aliases": ["CVE-2024-1"], "summary": "bad",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}, {"type": "Ubuntu", "score": "low"}],
  "database_specific": {"severity": "HIGH"},
  "references": [{"type": "FIX", "url": "https://example.org/fix"}],
  "affected": [{"package": {"ecosystem": "Go", "name": "example.org/a"},
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"},
      {"introduced": "2.0.0"}, {"last_affected": "2.1.0"}, {"limit": "3.0.0"}]},
      {"type": "GIT", "repo": "https://example.org/a.git", "events": [{"introduced": "0"}]}],
    "versions": ["0.1", 7],
    "ecosystem_specific": {"imports": [{"path": "example.org/a/b", "symbols": ["F"]}]}}, 3]})";

TEST(Osv, ReadsARecord) {
  const Result<Advisory> read = OsvReader().read(kRecord, Limits());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, "GHSA-1");
  EXPECT_EQ(read->aliases, std::vector<std::string>{"CVE-2024-1"});
  ASSERT_EQ(read->severity.size(), 3U);
  EXPECT_EQ(read->severity[0].type, SeverityType::kCvss3);
  EXPECT_EQ(read->severity[2].text, "HIGH");
  ASSERT_EQ(read->affected.size(), 2U);
  const Affected& affected = read->affected[0];
  EXPECT_EQ(affected.name, "example.org/a");
  ASSERT_EQ(affected.ranges.size(), 2U);
  ASSERT_EQ(affected.ranges[0].events.size(), 5U);
  EXPECT_EQ(affected.ranges[0].events[3].kind, EventKind::kLastAffected);
  EXPECT_EQ(affected.ranges[0].events[4].kind, EventKind::kLimit);
  EXPECT_EQ(affected.ranges[1].type, RangeType::kGit);
  EXPECT_EQ(affected.versions, std::vector<std::string>{"0.1"});
  EXPECT_EQ(affected.imports.at(0).symbols, std::vector<std::string>{"F"});
  EXPECT_TRUE(read->affected[1].name.empty());
}

TEST(Osv, WhatIsNoRecordIsAnError) {
  OsvReader reader;
  for (const std::string_view text : {"", "[]", "{", "{}", R"({"id": 7})"})
    EXPECT_FALSE(reader.read(text, Limits()).has_value()) << text;
  Limits limits;
  limits.record_bytes_max = 10;
  const Result<Advisory> large = reader.read(kRecord, limits);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, ErrorCode::kLimit);
}

TEST(Exploitation, ReadsTheCatalogueOfCisa) {
  const Result<ExploitedCatalogue> read = read_exploited(
      R"({"catalogVersion": "2025.08.25", "vulnerabilities": [
        {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10",
         "knownRansomwareCampaignUse": "Known"},
        {"cveID": "CVE-2020-1", "knownRansomwareCampaignUse": "Unknown"}, {}]})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->version, "2025.08.25");
  ASSERT_EQ(read->entries.size(), 2U);
  EXPECT_TRUE(read->entries[0].ransomware);
  EXPECT_FALSE(read->entries[1].ransomware);
  EXPECT_FALSE(read_exploited("{}").has_value());
}

TEST(Exploitation, ReadsProbabilities) {
  const Result<Likelihoods> read = read_likelihoods(
      "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z\r\ncve,epss,percentile\r\n"
      "CVE-1999-0001,0.01298,0.78\r\nCVE-1999-0002,2,0.5\r\n\r\nCVE-1999-0003,0.1\r\n");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->date, "2025-08-25T12:55:00Z");
  ASSERT_EQ(read->entries.size(), 1U);
  EXPECT_DOUBLE_EQ(read->entries[0].probability, 0.01298);
  EXPECT_EQ(read->bad_lines, 2U);
  EXPECT_EQ(read->model, "v2025.03.14");
  EXPECT_FALSE(read_likelihoods("a,b\n").has_value());
}

TEST(Exploitation, ReadsOldProbabilities) {
  const Result<Likelihoods> late = read_likelihoods("cve,epss,percentile\nCVE-2020-1,0.5,0.9\n");
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->date, "");
  EXPECT_DOUBLE_EQ(late->entries.at(0).percentile, 0.9);
  const Result<Likelihoods> early = read_likelihoods(
      "\xEF\xBB\xBF"
      "cve,epss\nCVE-2020-1,0.5\nCVE-2020-2,1e-05\nCVE-2020-3,0.5\nCVE-2020-4,0.97\nCVE-2020-5\n");
  ASSERT_TRUE(early.has_value());
  ASSERT_EQ(early->entries.size(), 4U);
  EXPECT_EQ(early->bad_lines, 1U);
  EXPECT_DOUBLE_EQ(early->entries[0].percentile, 0.75);
  EXPECT_DOUBLE_EQ(early->entries[1].percentile, 0.25);
  EXPECT_DOUBLE_EQ(early->entries[2].percentile, 0.75);
  EXPECT_DOUBLE_EQ(early->entries[3].percentile, 1);
}

TEST(Exploitation, ReadsExploits) {
  const Result<std::vector<Exploit>> read = read_exploits(
      "id,description,codes\n7,\"a \"\"b\"\",\nc\",CVE-2020-1;OSVDB-2;CVE-2020-3\n8,none\n");
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[1].id, "CVE-2020-3");
  EXPECT_EQ((*read)[1].url, "https://www.exploit-db.com/exploits/7");
  EXPECT_FALSE(read_exploits("a,b\n").has_value());
}

TEST(Lifecycle, ReadsAllThreeShapes) {
  const auto old = read_lifecycles(
      R"([{"cycle": "12", "eol": "2026-06-10"}, {"cycle": "7", "eol": true}])", "debian");
  ASSERT_TRUE(old.has_value());
  ASSERT_EQ(old->size(), 2U);
  EXPECT_EQ((*old)[0].product, "debian");
  EXPECT_EQ((*old)[0].end, "2026-06-10");
  EXPECT_TRUE((*old)[1].ended);
  constexpr std::string_view kProduct =
      R"({"name": "python", "releases": [{"name": "3.8", "isEol": true, "eolFrom": "2024-10-07"}]})";
  for (const std::string& text : {"{\"result\": " + std::string(kProduct) + "}",
                                  "{\"result\": [" + std::string(kProduct) + "]}"}) {
    const auto read = read_lifecycles(text, "");
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ((*read)[0].product, "python");
    EXPECT_EQ((*read)[0].end, "2024-10-07");
  }
  EXPECT_FALSE(read_lifecycles("{}", "").has_value());
}

}  // namespace
}  // namespace vedette::formats::advisories
