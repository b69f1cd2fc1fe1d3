// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "formats/archive/byte_stream.h"
#include "ingest/file_stream.h"
#include "ingest/registry/credentials.h"
#include "ingest/registry/reference.h"

namespace vedette::ingest {

struct RegistryOptions {
  std::string default_registry;  // of names without one: "HOST" or "HOST/FOLDER"
  // "HOST" and the URL that is asked first in its place.
  std::vector<std::pair<std::string, std::string>> mirrors;
  std::string ca_file;                      // empty: the system's
  std::string proxy;                        // empty: none, whatever the environment says
  std::vector<std::string> insecure_hosts;  // that are asked by plain HTTP
  std::string user;                         // of the registry itself; not told to a mirror
  std::string password_file;
  CredentialStore credentials;
  std::int64_t timeout_ms = 30'000;         // how long nothing may come
  std::int64_t retry_wait_ms = 250;         // doubled with each further try
  std::int64_t retry_wait_ms_max = 60'000;  // more than this is not waited for
};

class RegistryConnections;

// One repository of a registry, by the protocol of the OCI distribution specification 1.1: only
// reads. Tokens and passwords go to no host but the registry's own and its token server, and by
// plain HTTP only where RegistryOptions or the loopback interface allow that. Redirections are
// followed, a few, without what authenticates when they lead to another host. Any thread.
class Registry {
 public:
  static constexpr std::size_t kDocumentMax = std::size_t{16} << 20;
  static constexpr int kTriesMax = 5;
  static constexpr int kRedirectsMax = 5;
  // Of one blob: without a byte between, and in all.
  static constexpr int kResumesMax = 4;
  static constexpr int kResumesInAllMax = 100;

  // `limits` and `stop` (null: never) outlive this.
  static Result<std::unique_ptr<Registry>> create(const Reference& reference,
                                                  const RegistryOptions& options,
                                                  const Limits& limits,
                                                  const std::atomic<bool>* stop);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  struct Document {
    std::string digest;  // of these bytes
    std::string media_type;
    std::string bytes;
  };
  // Of a tag or digest; the digest is checked where one was asked for or is said.
  Result<Document> manifest(std::string_view tag_or_digest);
  // The index of what is attached to a manifest (section "Listing Referrers"): by the registry's
  // own list, or where it keeps none under the tag that stands for it. kNotFound: there is neither.
  Result<Document> referrers(std::string_view digest);
  // A stream that asks when it is first read, goes on where a connection breaks, and whose digest
  // nobody has checked. `size` is what the manifest says, 0 where that is not known. `counts` and
  // this outlive it.
  std::unique_ptr<formats::archive::ByteStream> blob(std::string_view digest, std::uint64_t size,
                                                     ReadCounts counts);

 private:
  explicit Registry(std::unique_ptr<RegistryConnections> connections);
  std::unique_ptr<RegistryConnections> connections_;
};

}  // namespace vedette::ingest
