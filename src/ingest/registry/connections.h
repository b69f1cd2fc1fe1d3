// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/download.h"
#include "ingest/registry/challenge.h"
#include "ingest/registry/registry.h"

namespace vedette::ingest {

// Requests to the servers of one repository: the mirrors and the registry itself, with what each
// wants to know of us. Any thread.
class RegistryConnections {
 public:
  RegistryConnections(const Reference& reference, const RegistryOptions& options,
                      const Limits& limits, const std::atomic<bool>* stop);

  // A connection that goes back to the others when it is done with.
  class Lease {
   public:
    Lease(RegistryConnections& owner, std::unique_ptr<http::Download> download)
        : owner_(&owner), download_(std::move(download)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept = default;
    ~Lease() {
      if (download_ != nullptr) owner_->give_back(std::move(download_));
    }
    http::Download& operator*() const { return *download_; }
    http::Download* operator->() const { return download_.get(); }

   private:
    RegistryConnections* owner_;
    std::unique_ptr<http::Download> download_;
  };
  struct Answer {
    Lease lease;  // at the begin of the body
    http::ResponseHead head;
  };

  // GET of `path` below the repository, of the first server that has it; from then on of that one.
  // An answer is one of success, or `missing_status` (0: none).
  Result<Answer> get(std::string_view path, const std::vector<std::string>& headers,
                     long missing_status = 0);
  // Before a further try: as long as a server asked for, else (0) the longer the more there were.
  Result<void> wait(int tries, TimeNs asked) const;
  bool is_stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }
  const Reference& reference() const { return reference_; }
  const Limits& limits() const { return limits_; }

 private:
  struct Server {
    std::string url;   // without a slash at the end
    std::string host;  // with its port
    bool is_registry = false;
    std::string authorization;  // the value of the header, guarded by mutex_
  };

  Result<Answer> get_of(Server& server, const std::string& url,
                        const std::vector<std::string>& headers, int tries_max);
  Result<Lease> lease();
  void give_back(std::unique_ptr<http::Download> download);
  std::string authorization_of(const Server& server);
  // What the server's challenge asks for becomes its authorization.
  Result<void> authenticate(Server& server, std::string_view challenge);
  Result<std::string> fetch_token(const Challenge& challenge, const Credentials& credentials);
  Result<Credentials> credentials_of(const Server& server) const;
  Result<void> check_url(std::string_view url) const;
  Error refused(const Server& server, const std::string& url, long status) const;

  const Reference reference_;
  const RegistryOptions options_;
  const Limits& limits_;
  const std::atomic<bool>* const stop_;
  std::vector<Server> servers_;  // in the order of asking
  std::mutex mutex_;             // of the following, and of Server::authorization
  std::size_t chosen_ = 0;       // of servers_
  bool is_chosen_ = false;
  std::vector<std::unique_ptr<http::Download>> idle_;
};

}  // namespace vedette::ingest
