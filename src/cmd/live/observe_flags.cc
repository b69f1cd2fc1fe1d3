// SPDX-License-Identifier: Apache-2.0
#include "cmd/live/observe_flags.h"

#include <cstdio>
#include <fmt/format.h>

namespace vedette::cmd {

Flag seccomp_flag(std::string& target) {
  return {
      "--seccomp", "FOLDER", "Writes a seccomp profile (OCI JSON) for each image that was learned.",
      &target,     {},       ValueKind::kFolder};
}

Flag network_policy_flag(std::string& target) {
  return {"--network-policy",
          "FOLDER",
          "Writes a Kubernetes NetworkPolicy for each image that was learned.",
          &target,
          {},
          ValueKind::kFolder};
}

std::vector<Flag> ObserveFlags::rows() {
  return {
      {"--usage",
       "FILE",
       "At the end writes which files, modules and packages each image really used (JSON).",
       &usage,
       {},
       ValueKind::kPath},
      {"--profile",
       "FILE",
       "Alerts on what is not in this profile of normal behaviour; with --learn: writes it.",
       &profile,
       {},
       ValueKind::kPath},
      {"--learn", "TIME", "Learns for this time (10m) what is normal for each image, then ends.",
       &learn},
      seccomp_flag(seccomp),
      network_policy_flag(network_policy),
  };
}

Result<void> ObserveFlags::check() const {
  const bool writes = !seccomp.empty() || !network_policy.empty();
  if (learn.empty() && writes) {
    return failure(ErrorCode::kInvalid,
                   "expected --learn TIME beside --seccomp and --network-policy, found none; they "
                   "are made of what is learned");
  }
  if (!learn.empty() && !writes && profile.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected --profile, --seccomp or --network-policy beside --learn, found none; "
                   "what is learned is written there");
  }
  return {};
}

Result<void> finish_observation(engine::Observation* observation) {
  if (observation == nullptr) return {};
  TRY_VOID(observation->finish());
  for (const std::string& remark : observation->remarks()) {
    fmt::print(stderr, "vedette: {}\n", remark);
  }
  return {};
}

}  // namespace vedette::cmd
