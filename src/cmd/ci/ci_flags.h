// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cmd/command_line.h"
#include "cmd/gate/comment_flags.h"
#include "cmd/scan/image_origin_flags.h"
#include "engine/gate/gate_run.h"
#include "event/programme.h"

namespace vedette::cmd {

// The secret of --cache-export and --cache-import; never on the command line, where others see it.
inline constexpr const char* kCacheSecretVariable = "VEDETTE_CACHE_KEY";

// The flags of `vedette ci`.
struct CiFlags {
  std::string folder;
  std::string base;
  std::string head;
  bool staged = false;
  bool all = false;
  std::vector<std::string> only;
  std::vector<std::string> without;
  std::vector<std::string> images;
  ImageOriginFlags origin;
  std::vector<std::string> rules;
  bool thorough = false;
  std::vector<std::string> excludes;
  std::string database;
  std::vector<std::string> statements;
  std::string usage;
  engine::GateOptions gate;
  std::string now;
  bool explain = false;
  std::string budget;
  bool resume = false;
  std::string format;
  std::string output;
  std::vector<std::string> reports;
  CommentFlags comment;
  std::string findings_folder;
  std::string stages;
  std::string trace;
  std::string cache_folder;
  bool no_cache = false;
  std::string cache_export;
  std::string cache_import;
  std::string history;
  event::RunFacts facts;  // what is empty is found
  unsigned threads = 0;
  bool quiet = false;

  // Rows that fill this object, which must stay where it is.
  std::vector<Flag> rows();
};

}  // namespace vedette::cmd
