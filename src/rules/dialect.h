// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "rules/model.h"

// What every rule language is to the loader of files (load.h).
namespace vedette::rules {

struct LoadOptions {
  std::vector<std::string> paths;      // files and folders with *.yml, *.yaml
  std::vector<std::string> pipelines;  // Sigma: processing pipelines, applied by their `priority`
  // Sigma: placeholder -> its values (`|expand`), from --vars FILE.
  std::map<std::string, std::vector<std::string>, std::less<>> variables;
  Limits limits;
};

// Takes the texts of one language file by file and makes rules of all of them together: references
// may cross files.
class DialectLoader {
 public:
  DialectLoader() = default;
  DialectLoader(const DialectLoader&) = delete;
  DialectLoader& operator=(const DialectLoader&) = delete;
  virtual ~DialectLoader() = default;

  virtual void add_text(std::string_view text, const std::string& file) = 0;
  // Called once. A rule that cannot be evaluated exactly is in RuleSet::refused with its reason;
  // the others load.
  virtual RuleSet finish() = 0;
};

}  // namespace vedette::rules
