// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "event/finding.h"
#include "policy/facts.h"
#include "policy/gate_policy.h"
#include "policy/waiver.h"
#include "policy/waiver_signature.h"

namespace vedette::policy {

// The waivers of a run, and what is wrong with them. One thread.
class WaiverCheck {
 public:
  // All outlive this.
  WaiverCheck(const std::vector<Waiver>& waivers, const WaiverPolicy& policy,
              const Signers& signers, TimeNs now);

  // The waiver that accepts a finding; null: none. Who may approve depends on the finding, and so
  // does whether a signature is wanted.
  const Waiver* find(const Facts& facts);

  // Who may approve a waiver of it; empty: anybody.
  const ApproverRule* approvers_of(const Facts& facts) const;

  // One for each that is expired, unused, too wide, too long, without a ticket, or not approved.
  std::deque<event::Finding> findings() const;

 private:
  enum class Fault : std::uint8_t {
    kNone,
    kRevoked,
    kExpired,
    kTooLong,
    kTooWide,
    kNoTicket,
    kNotApproved,
    kBadSignature,
  };
  struct State {
    const Waiver* waiver = nullptr;
    Fault fault = Fault::kNone;    // it excuses nothing
    Fault refusal = Fault::kNone;  // it does not excuse some of what it is about
    std::string detail;
    bool used = false;
  };

  static bool is_about(const Waiver& waiver, const Facts& facts, TimeNs now);
  void judge_alone(State& state, const WaiverPolicy& policy) const;
  // Whether the approver may, and has signed where that is asked.
  bool is_approved(State& state, const Facts& facts) const;

  const WaiverPolicy& policy_;
  const Signers& signers_;
  TimeNs now_;
  std::vector<State> states_;
};

}  // namespace vedette::policy
