// SPDX-License-Identifier: Apache-2.0
#include "cmd/gate/gate_end.h"

#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

#include "output/writer.h"

namespace vedette::cmd {

Result<TimeNs> judging_time(const std::string& text) {
  if (text.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  }
  const auto time = parse_time(text);
  if (!time)
    return failure(ErrorCode::kInvalid,
                   fmt::format("--now: expected a time (2027-01-31), found \"{}\"", text));
  return *time;
}

void print_problems(const std::vector<Diagnostic>& problems) {
  for (const Diagnostic& one : problems) {
    fmt::print(stderr, "{}: {}: {}\n", to_string(one.place),
               one.kind == DiagnosticKind::kError ? "error" : "warning", one.message);
    if (!one.hint.empty()) fmt::print(stderr, "  {}\n", one.hint);
  }
}

ExitCode exit_code_of(const event::GateReport& report) {
  if (report.verdict == event::Verdict::kBlock) return kExitBlocked;
  return report.incomplete ? kExitPartial : kExitClean;
}

Result<void> write_text(std::string_view text, const std::string& path) {
  if (path.empty() || path == "-") {
    output::Writer writer = output::Writer::to_descriptor(STDOUT_FILENO);
    TRY_VOID(writer.write(text));
    return writer.finish();
  }
  TRY(output::Writer writer, output::Writer::to_file(path));
  TRY_VOID(writer.write(text));
  return writer.finish();
}

}  // namespace vedette::cmd
