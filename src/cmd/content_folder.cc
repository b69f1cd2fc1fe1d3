// SPDX-License-Identifier: Apache-2.0
#include "cmd/content_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace vedette::cmd {
namespace {

namespace fs = std::filesystem;

bool is_content(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "logsources", error);
}

}  // namespace

Result<std::string> find_content_folder(const std::string& variable, const std::string& program) {
  if (!variable.empty()) {
    if (is_content(variable)) return variable;
    return failure(ErrorCode::kNotFound,
                   fmt::format("expected a content folder (with logsources/) at $VEDETTE_CONTENT, "
                               "found none at '{}'; correct or unset the variable",
                               variable));
  }
  const fs::path folder = fs::path(program).parent_path();
  const fs::path places[] = {(folder / "../../../content").lexically_normal(),
                             (folder / "../share/vedette/content").lexically_normal()};
  for (const fs::path& place : places) {
    if (is_content(place)) return place.string();
  }
  return failure(ErrorCode::kNotFound,
                 fmt::format("expected the content folder (with logsources/) at {} or {}, found "
                             "neither; set VEDETTE_CONTENT to where it lies",
                             places[0].string(), places[1].string()));
}

Result<std::string> find_content_folder() {
  const char* variable = std::getenv("VEDETTE_CONTENT");
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return find_content_folder(variable == nullptr ? "" : variable, program.string());
}

}  // namespace vedette::cmd
