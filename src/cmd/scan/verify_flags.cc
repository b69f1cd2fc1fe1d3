// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/verify_flags.h"

#include <fmt/format.h>

#include "base/file.h"

namespace vedette::cmd {
namespace {

constexpr unsigned kRequestsMax = 10'000;
constexpr std::size_t kCertificateBytesMax = std::size_t{4} << 20;

}  // namespace

std::vector<Flag> VerifyFlags::rows() {
  return {
      {"--verify", "",
       "Asks the providers of what is found whether it is good. Secrets leave this machine, to the "
       "hosts that our rules name.",
       &verify},
      {"--verify-host", "HOST",
       "With --verify and --rules: a host that rules of others may send secrets to; given several "
       "times.",
       &hosts},
      {"--verify-max", "COUNT", "With --verify: requests to one host; default 100.", &requests_max},
      {"--verify-endpoint", "HOST=ADDRESS:PORT",
       "With --verify: where a host is reached; its certificate must be right all the same.",
       &endpoints},
      {"--verify-ca",
       "FILE",
       "With --verify: certificates (PEM) to trust in place of the system's.",
       &ca_file,
       {},
       ValueKind::kPath},
  };
}

Result<engine::VerifyOptions> VerifyFlags::options(bool packs_are_ours) const {
  engine::VerifyOptions options;
  options.enabled = verify;
  if (!verify && (!hosts.empty() || !endpoints.empty() || !ca_file.empty())) {
    return failure(ErrorCode::kInvalid,
                   "expected --verify beside --verify-host, --verify-endpoint and --verify-ca, "
                   "found none");
  }
  if (requests_max == 0 || requests_max > kRequestsMax) {
    return failure(ErrorCode::kInvalid, fmt::format("expected --verify-max from 1 to {}, found {}",
                                                    kRequestsMax, requests_max));
  }
  for (const std::string& endpoint : endpoints) {
    const std::size_t sign = endpoint.find('=');
    const std::string address =
        sign == std::string::npos ? std::string() : endpoint.substr(sign + 1);
    const std::size_t colon = address.rfind(':');
    if (sign == 0 || colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("expected --verify-endpoint HOST=ADDRESS:PORT, found {}", endpoint));
    }
    options.connect[endpoint.substr(0, sign)] = address;
  }
  // Said before anything is scanned.
  if (!ca_file.empty()) TRY_VOID(read_file(ca_file, kCertificateBytesMax));
  options.trust_packs = packs_are_ours;
  options.hosts = hosts;
  options.ca_file = ca_file;
  options.requests_per_host_max = requests_max;
  return options;
}

}  // namespace vedette::cmd
