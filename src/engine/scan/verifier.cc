// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/verifier.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "http/client.h"
#include "rules/secret/verification_reader.h"

namespace vedette::engine {
namespace {

using rules::secret::Verification;

constexpr std::string_view kPlaceholder = "{secret}";
constexpr long kTooManyRequests = 429;

// What may stand in a header: no line break, no blank.
bool is_sendable(std::string_view secret) {
  return !secret.empty() &&
         std::ranges::all_of(secret, [](char c) { return c > ' ' && c < '\x7F'; });
}

void wipe(std::string& secret) { ::explicit_bzero(secret.data(), secret.size()); }

bool has(const std::vector<std::uint32_t>& codes, long status) {
  return std::ranges::any_of(codes,
                             [status](std::uint32_t code) { return std::cmp_equal(code, status); });
}

}  // namespace

VerifyAsk ask_over_https(const VerifyOptions& options) {
  return [options](const Verification& how,
                   const std::vector<std::string>& headers) -> Result<VerifyAnswer> {
    const std::string host(rules::secret::host_of(how.url));
    http::ClientOptions http;
    http.url = how.url;
    http.ca_file = options.ca_file;
    http.timeout_ms = options.timeout_ms;
    http.user_agent = "vedette";
    if (const auto other = options.connect.find(host); other != options.connect.end())
      http.connect_to = other->second;
    TRY(http::Client client, http::Client::create(http));
    TRY(http::Response response, client.request(how.method, headers));
    return VerifyAnswer{response.status, std::move(response.body)};
  };
}

Verifier::~Verifier() {
  for (auto& [identity, seen] : seen_) wipe(seen.secret);
}

void Verifier::see(const rules::secret::SecretRule& rule, std::string_view secret,
                   const event::Finding& finding) {
  if (!rule.verification || secret.size() > kSecretBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (seen_.size() >= kSecretsMax || seen_.contains(finding.identity)) return;
  seen_.emplace(finding.identity, Seen{&*rule.verification, std::string(secret)});
}

Result<void> Verifier::write(const event::Finding& finding) {
  const Said said = verify(finding.identity);
  if (said.text.empty()) return next_.write(finding);
  constexpr std::array<std::string_view, 3> kVerdicts = {"live", "revoked", "unknown"};
  event::Finding verified = finding;
  verified.evidence.insert(
      verified.evidence.begin(),
      {fmt::format("verified:{}", kVerdicts[static_cast<std::size_t>(said.verdict)]), said.text,
       0});
  if (said.verdict == Verdict::kLive) {
    verified.message += "; live: " + said.text;
    verified.confidence = event::Confidence::kHigh;
    verified.probability = 1;
  }
  return next_.write(verified);
}

// An empty text: nobody can be asked.
Verifier::Said Verifier::verify(const std::string& identity) {
  if (const auto said = said_.find(identity); said != said_.end()) return said->second;
  Seen seen;
  {
    const std::lock_guard lock(mutex_);
    const auto found = seen_.find(identity);
    if (found == seen_.end()) return {};
    seen = found->second;
  }
  Said said = ask(seen);
  wipe(seen.secret);
  said_.emplace(identity, said);
  return said;
}

Verifier::Said Verifier::ask(const Seen& seen) {
  const Verification& how = *seen.how;
  const std::string host(rules::secret::host_of(how.url));
  if (!options_.trust_packs && std::ranges::find(options_.hosts, host) == options_.hosts.end())
    return {Verdict::kUnknown, fmt::format("{} was not asked: name it with --verify-host", host)};
  if (stop_.load(std::memory_order_relaxed))
    return {Verdict::kUnknown, fmt::format("{} was not asked: the scan was interrupted", host)};
  if (!is_sendable(seen.secret))
    return {Verdict::kUnknown, fmt::format("{} was not asked: it cannot be sent", host)};
  Host& asked = hosts_[host];
  if (asked.failures >= kFailuresMax)
    return {Verdict::kUnknown, fmt::format("{} was not asked: it does not answer", host)};
  if (asked.requests >= options_.requests_per_host_max)
    return {Verdict::kUnknown, fmt::format("{} was not asked: it was asked often enough", host)};
  ++asked.requests;
  std::vector<std::string> headers = how.headers;
  for (std::string& header : headers) {
    const std::size_t at = header.find(kPlaceholder);
    if (at != std::string::npos) header.replace(at, kPlaceholder.size(), seen.secret);
  }
  Result<VerifyAnswer> answer = ask_(how, headers);
  for (std::string& header : headers) wipe(header);
  if (!answer || answer->status == kTooManyRequests) {
    asked.failures = answer ? kFailuresMax : asked.failures + 1;
    return {Verdict::kUnknown, fmt::format("{} gave no answer", host)};
  }
  asked.failures = 0;
  const auto holds = [&](const std::vector<std::string>& texts) {
    return texts.empty() || std::ranges::any_of(texts, [&](const std::string& text) {
             return answer->body.find(text) != std::string::npos;
           });
  };
  if (has(how.live, answer->status) && holds(how.live_texts))
    return {Verdict::kLive, fmt::format("{} accepts it", host)};
  if (has(how.revoked, answer->status) && holds(how.revoked_texts))
    return {Verdict::kRevoked, fmt::format("{} refuses it", host)};
  return {Verdict::kUnknown,
          fmt::format("{} answered {}, which says nothing", host, answer->status)};
}

}  // namespace vedette::engine
