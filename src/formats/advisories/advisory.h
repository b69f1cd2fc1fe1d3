// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What somebody published about a vulnerability: OSV's records, with names as OSV has them.
namespace vedette::formats::advisories {

enum class EventKind : std::uint8_t { kIntroduced, kFixed, kLastAffected, kLimit };

struct Event {
  EventKind kind = EventKind::kIntroduced;
  std::string version;  // "0" of kIntroduced: from the first version; "*" of kLimit: none
};

enum class RangeType : std::uint8_t { kSemver, kEcosystem, kGit };

struct Range {
  RangeType type = RangeType::kEcosystem;
  std::string repository;     // of kGit
  std::vector<Event> events;  // as written; their order says nothing
};

// A package of Go that is called into, and what of it; no symbols: all of it.
struct Import {
  std::string path;
  std::vector<std::string> symbols;
};

enum class SeverityType : std::uint8_t { kCvss2, kCvss3, kCvss4, kOther };

struct Severity {
  SeverityType type = SeverityType::kOther;
  std::string text;  // a vector, or a distribution's word ("medium")
};

struct Affected {
  std::string ecosystem;  // with its suffix: "Debian:12"
  std::string name;
  std::vector<Range> ranges;
  std::vector<std::string> versions;
  std::vector<Import> imports;
  std::vector<Severity> severity;  // where it differs from the record's
};

struct Reference {
  std::string type;  // ADVISORY, FIX, EVIDENCE …
  std::string url;
};

struct Advisory {
  std::string id;
  std::string modified;
  std::string published;
  std::string withdrawn;              // when; empty: it stands
  std::vector<std::string> aliases;   // the same vulnerability by other names
  std::vector<std::string> upstream;  // of a distribution's: the vulnerabilities that it is about
  std::string summary;
  std::string details;
  std::vector<Severity> severity;
  std::vector<Reference> references;
  std::vector<Affected> affected;
};

// One of CISA's "known exploited vulnerabilities".
struct Exploited {
  std::string id;  // the CVE
  std::string added;
  bool ransomware = false;
};

// The probability of exploitation in the next 30 days, by FIRST's EPSS.
struct Likelihood {
  std::string id;  // the CVE
  double probability = 0;
  double percentile = 0;
};

// That somebody published how to use a vulnerability.
struct Exploit {
  std::string id;   // the CVE
  std::string url;  // where it stands
};

// How long a release of a product is looked after.
struct Lifecycle {
  std::string product;  // "debian"
  std::string release;  // "12"
  std::string end;      // the date; empty: none is known
  bool ended = false;   // it is over, at a time that nobody says
};

}  // namespace vedette::formats::advisories
