// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/vex_files.h"

#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "formats/vex/vex.h"

namespace vedette::engine {
namespace {

using scan::vulnerabilities::VexStatements;

// A vendor's statements about one vulnerability in all of its products are some MiB.
constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;
constexpr std::size_t kValuesMax = 4'000'000;

Result<void> read_one(const std::string& path, VexStatements& statements,
                      std::vector<Diagnostic>& problems) {
  Limits limits;
  limits.file_bytes_max = kFileBytesMax;
  limits.values_max = kValuesMax;
  TRY(const std::string bytes, read_file(path, kFileBytesMax));
  TRY(formats::vex::VexDocument document, formats::vex::read_vex(path, bytes, limits));
  std::ranges::move(document.problems, std::back_inserter(problems));
  statements.add(path, std::move(document));
  return {};
}

}  // namespace

Result<VexStatements> read_vex_files(const std::vector<std::string>& paths,
                                     std::vector<Diagnostic>& problems) {
  VexStatements statements;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      TRY_VOID(read_one(path, statements, problems));
      continue;
    }
    TRY(const std::vector<std::string> files, list_files(path, {".json"}, &problems));
    for (const std::string& file : files) {
      const Result<void> read = read_one(file, statements, problems);
      if (read) continue;
      problems.push_back({DiagnosticKind::kWarning, {file, 0, 0, 0}, read.error().message, ""});
    }
  }
  return statements;
}

}  // namespace vedette::engine
