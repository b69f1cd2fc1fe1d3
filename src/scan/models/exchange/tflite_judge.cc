// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "formats/models/exchange/tflite.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/tensorflow_operations.h"

namespace vedette::scan::models {
namespace {

using formats::models::TfliteModel;

// "FlexReadFile" is TensorFlow's ReadFile, which the Flex delegate runs.
constexpr std::string_view kFlex = "Flex";

void judge_flex(const TfliteModel::Custom& custom, ExchangeReport& report) {
  const std::string_view called = custom.name.substr(kFlex.size());
  std::vector<std::string_view> names = {called};
  names.insert(names.end(), custom.tensorflow.begin(), custom.tensorflow.end());
  for (const std::string_view name : names) {
    const TensorflowOperation* operation = find_tensorflow_operation(name);
    if (operation == nullptr) continue;
    report.add(operation->rule, custom.name,
               fmt::format("Running the graph {} (operation {} of TensorFlow); an interpreter "
                           "without the Flex delegate refuses it",
                           operation->does, name));
  }
  for (const std::string_view name : custom.tensorflow) {
    if (name == called) continue;
    report.add(ModelRule::kIndirectCall, shown(name),
               fmt::format("An operation that is called {} runs TensorFlow's {}",
                           shown(custom.name), shown(name)));
  }
}

}  // namespace

// Metadata, and a zip behind it (TensorFlow Lite Metadata, "associated files"), are read as what
// they are.
Claim judge_tflite(std::string_view bytes, ExchangeReport& report) {
  if (!formats::models::is_tflite(bytes)) return Claim::kOther;
  const TfliteModel model = formats::models::read_tflite(bytes);
  for (const std::string& fault : model.faults) report.add_fault("TensorFlow Lite", fault);
  std::vector<std::string_view> flex;
  std::vector<std::string_view> custom;
  for (const TfliteModel::Custom& one : model.custom) {
    const bool is_flex = one.name.starts_with(kFlex);
    (is_flex ? flex : custom).push_back(one.name);
    if (is_flex) judge_flex(one, report);
  }
  report.add_custom("operations of the Flex delegate", std::move(flex));
  report.add_custom("operations of the application", std::move(custom));
  for (const auto& [name, content] : model.metadata) report.add_part(name, content);
  if (model.is_cut) report.set_cut();
  return Claim::kShared;
}

}  // namespace vedette::scan::models
