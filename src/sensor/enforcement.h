// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sensor/bpf/enforcement_layout.h"

namespace vedette::sensor {

// A set of entries for each action: what a table gives for a value.
using EntrySets = vedette_entries;

// The sets of values that are told apart, and that of all others.
struct EntryTable {
  std::map<std::string, EntrySets> by_text;
  EntrySets otherwise = {};
};

// What the kernel denies, as bpf/enforcement_layout.h describes it: plain data, made of rules by
// whoever knows them. Every set is complete: it holds each entry that agrees with the value, those
// that do not ask for that property included.
struct EnforcementTable {
  EntrySets all = {};
  // Paths, of the program or of the file. A path that stands in `wholes` is looked up there; others
  // by the longest of `starts` that they begin with.
  EntryTable wholes;
  EntryTable starts;
  EntryTable ends;  // the longest that the path ends with; empty when no entry asks
  bool asks_ends = false;
  EntryTable exes;  // the whole path of the program that opens or connects
  bool asks_exes = false;
  EntryTable names;
  EntryTable parents;
  EntryTable networks;                       // by 16 bytes of address and one of length in bits
  std::map<std::uint16_t, EntrySets> ports;  // others: `port`
  EntrySets port = {};
  EntrySets no_network = {};  // of what has no address: unix sockets …
  EntrySets no_port = {};
  std::array<EntrySets, 4> access = {};  // by O_ACCMODE
  EntrySets created = {};                // those that agree with any access
  std::array<EntrySets, VEDETTE_TARGETS> types = {};
  EntrySets host = {};  // of processes in no container
  // Titles of the rules, by action and entry.
  std::array<std::vector<std::string>, VEDETTE_ACTIONS> rules;

  bool empty() const {
    return all.of[VEDETTE_EXEC] == 0 && all.of[VEDETTE_OPEN] == 0 && all.of[VEDETTE_CONNECT] == 0;
  }
  // The rule of a record of kind BLOCKED by its ID; "" for none of ours.
  std::string rule_of(std::uint32_t id) const;
};

}  // namespace vedette::sensor
