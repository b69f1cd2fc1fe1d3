// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "base/result.h"
#include "scan/models/exchange/exchange_judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace models = vedette::scan::models;
  static const models::ModelRules kRules;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<vedette::event::Finding> findings;
  models::ExchangeReport report(kRules, "model", findings);
  models::judge_exchange(bytes, report);
  const auto tree = vedette::formats::packages::read_json("model", bytes, vedette::Limits{});
  models::judge_exchange_tree(tree.root, report);
  for (const vedette::event::Finding& finding : findings) CHECK(finding.rule != nullptr);
  CHECK(report.take_parts().size() <= models::ExchangeReport::kPartsMax);
  return 0;
}
