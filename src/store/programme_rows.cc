// SPDX-License-Identifier: Apache-2.0
#include "store/programme_rows.h"

#include <array>
#include <bit>
#include <utility>

#include "base/hash.h"

namespace vedette::store {
namespace {

using event::ProgrammeRun;
using event::Sighting;

// What a checksum is made of: fields that cannot run into each other.
class Fields {
 public:
  Fields& text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  // The same bytes on every machine.
  Fields& number(std::int64_t number) {
    const auto bits = std::bit_cast<std::uint64_t>(number);
    std::array<char, sizeof(bits)> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bits >> (8 * i));
    bytes_.append(bytes.data(), bytes.size());
    return *this;
  }
  std::int64_t checksum() const { return std::bit_cast<std::int64_t>(hash_bytes(bytes_)); }

 private:
  std::string bytes_;
};

}  // namespace

std::int64_t verdict_number(const ProgrammeRun& run) {
  return run.verdict ? static_cast<std::int64_t>(*run.verdict) : -1;
}

std::int64_t checksum_of(const event::ProgrammeFinding& one) {
  Fields fields;
  for (const auto* text :
       {&one.identity, &one.kind, &one.rule, &one.title, &one.package, &one.path})
    fields.text(*text);
  return fields.checksum();
}

std::int64_t checksum_of(const event::Dismissal& one) {
  Fields fields;
  for (const auto* text : {&one.finding, &one.repository, &one.by, &one.note}) fields.text(*text);
  return fields.number(static_cast<std::int64_t>(one.reason)).number(one.time).checksum();
}

std::int64_t checksum_of(const ProgrammeRun& run, const std::vector<std::int64_t>& numbers) {
  Fields fields;
  const event::RunFacts& facts = run.facts;
  for (const auto* text :
       {&run.id, &facts.repository, &facts.branch, &facts.commit, &facts.release, &facts.pipeline})
    fields.text(*text);
  fields.number(facts.time).number(verdict_number(run)).number(run.incomplete ? 1 : 0);
  for (const event::ScannerRun& one : run.scanners)
    fields.text(one.name).number(one.complete ? 1 : 0).number(one.duration.value_or(-1));
  for (const Sighting& one : run.sightings) {
    fields.number(numbers[one.finding]).number(one.scanner);
    fields.number(static_cast<std::int64_t>(one.severity));
    fields.number(static_cast<std::int64_t>(one.verdict));
    fields.number(static_cast<std::int64_t>(one.exception));
  }
  return fields.checksum();
}

std::string text_of(const Database::Statement& row, int column) {
  return std::string(row.bytes(column));
}

std::unexpected<Error> damaged(std::string what) {
  return failure(ErrorCode::kInvalid, std::move(what));
}

}  // namespace vedette::store
