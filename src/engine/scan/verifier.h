// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/finding_sink.h"
#include "rules/secret/model.h"
#include "scan/secrets/secret_watcher.h"

namespace vedette::engine {

// Whether and how providers are asked.
struct VerifyOptions {
  bool enabled = false;
  // Rules of ours name their providers' hosts. Those of others are asked only at these.
  bool trust_packs = false;
  std::vector<std::string> hosts;
  std::string ca_file;                         // empty: the system's
  std::map<std::string, std::string> connect;  // host to ADDRESS:PORT, for stand-ins and tunnels
  std::uint32_t requests_per_host_max = 100;
  std::int64_t timeout_ms = 10'000;
};

struct VerifyAnswer {
  long status = 0;
  std::string body;
};
// One question: over TLS to the host of the URL alone, no redirection followed.
using VerifyAsk = std::function<Result<VerifyAnswer>(const rules::secret::Verification& how,
                                                     const std::vector<std::string>& headers)>;
VerifyAsk ask_over_https(const VerifyOptions& options);

// Asks the providers of the secrets that are told whether they are good, and adds the answer to the
// evidence of the finding on its way to the next sink: "verified:live", ":revoked" or ":unknown".
// To be told apart, secrets are kept in memory from when they are seen until the end, up to a
// bound; they go nowhere but into the one request. Each secret is asked for once.
class Verifier : public event::FindingSink, public scan::secrets::SecretWatcher {
 public:
  static constexpr std::size_t kSecretsMax = 10'000;
  static constexpr std::size_t kSecretBytesMax = 4096;
  // In a row, after which a host is left alone.
  static constexpr std::uint32_t kFailuresMax = 3;

  // `next` and `stop` outlive this. Once `stop` is set nobody is asked.
  Verifier(event::FindingSink& next, VerifyOptions options, VerifyAsk ask,
           const std::atomic<bool>& stop)
      : next_(next), options_(std::move(options)), ask_(std::move(ask)), stop_(stop) {}
  ~Verifier() override;

  void see(const rules::secret::SecretRule& rule, std::string_view secret,
           const event::Finding& finding) override;
  Result<void> write(const event::Finding& finding) override;
  Result<void> finish(const event::ScanSummary& summary) override { return next_.finish(summary); }

 private:
  enum class Verdict : std::uint8_t { kLive, kRevoked, kUnknown };
  struct Seen {
    const rules::secret::Verification* how = nullptr;  // the rule set's
    std::string secret;
  };
  struct Host {
    std::uint32_t requests = 0;
    std::uint32_t failures = 0;
  };
  struct Said {
    Verdict verdict = Verdict::kUnknown;
    std::string text;
  };
  Said verify(const std::string& identity);
  Said ask(const Seen& seen);

  event::FindingSink& next_;
  const VerifyOptions options_;
  const VerifyAsk ask_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;                  // of seen_
  std::map<std::string, Seen> seen_;  // by identity
  std::map<std::string, Said> said_;  // by identity
  std::map<std::string, Host, std::less<>> hosts_;
};

}  // namespace vedette::engine
