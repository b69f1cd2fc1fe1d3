// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/observe/batch_observer.h"
#include "event/alert.h"
#include "observe/checker.h"
#include "observe/learner.h"
#include "observe/sighting_reader.h"
#include "observe/usage.h"

namespace vedette::engine {

struct ObservationOptions {
  std::string usage;           // file that tells what was used; "" for none
  bool learn = false;          // false: `profile`, if any, is compared with
  std::string profile;         // file
  std::string seccomp;         // folder of OCI seccomp profiles; only with `learn`
  std::string network_policy;  // folder of Kubernetes policies; only with `learn`
  bool live = false;           // the images' own files may be asked for packages
  Limits limits;
};

// What `watch` and `profile` observe besides rules: use, profiles, and deviations from them as
// alerts.
class Observation : public BatchObserver {
 public:
  // Errors: a profile that cannot be read, with its line.
  static Result<std::unique_ptr<Observation>> create(const ObservationOptions& options);

  void ask(Interest& interest) const override;
  void see(const event::Batch& batch, BatchResult& result) override;

  // Writes the files that the options name, each whole or not at all. The first error, if any.
  Result<void> finish();
  // What finish() could not write for lack of observation, for whoever watches: lines without end.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  explicit Observation(const ObservationOptions& options);

  void add_alert(const observe::Sighting& sighting, const observe::Deviation& deviation,
                 const event::Batch& batch, BatchResult& result);
  Result<void> write_usage() const;
  Result<void> write_seccomp(const observe::Profile& profile);
  Result<void> write_policies(const observe::Profile& profile) const;

  ObservationOptions options_;
  observe::SightingReader reader_;
  std::optional<observe::Usage> usage_;
  std::optional<observe::Learner> learner_;
  std::optional<observe::Checker> checker_;
  std::array<event::RuleInfo, observe::kDeviationKinds> rules_;
  std::vector<std::string> remarks_;
};

}  // namespace vedette::engine
