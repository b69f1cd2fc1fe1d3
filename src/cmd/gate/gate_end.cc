// SPDX-License-Identifier: Apache-2.0
#include "cmd/gate/gate_end.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
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

Result<std::vector<WantedReport>> wanted_reports(const std::vector<std::string>& texts) {
  std::vector<WantedReport> wanted;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      return failure(ErrorCode::kInvalid,
                     fmt::format("expected --report FORMAT=FILE, found {}", text));
    wanted.push_back({text.substr(0, equals), text.substr(equals + 1)});
    if (const auto text_of_nothing = output::gate_text(wanted.back().format, {}, {});
        !text_of_nothing)
      return std::unexpected(text_of_nothing.error());
  }
  return wanted;
}

Result<void> write_reports(const std::vector<WantedReport>& wanted, const event::GateReport& report,
                           const output::GateTextOptions& options) {
  for (const WantedReport& one : wanted) {
    TRY(std::string text, output::gate_text(one.format, report, options));
    std::error_code error;
    const bool append = one.format == output::kSummaryFormat && one.path != "-" &&
                        std::filesystem::exists(one.path, error);
    if (append) {
      TRY(const std::string before, read_file(one.path, output::kSummaryBytesMax));
      if (!before.empty())
        text.insert(0, fmt::format("{}{}", before, before.ends_with('\n') ? "\n" : "\n\n"));
    }
    TRY_VOID(write_text(text, one.path));
  }
  return {};
}

}  // namespace vedette::cmd
