// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "vulnerabilities/layout.h"
#include "vulnerabilities/record.h"

namespace vedette::vulnerabilities {

// What is known about vulnerabilities: one file that never changes, in memory as it lies on the
// disk. Any number of threads and processes read it without a lock; a newer one takes its name.
//
// Opening costs a look at the header and the checksums of the indices; each record is checked when
// it is read. Damage is ErrorCode::kInvalid or kTruncated, never a wrong answer.
class Database {
 public:
  // ErrorCode::kNotFound, kSystem; kUnsupported for a file of another version.
  static Result<Database> open(const std::string& path);
  // `bytes` outlive the database.
  static Result<Database> of_bytes(std::string_view bytes);

  const DatabaseSummary& summary() const { return summary_; }

  // What advisories say of a package: OSV's name of the ecosystem, and the name as
  // comparable_name() makes it. Empty: nothing.
  Result<std::vector<AffectedRecord>> affected(std::string_view ecosystem,
                                               std::string_view name) const;
  Result<AdvisoryRecord> advisory(std::uint32_t index) const;
  Result<Vulnerability> vulnerability(std::uint32_t index) const;
  // Those that an id is a name of, or that an advisory of this id is about.
  std::vector<std::uint32_t> named(std::string_view id) const;

  // Under which ecosystems there is a package of this name. Looks at all.
  std::vector<std::string> ecosystems_with(std::string_view name) const;
  // Each ecosystem with its packages' count.
  struct EcosystemCount {
    std::string name;
    std::uint64_t packages = 0;
  };
  std::vector<EcosystemCount> ecosystems() const;

  // The first `count` packages, with their ecosystems.
  std::vector<std::pair<std::string, std::string>> names_of_packages(std::size_t count) const;

  // Looks at every byte.
  Result<void> verify() const;

 private:
  Database() = default;

  std::string_view section(Section which) const {
    return sections_[static_cast<std::size_t>(which)];
  }
  Result<void> read_header();
  Result<void> read_summary_section();
  Result<std::string_view> blob(std::string_view row, Section section) const;
  std::string_view key(std::string_view row, Section keys) const;

  MappedFile file_;
  std::string_view bytes_;  // of file_, or the caller's
  std::array<std::string_view, kSections> sections_;
  std::array<std::uint64_t, kSections> checksums_{};
  DatabaseSummary summary_;
};

}  // namespace vedette::vulnerabilities
