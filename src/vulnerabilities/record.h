// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/advisories/advisory.h"

// What the database holds: the advisories of many, joined by the vulnerabilities that they are
// about.
namespace vedette::vulnerabilities {

using formats::advisories::Lifecycle;
using formats::advisories::Range;
using formats::advisories::RangeType;
using formats::advisories::Reference;
using formats::advisories::Severity;
using formats::advisories::SeverityType;

// An input that the database was built from.
struct InputRecord {
  std::string name;    // "PyPI-all.zip"
  std::string kind;    // "osv", "exploited" …
  std::string digest;  // SHA-256 of its bytes; of a folder: of its files' names and digests
  std::string date;    // of the newest thing in it, or what it says of itself
  std::uint64_t records = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t withdrawn = 0;
};

// One vulnerability by all its names.
struct Vulnerability {
  std::string id;                  // the CVE, else GitHub's id, else the first
  std::vector<std::string> names;  // all, sorted, `id` too
  std::string summary;
  std::vector<Severity> severity;  // what anybody says of it, each once
  bool exploited = false;          // it is in CISA's catalogue
  bool ransomware = false;
  std::string exploited_since;
  double probability = -1;  // of exploitation in 30 days; -1: unknown
  double percentile = -1;
  std::vector<std::string> exploits;  // where exploits are published
};

struct AdvisoryRecord {
  std::string id;
  std::string modified;
  std::string published;
  std::string summary;
  std::string details;  // the begin of them
  std::vector<Severity> severity;
  std::vector<Reference> references;
  std::vector<std::uint32_t> vulnerabilities;  // which it is about
  std::uint32_t input = 0;                     // which it came from
  std::string place;                           // in that: "GO-2024-1.json"
};

// What an advisory says of one package.
struct AffectedRecord {
  std::uint32_t advisory = 0;
  std::vector<std::uint32_t> vulnerabilities;  // which that is about
  std::vector<Range> ranges;          // events in the order of versions; kGit ranges without events
  std::vector<std::string> versions;  // those that no range has already
  std::vector<formats::advisories::Import> imports;
  std::vector<Severity> severity;  // for this package only
};

// What the database is, at a glance.
struct DatabaseSummary {
  std::string date;  // of the newest advisory in it: how old what it knows is
  std::uint64_t advisories = 0;
  std::uint64_t vulnerabilities = 0;
  std::uint64_t packages = 0;
  std::uint64_t affected = 0;
  std::uint64_t exploited = 0;
  std::uint64_t with_probability = 0;
  std::uint64_t with_exploits = 0;
  std::uint64_t git_only = 0;  // affected packages of which only commits are told: not evaluated
  std::uint64_t without_package = 0;  // affected entries that name none: left out
  std::vector<InputRecord> inputs;
  std::vector<Lifecycle> lifecycles;
};

}  // namespace vedette::vulnerabilities
