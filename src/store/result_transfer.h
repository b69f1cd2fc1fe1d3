// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "store/result_store.h"

// Results carried from one machine to another, as caches of continuous integration do: a folder
// with the results (a database of its own) and a manifest with its SHA-256 and size. With a secret
// the manifest has an HMAC-SHA-256 too: whoever can write to the cache, but does not have the
// secret, cannot make a result that hides a finding.
namespace vedette::store {

struct TransferReport {
  std::uint64_t results = 0;
  std::uint64_t bytes = 0;    // of the folder's database
  std::uint64_t damaged = 0;  // import: results whose checksum is wrong, left out
};

inline constexpr std::string_view kTransferFile = "results.db";
inline constexpr std::string_view kTransferManifest = "manifest";
inline constexpr std::size_t kTransferBytesMax = std::size_t{4} << 30;

// Writes what the store in `from` holds, as of one moment; other processes may use it meanwhile. An
// empty `secret`: no HMAC. Files of an earlier export are replaced, the manifest last. Where no
// store was begun, since no scan had anything to do, nothing is written and no bytes are reported.
Result<TransferReport> export_results(const std::string& from, const std::string& folder,
                                      std::string_view secret);

// Adds what `folder` holds to the store. Refused as a whole where the manifest does not fit the
// database, or with a `secret` where its HMAC is not that of the secret; each result's checksum is
// looked at besides. What the store has already stays.
Result<TransferReport> import_results(const std::string& folder, const ResultStore::Options& into,
                                      std::string_view secret);

}  // namespace vedette::store
