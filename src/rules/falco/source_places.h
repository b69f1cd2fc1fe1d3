// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace vedette::rules::falco {

// The texts of files, to say where in them something stands: conditions run over lines, and lists
// are put into them, so places in a condition are none in the file.
class SourcePlaces {
 public:
  void add(std::string_view text, const std::string& file);

  // Where `token` first stands behind `start`, within the same item; `start` if it does not.
  Place find(const Place& start, const std::string& token) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace vedette::rules::falco
