// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ingest/git_folder.h"
#include "ingest/ignore_rules.h"

// The first line is a path, the rest an ignore file, or a configuration of git.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vedette::ingest::EntryKind;
  using vedette::ingest::IgnoreRules;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view path = text.substr(0, end);
  const IgnoreRules rules = IgnoreRules::parse(text.substr(end));
  const auto file = rules.judge(path, EntryKind::kFile);
  // A line for folders alone is the only difference.
  if (text.find("/\n") == std::string_view::npos && text.find('/') == std::string_view::npos &&
      file != rules.judge(path, EntryKind::kFolder)) {
    __builtin_trap();
  }
  static_cast<void>(vedette::ingest::core_setting(text, "excludesfile"));
  return 0;
}
