// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "formats/models/exchange/flatbuffer.h"
#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::FlatBuffer;
using formats::models::FlatTable;

// Places of fields in CatBoost's model.fbs.
constexpr std::uint16_t kCoreTrees = 1;
constexpr std::uint16_t kTreesSplits = 1;
constexpr std::uint16_t kTreesSizes = 2;
constexpr std::uint16_t kTreesStarts = 3;

// Trees are pieces of one list of splits.
std::string trees_fault(const FlatTable& trees) {
  const std::size_t splits = trees.count(kTreesSplits);
  const std::string_view sizes = trees.vector(kTreesSizes, 4);
  const std::string_view starts = trees.vector(kTreesStarts, 4);
  if (!starts.empty() && starts.size() != sizes.size()) {
    return fmt::format("{} trees have {} places", sizes.size() / 4, starts.size() / 4);
  }
  std::uint64_t next = 0;
  for (std::size_t at = 0; at < sizes.size(); at += 4) {
    const std::uint64_t start = starts.empty() ? next : FlatBuffer::number(starts, at, 4);
    const std::uint64_t size = FlatBuffer::number(sizes, at, 4);
    if (start > splits || size > splits - start)
      return fmt::format("a tree of {} splits at {} lies outside of {}", size, start, splits);
    next = start + size;
  }
  return {};
}

}  // namespace

// A mark, the size of the core, the core as a FlatBuffer, then parts that it names
// (catboost/libs/model/model.cpp). Pickles may begin with the same letters.
Claim judge_catboost(std::string_view bytes, ExchangeReport& report) {
  if (!bytes.starts_with("CBM1") || bytes.size() < 8) return Claim::kOther;
  const std::uint64_t size = FlatBuffer::number(bytes, 4, 4);
  // A text may begin with the mark.
  const bool is_text = std::ranges::all_of(
      bytes.substr(4, 4), [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r'; });
  if (is_text) return Claim::kOther;
  if (size > bytes.size() - 8) {
    report.add_fault("CatBoost", fmt::format("its core of {} bytes is longer than the file", size));
    return Claim::kShared;
  }
  FlatBuffer core(bytes.substr(8, static_cast<std::size_t>(size)));
  const FlatTable root = core.root();
  const std::string fault = trees_fault(root.table(kCoreTrees));
  if (core.is_damaged()) {
    report.add_fault("CatBoost", "a table or list of its core lies outside of it");
  } else if (!fault.empty()) {
    report.add_fault("CatBoost", fault);
  }
  return Claim::kShared;
}

}  // namespace vedette::scan::models
