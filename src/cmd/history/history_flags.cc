// SPDX-License-Identifier: Apache-2.0
#include "cmd/history/history_flags.h"

#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/rule_flags.h"
#include "output/writer.h"

namespace vedette::cmd {

Flag store_flag(std::string& store) {
  return {"--store",
          "FILE",
          "The file that is kept; default: vedette/history.db in $XDG_DATA_HOME or ~/.local/share.",
          &store,
          {},
          ValueKind::kPath};
}

Result<std::string> store_path(const std::string& given) {
  if (!given.empty()) return given;
  // XDG Base Directory Specification: relative paths are to be ignored.
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::string(data) + "/vedette/history.db";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.local/share/vedette/history.db";
  return failure(ErrorCode::kInvalid,
                 "expected a file to keep the history in, found neither --store nor $HOME");
}

Result<TimeNs> time_or(const std::string& text, std::string_view flag, TimeNs otherwise) {
  if (text.empty()) return otherwise;
  const auto time = parse_time(text);
  if (time) return *time;
  return failure(ErrorCode::kInvalid,
                 fmt::format("{}: expected a time (2027-01-31), found \"{}\"", flag, text));
}

TimeNs wall_clock() { return SystemClock().now(); }

int write_text(const std::string& text, const std::string& output) {
  Result<output::Writer> writer =
      output.empty() || output == "-"
          ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
          : output::Writer::to_file(output);
  if (!writer) return usage_error(writer.error());
  Result<void> written = writer->write(text);
  if (written) written = writer->finish();
  return written ? static_cast<int>(kExitClean) : usage_error(written.error());
}

}  // namespace vedette::cmd
