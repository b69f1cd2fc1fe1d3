// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

// One line of a Linux audit log, taken apart: the head that all records share, and the key=value
// pairs behind it. Handles what auditd writes (log_format RAW and ENRICHED), what ausearch prints
// with and without -i, and what the kernel prints to its own log. All results are views of the
// line.
namespace vedette::formats::logs {

struct AuditRecord {
  std::string_view node;   // of "node=NAME", may be empty
  std::string_view type;   // "SYSCALL"; numbers of well-known types are replaced by their name
  std::string_view stamp;  // "1700000000.123:456", or "11/14/23 22:13:20.123:456" with ausearch -i
  std::string_view body;   // what follows the head
  bool interpreted = false;  // ausearch -i: values are names without quotes and may hold blanks
};

std::optional<AuditRecord> split_audit_record(std::string_view line);

// Lines that ausearch writes between events ("----", "time->…") and blank ones.
bool is_audit_separator(std::string_view line);

// The time of a stamp; dates as ausearch -i prints them in the C and en_US locales, taken as UTC.
std::optional<TimeNs> audit_time(std::string_view stamp);
// What follows the time of a stamp: "456".
std::string_view audit_serial(std::string_view stamp);

struct AuditPair {
  enum class Form : std::uint8_t {
    kBare,
    kQuoted,  // "…"; `value` is the inside
    kNested,  // '…', pairs of their own; `value` is the inside
    kBraced,  // { … }, pairs of their own; `value` is the inside
  };
  std::string_view key;
  std::string_view value;
  Form form = Form::kBare;
};

// Walks the pairs of a record's body. Text that is no pair ("avc:  denied … for") is passed over.
class AuditPairs {
 public:
  // Where a bare value of an interpreted record ends.
  enum class Ending : std::uint8_t {
    kBlank,         // raw record: at the next blank
    kNextKey,       // before the next " key="
    kNextArgument,  // EXECVE: before the next " aN=" in sequence
    kLine,          // PROCTITLE: at the line's end
  };
  AuditPairs(std::string_view body, Ending ending) : body_(body), ending_(ending) {}

  bool next(AuditPair& pair);

 private:
  std::size_t end_of_bare(std::size_t start);
  std::size_t enrichment_behind(std::size_t start);
  std::size_t key_start(std::size_t equals, std::size_t floor) const;

  std::string_view body_;  // the caller's, outlives the walk
  Ending ending_;
  std::size_t at_ = 0;
  // The first separator of enrichment at or behind this place; searched once, not for every value.
  std::size_t enrichment_ = 0;
  bool enrichment_known_ = false;
  std::uint32_t argument_ = 0;  // kNextArgument: the number that ends the present value
};

}  // namespace vedette::formats::logs
