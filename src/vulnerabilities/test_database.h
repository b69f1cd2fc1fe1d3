// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "formats/advisories/osv.h"
#include "vulnerabilities/database.h"
#include "vulnerabilities/database_builder.h"

// Databases for tests, from OSV records as text.
namespace vedette::vulnerabilities {

inline std::string build_test_database(const std::vector<std::string>& records,
                                       std::string_view exploited = {},
                                       std::string_view likelihoods = {}) {
  DatabaseBuilder builder;
  const std::uint32_t input = builder.add_input({"records", "osv", "", "", 0, 0, 0});
  formats::advisories::OsvReader reader;
  for (const std::string& record : records) {
    auto advisory = reader.read(record, Limits());
    EXPECT_TRUE(advisory.has_value()) << record;
    if (advisory) builder.add(std::move(*advisory), input, "place");
  }
  if (!exploited.empty()) builder.add(*formats::advisories::read_exploited(exploited), input);
  if (!likelihoods.empty()) builder.add(*formats::advisories::read_likelihoods(likelihoods), input);
  const Result<std::string> bytes = builder.build();
  EXPECT_TRUE(bytes.has_value());
  return bytes ? *bytes : std::string();
}

// An OSV record: `more` are further members, `events` those of one range.
inline std::string test_record(std::string_view id, std::string_view ecosystem,
                               std::string_view name, std::string_view events,
                               std::string_view more = {}) {
  std::string out = R"({"modified": "2024-01-02T00:00:00Z", "id": ")" + std::string(id) + '"';
  if (!more.empty()) (out += ", ") += more;
  out += R"(, "affected": [{"package": {"ecosystem": ")" + std::string(ecosystem) +
         R"(", "name": ")" + std::string(name) + R"("}, "ranges": [{"type": "ECOSYSTEM",)";
  return out + R"("events": [)" + std::string(events) + "]}]}]}";
}

}  // namespace vedette::vulnerabilities
