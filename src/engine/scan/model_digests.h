// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/scan/result_cache.h"
#include "event/finding_sink.h"
#include "formats/models/digest_manifest.h"
#include "ingest/ignore_scope.h"

namespace vedette::engine {

struct DigestOptions {
  std::string target;  // a file, or a folder with all below it
  ingest::IgnoreOptions ignore;
  std::uint64_t shard_bytes = formats::models::DigestManifest::kShardBytes;
  // Files that are left out whatever they are called, such as the manifest that is to be written.
  std::vector<std::string> left_out;
  ResultCacheOptions cache;  // files that did not change since an earlier run are not read
  unsigned threads = 0;      // 0: as many as there are processors
};

struct DigestRun {
  formats::models::DigestManifest manifest;
  // `bytes` those that were read, `cached` the files that were not, losses as of every scan.
  event::ScanSummary summary;
};

// Digests of all files of the target: shards on all processors, memory bounded by the files' names
// and shards. What cannot be read whole, or changes meanwhile, is missing, and told. An Error where
// nothing could be begun.
Result<DigestRun> make_digests(const DigestOptions& options, const std::atomic<bool>& stop);

}  // namespace vedette::engine
