// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "event/verdict.h"
#include "output/finding/finding_formats.h"

namespace vedette::output {

// What a policy decided about a result.
struct SarifVerdict {
  event::Verdict verdict = event::Verdict::kTrack;
  std::string clause;               // that decided
  std::string reason;               // why it holds; why an allowed one is accepted
  std::string_view baseline_state;  // section 3.27.24; empty: nothing was compared
};

// SARIF of findings, and of verdicts over them: `level` and what is left out beyond the bound go by
// the verdict then, and what is allowed is suppressed.
class SarifSink : public event::FindingSink {
 public:
  virtual Result<void> write_judged(const event::Finding& finding, const SarifVerdict& verdict) = 0;
};
std::unique_ptr<SarifSink> make_sarif(const FindingSinkOptions& options);

}  // namespace vedette::output
