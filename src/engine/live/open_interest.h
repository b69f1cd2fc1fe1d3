// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "rules/model.h"

namespace vedette::engine {

// Which opens of files some condition can hold for: those that one of these names. Never too small.
struct OpenInterest {
  bool everything = false;
  bool with_parents = false;            // the path as the program gave it holds ".."
  std::set<std::string> prefixes = {};  // of fd.name, which is what the kernel resolved
  std::set<std::string> programs = {};  // proc.name

  bool nothing() const {
    return !everything && !with_parents && prefixes.empty() && programs.empty();
  }
};

// More names than a kernel filter has room for are everything.
constexpr std::size_t kOpenProgramsMax = 8;
constexpr std::size_t kOpenPrefixesMax = 1024;

OpenInterest either(OpenInterest a, const OpenInterest& b);

enum class CallOutcome : std::uint8_t {
  kSuccess,
  kFailure,
  // Of a call that opens: a success that asked for nothing but reading and made no file.
  kReadOnlyOpen,
};

// What `condition` asks of the calls of one type (as evt.type has it) that end so.
OpenInterest open_interest(const rules::Expression& condition, std::string_view type,
                           CallOutcome outcome);

// Whether `condition` can hold for such a call.
bool may_hold(const rules::Expression& condition, std::string_view type, CallOutcome outcome);

}  // namespace vedette::engine
