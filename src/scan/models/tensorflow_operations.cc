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
    {"TFRecordDatasetV2", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordReader", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"FixedLengthRecordReader", ModelRule::kReadsFiles, "reads files"},
    {"FixedLengthRecordReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"LMDBReader", ModelRule::kReadsFiles, "reads files"},
    {"CSVDataset", ModelRule::kReadsFiles, "reads files"},
    {"CSVDatasetV2", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalCSVDataset", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalLMDBDataset", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalSqlDataset", ModelRule::kReadsFiles, "reads a database"},
    {"LoadDataset", ModelRule::kReadsFiles, "reads files"},
    {"ImmutableConst", ModelRule::kReadsFiles, "maps a file into memory"},
    {"SqlDataset", ModelRule::kReadsFiles, "reads a database"},
    {"LMDBDataset", ModelRule::kReadsFiles, "reads files"},
    {"DatasetToTFRecord", ModelRule::kChangesFiles, "writes files"},
    {"SaveDataset", ModelRule::kChangesFiles, "writes files"},
    {"SaveDatasetV2", ModelRule::kChangesFiles, "writes files"},
    {"SnapshotDataset", ModelRule::kChangesFiles, "writes files"},
    {"SnapshotDatasetV2", ModelRule::kChangesFiles, "writes files"},
    {"ExperimentalDatasetToTFRecord", ModelRule::kChangesFiles, "writes files"},
    {"CreateSummaryFileWriter", ModelRule::kChangesFiles, "writes files"},
    {"CreateSummaryDbWriter", ModelRule::kChangesFiles, "writes a database"},
    {"DistributedSave", ModelRule::kChangesFiles, "writes files"},
    {"DebugIdentityV2", ModelRule::kChangesFiles, "writes files"},
    {"DebugIdentityV3", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"RpcCall", ModelRule::kUsesNetwork, "uses the network"},
    {"RpcClient", ModelRule::kUsesNetwork, "uses the network"},
    {"FixedLengthRecordReader", ModelRule::kReadsFiles, "reads files"},
    {"FixedLengthRecordReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordReader", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordReaderV2", ModelRule::kReadsFiles, "reads files"},
    {"LMDBReader", ModelRule::kReadsFiles, "reads files"},
    {"TFRecordDatasetV2", ModelRule::kReadsFiles, "reads files"},
    {"CSVDataset", ModelRule::kReadsFiles, "reads files"},
    {"CSVDatasetV2", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalCSVDataset", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalLMDBDataset", ModelRule::kReadsFiles, "reads files"},
    {"ExperimentalSqlDataset", ModelRule::kReadsFiles, "reads a database"},
    {"LoadDataset", ModelRule::kReadsFiles, "reads files"},
    {"LoadAndRemapMatrix", ModelRule::kReadsFiles, "reads files"},
    {"SnapshotDataset", ModelRule::kChangesFiles, "writes files"},
    {"SnapshotDatasetV2", ModelRule::kChangesFiles, "writes files"},
    {"SaveDatasetV2", ModelRule::kChangesFiles, "writes files"},
    {"CreateSummaryFileWriter", ModelRule::kChangesFiles, "writes files"},
    {"CreateSummaryDbWriter", ModelRule::kChangesFiles, "writes a database"},
    {"ImportEvent", ModelRule::kChangesFiles, "writes files"},
    {"DebugIdentity", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"DataServiceDataset", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV2", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV3", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV4", ModelRule::kUsesNetwork, "uses the network"},
    {"RegisterDataset", ModelRule::kUsesNetwork, "uses the network"},
    {"RegisterDatasetV2", ModelRule::kUsesNetwork, "uses the network"},
    {"DebugIdentity", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"DebugNanCount", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"DebugNumericSummary", ModelRule::kUsesNetwork, "sends tensors elsewhere"},
    {"DataServiceDataset", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV2", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV3", ModelRule::kUsesNetwork, "uses the network"},
    {"DataServiceDatasetV4", ModelRule::kUsesNetwork, "uses the network"},
    {"KafkaDataset", ModelRule::kUsesNetwork, "uses the network"},
    {"BigQueryReader", ModelRule::kUsesNetwork, "uses the network"},
    {"PubSubDataset", ModelRule::kUsesNetwork, "uses the network"},
    {"RpcServer", ModelRule::kUsesNetwork, "uses the network"},
    {"RpcServerStart", ModelRule::kUsesNetwork, "uses the network"},
    {"Abort", ModelRule::kRunsCode, "ends the program"},
});

}  // namespace

const TensorflowOperation* find_tensorflow_operation(std::string_view name) {
  const auto* const found = std::ranges::find(kOperations, name, &TensorflowOperation::name);
  return found == kOperations.end() ? nullptr : found;
}

}  // namespace vedette::scan::models
