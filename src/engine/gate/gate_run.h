// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "event/verdict.h"
#include "formats/findings/finding_report.h"
#include "policy/gate_policy.h"
#include "policy/waiver.h"
#include "policy/waiver_signature.h"

namespace vedette::engine {

struct GateOptions {
  std::vector<std::string> reports;  // "-": standard input
  std::vector<std::string> base;     // reports of what is compared with; empty: no comparison
  // Empty: vedette.yaml of the folder, or what is built in.
  std::string policy;
  // Empty: as the policy says, relative to its folder; a file that is not there holds nothing.
  std::string waivers;
  std::string folder = ".";
  std::string environment;
  std::string image;
  TimeNs now = 0;
};

// A policy with all that it refers to.
struct GateFiles {
  policy::GatePolicy policy;
  std::string waiver_path;
  std::vector<policy::Waiver> waivers;
  policy::Signers signers;
  // Errors: no verdict may be made of this.
  std::vector<Diagnostic> problems;

  bool is_usable() const;
};

// Fails where a file that was named, or that the policy names, cannot be read.
Result<GateFiles> read_gate_files(const GateOptions& options);

// A verdict with everything that it points to.
struct GateRun {
  GateFiles files;
  std::vector<formats::findings::FindingReport> reports;
  event::GateReport report;  // only where files.is_usable()
};

// Identities of findings that what is compared with has.
using KnownIdentities = std::set<std::string, std::less<>>;
KnownIdentities identities_of(const std::vector<formats::findings::FindingReport>& reports);
// A report's text; "-" is standard input.
Result<std::string> read_report_text(const std::string& path);
Result<formats::findings::FindingReport> read_report(const std::string& path);
Result<std::vector<formats::findings::FindingReport>> read_reports(
    const std::vector<std::string>& paths);

event::FixedFinding fixed_finding(const event::Finding& finding);
// What `bases` tell that is not in `found`, as far as the same scanners looked at all of it in
// `reports`.
std::vector<event::FixedFinding> fixed_of(
    const std::vector<formats::findings::FindingReport>& bases,
    const std::vector<formats::findings::FindingReport>& reports, KnownIdentities found);

// Fills GateRun::report from the other parts of `run`. `images`: by report, which image it is of;
// where it has none, GateOptions::image holds. Fails where the clock is behind what the parts tell.
Result<void> judge_reports(const GateOptions& options, const std::vector<std::string>& images,
                           const std::optional<KnownIdentities>& known, GateRun& run);

// Fails closed: a report that cannot be read whole, or a clock that is behind what the files tell,
// is an Error; what scanners lost makes the report incomplete.
Result<std::unique_ptr<GateRun>> run_gate(const GateOptions& options);

}  // namespace vedette::engine
