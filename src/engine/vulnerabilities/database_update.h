// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace vedette::engine {

struct DatabaseUpdateOptions {
  http::ClientOptions http;  // `url`: the folder of the mirror
  std::string key;           // file with the public key, PEM
  std::string database;      // to be brought up to date; need not be there
};

struct DatabaseUpdateReport {
  bool was_current = false;
  bool by_delta = false;
  std::string date;              // of the newest advisory now
  std::uint64_t downloaded = 0;  // bytes, manifest not counted
  std::uint64_t resumed = 0;     // bytes that an earlier try had got
};

// Gets the signed manifest of a mirror (`latest`, `latest.sig`), then what is missing, and puts the
// database in place, whole or not at all. What was downloaded when the connection broke is kept
// beside the database for the next try. Nothing is believed that is not signed, and nothing older
// than what is there is taken. https only, but on the loopback interface.
Result<DatabaseUpdateReport> update_database(const DatabaseUpdateOptions& options,
                                             const std::atomic<bool>& stop);

struct DatabasePublishOptions {
  std::string database;
  std::vector<std::string> earlier;  // databases to make deltas from
  std::string key;                   // file with the private key, PEM
  std::string folder;                // of the mirror
};

// Writes what update_database() reads; the manifest last.
Result<void> publish_database(const DatabasePublishOptions& options);

}  // namespace vedette::engine
