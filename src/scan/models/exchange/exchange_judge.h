// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/packages/tree.h"
#include "scan/models/exchange/exchange_report.h"

// Formats in which models go from one library or device to another, each known by its content:
// HDF5, TensorFlow Lite, Core ML, OpenVINO, PMML, MXNet, PaddlePaddle, Caffe, MessagePack (Flax),
// XGBoost, LightGBM, CatBoost, TensorRT, NumPy, Keras beside TensorFlow's graphs.
namespace vedette::scan::models {

enum class Claim : std::uint8_t {
  kOther,   // none of these
  kShared,  // judged, but the same bytes may be something else as well
  kWhole,   // judged, and nothing else
};

Claim judge_exchange(std::string_view bytes, ExchangeReport& report);

// Of those that are JSON, once it was read: MXNet, PaddlePaddle's programs, XGBoost, the table of
// contents of a Core ML package. Says nothing of others.
void judge_exchange_tree(const formats::packages::Node& root, ExchangeReport& report);

// One format each.
Claim judge_hdf5(std::string_view bytes, ExchangeReport& report);
Claim judge_tflite(std::string_view bytes, ExchangeReport& report);
Claim judge_coreml(std::string_view bytes, ExchangeReport& report);
Claim judge_caffe(std::string_view bytes, ExchangeReport& report);
Claim judge_caffe_text(std::string_view bytes, ExchangeReport& report);
Claim judge_paddle(std::string_view bytes, ExchangeReport& report);
Claim judge_mxnet_arrays(std::string_view bytes, ExchangeReport& report);
Claim judge_msgpack(std::string_view bytes, ExchangeReport& report);
Claim judge_xgboost_binary(std::string_view bytes, ExchangeReport& report);
Claim judge_lightgbm(std::string_view bytes, ExchangeReport& report);
Claim judge_catboost(std::string_view bytes, ExchangeReport& report);
Claim judge_saved_keras(std::string_view bytes, ExchangeReport& report);
Claim judge_tensorrt(std::string_view bytes, ExchangeReport& report);
Claim judge_numpy(std::string_view bytes, ExchangeReport& report);
Claim judge_xml(std::string_view bytes, ExchangeReport& report);

void judge_mxnet_graph(const formats::packages::Node& root, ExchangeReport& report);
void judge_paddle_tree(const formats::packages::Node& root, ExchangeReport& report);
void judge_xgboost_tree(const formats::packages::Node& root, ExchangeReport& report);
void judge_coreml_manifest(const formats::packages::Node& root, ExchangeReport& report);

}  // namespace vedette::scan::models
