// SPDX-License-Identifier: Apache-2.0
#include "formats/vex/vex.h"

#include <gtest/gtest.h>

#include "formats/versions/vers_range.h"

namespace vedette::formats::vex {
namespace {

using event::VexStatus;

VexDocument read(std::string_view text) {
  Result<VexDocument> document = read_vex("statements.json", text, {});
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document ? *document : VexDocument();
}

TEST(Vex, OpenVex) {
  const VexDocument document = read(R"({
    "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1",
    "author": "Ada", "timestamp": "2024-01-01T00:00:00Z", "version": 1,
    "statements": [
      {"vulnerability": {"@id": "https://nvd.example/CVE-2023-1", "name": "CVE-2023-1",
                         "aliases": ["GHSA-a-b-c"]},
       "products": [{"@id": "pkg:oci/shop@sha256%3Aff", "hashes": {"sha-256": "FF"},
                     "subcomponents": [{"@id": "pkg:deb/debian/curl"}]},
                    {"@id": "urn:x", "identifiers": {"purl": "pkg:npm/a@1", "cpe23": "cpe:2.3:x"}}],
       "status": "not_affected", "justification": "vulnerable_code_not_present",
       "timestamp": "2024-02-01T00:00:00Z"},
      {"vulnerability": {"name": "CVE-2023-2"}, "products": [{"@id": "pkg:npm/a"}],
       "status": "affected", "action_statement": "update"}]})");
  EXPECT_EQ(document.format, VexFormat::kOpenVex);
  EXPECT_EQ(document.author, "Ada");
  EXPECT_TRUE(document.problems.empty());
  ASSERT_EQ(document.statements.size(), 2U);
  const VexStatement& first = document.statements[0];
  EXPECT_EQ(first.vulnerabilities, (std::vector<std::string>{"CVE-2023-1", "GHSA-a-b-c"}));
  EXPECT_EQ(first.status, VexStatus::kNotAffected);
  EXPECT_EQ(first.justification, "vulnerable_code_not_present");
  EXPECT_EQ(format_time(first.time), "2024-02-01T00:00:00Z");
  ASSERT_EQ(first.products.size(), 2U);
  EXPECT_EQ(first.products[0].identity.hashes, std::vector<std::string>{"sha256:ff"});
  ASSERT_EQ(first.products[0].parts.size(), 1U);
  EXPECT_EQ(first.products[0].parts[0].purls, std::vector<std::string>{"pkg:deb/debian/curl"});
  EXPECT_EQ(first.products[1].identity.purls, std::vector<std::string>{"pkg:npm/a@1"});
  EXPECT_EQ(first.products[1].identity.cpes, std::vector<std::string>{"cpe:2.3:x"});
  const VexStatement& second = document.statements[1];
  EXPECT_EQ(second.action, "update");
  EXPECT_EQ(format_time(second.time), "2024-01-01T00:00:00Z");
}

TEST(Vex, OpenVexBeforeItsProductsWereObjects) {
  const VexDocument document = read(R"({
    "@context": "https://openvex.dev/ns", "author": "Ada", "timestamp": "2023-01-01T00:00:00Z",
    "statements": [{"vulnerability": "CVE-2023-1", "products": ["pkg:apk/wolfi/git@2.39.0-r1"],
                    "subcomponents": ["pkg:apk/wolfi/pcre2"], "status": "fixed"}]})");
  ASSERT_EQ(document.statements.size(), 1U);
  const VexProduct& product = document.statements[0].products.at(0);
  EXPECT_EQ(product.identity.purls.at(0), "pkg:apk/wolfi/git@2.39.0-r1");
  EXPECT_EQ(product.parts.at(0).purls.at(0), "pkg:apk/wolfi/pcre2");
}

TEST(Vex, SaysWhatIsUnclear) {
  const VexDocument document = read(R"({
    "@context": "https://openvex.dev/ns/v0.2.0", "author": "Ada",
    "statements": [
      {"vulnerability": {"name": "A-1"}, "products": [{"@id": "pkg:npm/a"}], "status": "harmless"},
      {"vulnerability": {}, "products": [{"@id": "pkg:npm/a"}], "status": "fixed"},
      {"vulnerability": {"name": "A-2"}, "status": "fixed"},
      {"vulnerability": {"name": "A-3"}, "products": [{"@id": "pkg:npm/a"}],
       "status": "not_affected"},
      {"vulnerability": {"name": "A-4"}, "products": [{"@id": "shop"}], "status": "fixed"}]})");
  EXPECT_EQ(document.statements.size(), 2U);
  ASSERT_EQ(document.problems.size(), 5U);
  EXPECT_EQ(document.problems[0].place.line, 4U);
  EXPECT_NE(document.problems[0].message.find("harmless"), std::string::npos);
}

TEST(Vex, CsafTreeRelationshipsAndFlags) {
  const VexDocument document = read(R"({
    "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
      "publisher": {"name": "Vendor"},
      "tracking": {"id": "V-1", "current_release_date": "2024-03-01T00:00:00Z"}},
    "product_tree": {
      "branches": [{"category": "vendor", "name": "Vendor", "branches": [
        {"category": "product_name", "name": "System", "product": {"product_id": "S",
          "name": "System 9", "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9"}}},
        {"category": "product_name", "name": "lib", "branches": [
          {"category": "product_version_range", "name": "vers:rpm/<2", "product": {"product_id": "L",
            "name": "lib before 2", "product_identification_helper": {"purl": "pkg:rpm/redhat/lib"}}}]}]}],
      "full_product_names": [{"product_id": "F", "name": "file",
        "product_identification_helper": {"hashes": [{"filename": "f",
          "file_hashes": [{"algorithm": "sha256", "value": "AB"}]}]}}],
      "product_groups": [{"group_id": "G", "product_ids": ["F", "S:L"]}],
      "relationships": [{"category": "default_component_of", "product_reference": "L",
        "relates_to_product_reference": "S",
        "full_product_name": {"product_id": "S:L", "name": "lib of System"}}]},
    "vulnerabilities": [{"cve": "CVE-2024-1", "ids": [{"system_name": "v", "text": "V-77"}],
      "product_status": {"known_not_affected": ["S:L", "F"], "fixed": ["L"], "recommended": ["S"],
                         "known_affected": ["nothing"]},
      "flags": [{"label": "component_not_present", "product_ids": ["S:L"]}],
      "threats": [{"category": "impact", "details": "cannot happen", "group_ids": ["G"]},
                  {"category": "exploit_status", "details": "none", "product_ids": ["F"]}],
      "remediations": [{"category": "vendor_fix", "details": "take 2", "product_ids": ["L"]}]}]})");
  EXPECT_EQ(document.format, VexFormat::kCsaf);
  EXPECT_EQ(document.id, "V-1");
  EXPECT_EQ(document.author, "Vendor");
  ASSERT_EQ(document.statements.size(), 3U);
  const VexStatement& part = document.statements[0];
  EXPECT_EQ(part.vulnerabilities, (std::vector<std::string>{"CVE-2024-1", "V-77"}));
  EXPECT_EQ(part.justification, "component_not_present");
  EXPECT_EQ(part.impact, "cannot happen");
  ASSERT_EQ(part.products.size(), 1U);
  EXPECT_EQ(part.products[0].identity.cpes.at(0), "cpe:/o:redhat:enterprise_linux:9");
  EXPECT_EQ(part.products[0].parts.at(0).purls.at(0), "pkg:rpm/redhat/lib");
  EXPECT_EQ(part.products[0].parts.at(0).range, "vers:rpm/<2");
  const VexStatement& file = document.statements[1];
  EXPECT_EQ(file.products.at(0).identity.hashes.at(0), "sha256:ab");
  EXPECT_TRUE(file.justification.empty());
  const VexStatement& fixed = document.statements[2];
  EXPECT_EQ(fixed.status, VexStatus::kFixed);
  EXPECT_EQ(fixed.action, "take 2");
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_NE(document.problems[0].message.find("nothing"), std::string::npos);
}

TEST(Vex, CsafRelationshipsThatGoInCircles) {
  const VexDocument document = read(R"({
    "document": {"csaf_version": "2.0"},
    "product_tree": {"relationships": [
      {"product_reference": "A", "relates_to_product_reference": "B",
       "full_product_name": {"product_id": "A", "name": "a"}},
      {"product_reference": "A", "relates_to_product_reference": "A",
       "full_product_name": {"product_id": "B", "name": "b"}}]},
    "vulnerabilities": [{"cve": "CVE-1", "product_status": {"fixed": ["A", "B"]}}]})");
  EXPECT_TRUE(document.statements.empty());
  EXPECT_EQ(document.problems.size(), 2U);
}

TEST(Vex, CycloneDxAnalyses) {
  const VexDocument document = read(R"({
    "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1",
    "metadata": {"timestamp": "2024-01-01T00:00:00Z", "supplier": {"name": "Vendor"},
                 "component": {"bom-ref": "me", "name": "shop", "purl": "pkg:oci/shop@sha256:aa"}},
    "components": [{"bom-ref": "c1", "name": "a", "purl": "pkg:npm/a@1",
                    "components": [{"bom-ref": "c2", "name": "b", "purl": "pkg:npm/b@1"}]}],
    "vulnerabilities": [
      {"id": "CVE-1", "references": [{"id": "GHSA-1"}],
       "analysis": {"state": "not_affected", "justification": "code_not_reachable",
                    "detail": "never called", "response": ["will_not_fix"]},
       "affects": [{"ref": "c2"}, {"ref": "urn:cdx:x/1#pkg%3Anpm%2Fc%401.0"}]},
      {"id": "CVE-2", "analysis": {"state": "exploitable"}, "recommendation": "update",
       "affects": [{"ref": "c1", "versions": [{"version": "1", "status": "unaffected"},
                                              {"range": "vers:npm/>=2"},
                                              {"version": "3", "status": "unknown"}]}]},
      {"id": "CVE-3", "affects": [{"ref": "c1"}]},
      {"id": "CVE-4", "analysis": {"state": "odd"}, "affects": [{"ref": "c1"}]}]})");
  EXPECT_EQ(document.author, "Vendor");
  ASSERT_EQ(document.statements.size(), 3U);
  const VexStatement& first = document.statements[0];
  EXPECT_EQ(first.vulnerabilities, (std::vector<std::string>{"CVE-1", "GHSA-1"}));
  EXPECT_EQ(first.products.at(0).identity.purls.at(0), "pkg:npm/b@1");
  EXPECT_EQ(first.products.at(1).identity.purls.at(0), "pkg:npm/c@1.0");
  EXPECT_EQ(first.justification, "code_not_reachable");
  EXPECT_EQ(first.action, "will_not_fix");
  EXPECT_EQ(document.statements[1].status, VexStatus::kAffected);
  EXPECT_EQ(document.statements[1].products.at(0).identity.range, "vers:npm/>=2");
  EXPECT_EQ(document.statements[2].status, VexStatus::kNotAffected);
  EXPECT_EQ(document.problems.size(), 1U);
}

TEST(Vex, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"bomFormat": "CycloneDX", "components": []})", "not JSON",
        R"({"@context": "https://openvex.dev/ns/v0.2.0", "author": "A", "statements": [{)"}) {
    EXPECT_FALSE(read_vex("x.json", text, {})) << text;
  }
}

TEST(VersRange, SaysWhatIsIn) {
  using versions::InRange;
  struct Case {
    std::string_view range;
    std::string_view version;
    InRange answer;
  };
  for (const auto& [range, version, answer] : {
           Case{"vers:npm/*", "1.0.0", InRange::kYes},
           {"vers:npm/1.2.3", "1.2.3", InRange::kYes},
           {"vers:npm/1.2.3", "1.2.4", InRange::kNo},
           {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "2.0.0", InRange::kYes},
           {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "4.9.0", InRange::kYes},
           {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "5.0.0", InRange::kNo},
           {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.5.0", InRange::kNo},
           {"vers:npm/<1.0.0|>2.0.0", "0.9.0", InRange::kYes},
           {"vers:npm/<1.0.0|>2.0.0", "1.5.0", InRange::kNo},
           {"vers:npm/<1.0.0|>2.0.0", "3.0.0", InRange::kYes},
           {"vers:npm/>=1.0.0|!=1.1.0|<2.0.0", "1.1.0", InRange::kNo},
           {"vers:npm/>=1.0.0|!=1.1.0|<2.0.0", "1.2.0", InRange::kYes},
           {"vers:npm/<=1.0.0", "1.0.0", InRange::kYes},
           {"vers:npm/>1.0.0", "1.0.0", InRange::kNo},
           {"<1.0.0", "0.1.0", InRange::kUnknown},
           {"vers:npm/", "0.1.0", InRange::kUnknown},
           {"vers:npm/>=|<2", "0.1.0", InRange::kUnknown},
       }) {
    EXPECT_EQ(versions::in_vers_range(packages::Ecosystem::kNpm, range, version), answer)
        << range << ' ' << version;
  }
}

}  // namespace
}  // namespace vedette::formats::vex
