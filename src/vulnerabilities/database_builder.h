// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/advisories/advisory.h"
#include "formats/advisories/exploitation.h"
#include "vulnerabilities/record.h"

namespace vedette::vulnerabilities {

// Makes a database's bytes. The same content gives the same bytes, in whatever order it is handed
// in; nothing of the clock or of this machine gets in. Holds all of it in memory.
class DatabaseBuilder {
 public:
  DatabaseBuilder();
  ~DatabaseBuilder();

  // A number for it, for add(). Its counts are the builder's work, except for `unreadable`.
  std::uint32_t add_input(InputRecord input);
  InputRecord& input(std::uint32_t number);

  // A withdrawn one is counted only. Of two with the same id the one modified later stays.
  void add(formats::advisories::Advisory advisory, std::uint32_t input, std::string place);
  void add(const formats::advisories::ExploitedCatalogue& catalogue, std::uint32_t input);
  void add(const formats::advisories::Likelihoods& likelihoods, std::uint32_t input);
  void add(const std::vector<formats::advisories::Exploit>& exploits, std::uint32_t input);
  void add(const std::vector<Lifecycle>& lifecycles, std::uint32_t input);

  // What was added is used up. ErrorCode::kLimit where it is more than the file's layout holds.
  Result<std::string> build();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::vulnerabilities
