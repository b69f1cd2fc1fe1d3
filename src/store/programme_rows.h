// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/programme.h"
#include "store/database.h"

// What writing and reading a programme's rows have in common.
namespace vedette::store {

std::int64_t checksum_of(const event::ProgrammeFinding& one);
std::int64_t checksum_of(const event::Dismissal& one);
// Of the run and all that belongs to it; `numbers` are those of the findings that its sightings
// point to, in the file.
std::int64_t checksum_of(const event::ProgrammeRun& run, const std::vector<std::int64_t>& numbers);
// -1: nobody judged.
std::int64_t verdict_number(const event::ProgrammeRun& run);

std::string text_of(const Database::Statement& row, int column);
std::unexpected<Error> damaged(std::string what);

template <typename Enum, std::size_t kCount>
Result<Enum> value_of(const Database::Statement& row, int column,
                      const std::array<std::string_view, kCount>& names) {
  const std::int64_t number = row.number(column);
  if (number < 0 || number >= static_cast<std::int64_t>(names.size()))
    return damaged("a value that is none");
  return static_cast<Enum>(number);
}

}  // namespace vedette::store
