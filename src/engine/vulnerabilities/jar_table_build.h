// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"

namespace vedette::engine {

struct JarTableBuildOptions {
  // Jars, and folders of them: a local Maven repository, Gradle's cache, a mirror.
  std::vector<std::string> inputs;
  std::string output;
  Limits limits;
};

struct JarTableBuildReport {
  std::uint64_t jars = 0;      // that were read
  std::uint64_t unnamed = 0;   // without group, artifact and version, or another file of a release
  std::uint64_t releases = 0;  // with classes that tell
  std::uint64_t classes = 0;   // that are kept
  std::uint64_t bytes = 0;     // of the file
  double seconds = 0;
  std::uint64_t unreadable = 0;      // jars and classes
  std::vector<Diagnostic> problems;  // the first of these
  static constexpr std::size_t kProblemsMax = 100;
};

// Makes a formats::packages::JarTable and puts it in place of `output`, whole or not at all. An
// Error where an input is not there, no jar was found, there are too many, or `stop` came.
Result<JarTableBuildReport> build_jar_table(const JarTableBuildOptions& options,
                                            const std::atomic<bool>& stop);

}  // namespace vedette::engine
