// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/field_writer.h"
#include "formats/logs/auditd_record.h"

namespace vedette::formats::logs {

// Turns the records of one audit event into its fields. Names: every pair under its key and under
// RECORDTYPE.key, several values where several records (or PATHs) have it; and
//   type, node, serial, EventTime (ISO 8601)
//   a0, a1, …      arguments of EXECVE; where there is none, the registers of SYSCALL
//   SYSCALL        the system call's name; `syscall` holds the number and the name
//   key            one value per rule key
//   saddr_fam, family, laddr, addr, lport, port, path     what a socket address says
//   seresult, seperms                                     what an AVC says
//   CommandLine (EXECVE, else PROCTITLE), Image (exe), CurrentDirectory (cwd)
// Reused for every event of a thread.
class AuditFields {
 public:
  explicit AuditFields(std::size_t values_max) : values_max_(values_max) {}

  // `writer` and the text behind all records outlive finish(). `has_execve`: one of the records to
  // come is EXECVE, whose arguments then own the names a0, a1, …
  void start(event::FieldWriter& writer, bool has_execve);
  void add(const AuditRecord& record);
  // ErrorCode::kLimit when the event had too many values; what was written stays.
  Result<void> finish();

 private:
  struct Argument {
    std::uint32_t number = 0;
    std::string_view text;
  };

  void add_pairs(std::string_view body, AuditPairs::Ending ending, int depth);
  void add_pair(const AuditPair& pair, AuditPairs::Ending ending, int depth);
  bool add_argument(const AuditPair& pair);
  void add_access_vector(std::string_view body);
  void add_keys(std::string_view keys);
  void add_socket_address(std::string_view bytes);
  void add_socket_alias(std::string_view key, std::string_view value);
  void add_syscall_name();
  void write_arguments();
  void write_stamp(const AuditRecord& record);
  std::string_view decoded(const AuditPair& pair);
  std::string_view dotted(std::string_view key);
  void write(std::string_view key, std::string_view value, event::Kind kind = event::Kind::kString);

  std::size_t values_max_;
  std::size_t values_ = 0;
  event::FieldWriter* writer_ = nullptr;  // the caller's, see start()
  bool has_execve_ = false;
  bool wants_dotted_ = false;  // for the present record's type
  AuditRecord record_;         // the present one
  std::vector<Argument> arguments_;
  std::string_view architecture_;  // of the present record
  std::string_view syscall_;
  std::string_view syscall_name_;
  std::string_view command_;
  std::string_view image_;
  std::string_view folder_;
};

}  // namespace vedette::formats::logs
