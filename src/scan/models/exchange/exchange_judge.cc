// SPDX-License-Identifier: Apache-2.0
#include "scan/models/exchange/exchange_judge.h"

#include <array>

namespace vedette::scan::models {

Claim judge_exchange(std::string_view bytes, ExchangeReport& report) {
  constexpr auto kJudges = std::to_array<Claim (*)(std::string_view, ExchangeReport&)>(
      {judge_hdf5, judge_numpy, judge_tflite, judge_catboost, judge_tensorrt, judge_mxnet_arrays,
       judge_xml, judge_xgboost_binary, judge_lightgbm, judge_saved_keras, judge_coreml,
       judge_paddle, judge_caffe, judge_caffe_text, judge_msgpack});
  for (const auto judge : kJudges) {
    if (const Claim claim = judge(bytes, report); claim != Claim::kOther) return claim;
  }
  return Claim::kOther;
}

void judge_exchange_tree(const formats::packages::Node& root, ExchangeReport& report) {
  judge_mxnet_graph(root, report);
  judge_paddle_tree(root, report);
  judge_xgboost_tree(root, report);
  judge_coreml_manifest(root, report);
}

}  // namespace vedette::scan::models
