// SPDX-License-Identifier: Apache-2.0
#include "scan/models/tensorflow_operations.h"

#include <algorithm>
#include <array>

namespace vedette::scan::models {
namespace {

constexpr auto kOperations = std::to_array<TensorflowOperation>({
    {"PyFunc", ModelRule::kRunsCode, "calls Python code"},
    {"PyFuncStateless", ModelRule::kRunsCode, "calls Python code"},
    {"EagerPyFunc", ModelRule::kRunsCode, "calls Python code"},
    {"ReadFile", ModelRule::kReadsFiles, "reads files"},
    {"WriteFile", ModelRule::kChangesFiles, "writes files"},
    {"MatchingFiles", ModelRule::kReadsFiles, "lists files"},
    {"WholeFileReader", ModelRule::kReadsFiles, "reads files"},
    {"WholeFileReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"TextLineReader", ModelRule::kReadsFiles, "reads files"},
    {"TextLineReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"FixedLengthRecordDataset", ModelRule::kReadsFiles, "reads files"},
    {"FixedLengthRecordDatasetV2", ModelRule::kReadsFiles, "reads files"},
    {"TextLineDataset", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordDataset", ModelRule::kReadsFiles, "reads files"},
    {"SqlDataset", ModelRule::kReadsFiles, "reads a database"},
    {"LMDBDataset", ModelRule::kReadsFiles, "reads files"},
    {"DatasetToTFRecord", ModelRule::kChangesFiles, "writes files"},
    {"SaveDataset", ModelRule::kChangesFiles, "writes files"},
    {"DistributedSave", ModelRule::kChangesFiles, "writes files"},
    {"DebugIdentityV2", ModelRule::kChangesFiles, "writes files"},
    {"DebugIdentityV3", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"RpcCall", ModelRule::kUsesNetwork, "uses the network"},
    {"RpcClient", ModelRule::kUsesNetwork, "uses the network"},
    {"RegisterDataset", ModelRule::kUsesNetwork, "uses the network"},
});

}  // namespace

const TensorflowOperation* find_tensorflow_operation(std::string_view name) {
  const auto* const found = std::ranges::find(kOperations, name, &TensorflowOperation::name);
  return found == kOperations.end() ? nullptr : found;
}

}  // namespace vedette::scan::models
