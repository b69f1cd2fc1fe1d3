// SPDX-License-Identifier: Apache-2.0
#include "engine/live/enforcement.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "detect/naive_evaluator.h"
#include "formats/kernel/record_writer.h"
#include "rules/dialect.h"
#include "rules/falco/falco.h"

namespace vedette::engine {
namespace {

using sensor::EnforcementTable;
using sensor::EntrySets;
using sensor::EntryTable;

rules::RuleSet load(const std::vector<std::string>& conditions) {
  const rules::LoadOptions options;
  auto loader = rules::falco::make_loader(options);
  std::string text;
  for (const std::string& condition : conditions) {
    text +=
        "- rule: rule " + std::to_string(text.size()) +
        "\n  desc: d\n  output: o\n  priority: INFO\n  action: block\n  condition: " + condition +
        "\n";
  }
  (*loader)->add_text(text, "rules.yaml");
  rules::RuleSet set = (*loader)->finish();
  EXPECT_TRUE(set.refused.empty()) << set.refused.front().reason;
  return set;
}

// An attempt, and the event that it would become.
struct Attempt {
  int action = VEDETTE_OPEN;
  std::string path = {};
  int access = 0;  // O_ACCMODE
  std::string name = "sh";
  std::string exe = "/bin/sh";
  std::string address = {};
  std::uint16_t port = 0;

  detect::EventFields event(const rules::LogSources& log_sources) const {
    constexpr const char* kTypes[] = {"execve", "openat", "connect"};
    detect::EventFields fields(log_sources);
    const auto add = [&](std::string_view field, const std::string& text,
                         event::Kind kind = event::Kind::kString) {
      fields.add(field, kind, text);
    };
    add("evt.type", kTypes[action]);
    add("evt.rawres", "3", event::Kind::kNumber);
    add("evt.res", "SUCCESS");
    add("container.id", "host");
    add("proc.exepath", action == VEDETTE_EXEC ? path : exe);
    add("proc.name", name);
    if (action == VEDETTE_OPEN) {
      add("fd.name", path);
      add("fd.typechar", "f");
      add("evt.is_open_read", access != 1 ? "true" : "false", event::Kind::kBoolean);
      add("evt.is_open_write", access != 0 ? "true" : "false", event::Kind::kBoolean);
    } else if (action == VEDETTE_CONNECT && !address.empty()) {
      add("fd.typechar", address.find(':') == std::string::npos ? "4" : "6");
      add("fd.sip", address);
      add("fd.snet", address);
      add("fd.sport", std::to_string(port), event::Kind::kNumber);
    } else if (action == VEDETTE_CONNECT) {
      add("fd.typechar", "u");
    }
    return fields;
  }
};

EntrySets longest(const EntryTable& table, const auto& fits) {
  const EntrySets* best = &table.otherwise;
  std::size_t size = 0;
  for (const auto& [text, sets] : table.by_text) {
    if (text.size() >= size && fits(text)) {
      best = &sets;
      size = text.size();
    }
  }
  return *best;
}

EntrySets exact(const EntryTable& table, const std::string& text) {
  const auto found = table.by_text.find(text);
  return found == table.by_text.end() ? table.otherwise : found->second;
}

EntrySets by_network(const EnforcementTable& table, const std::string& address) {
  std::array<unsigned char, 16> bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (inet_pton(AF_INET, address.c_str(), bytes.data() + 12) != 1) {
    inet_pton(AF_INET6, address.c_str(), bytes.data());
  }
  const EntrySets* best = &table.networks.otherwise;
  int best_bits = -1;
  for (const auto& [key, sets] : table.networks.by_text) {
    const int bits = static_cast<unsigned char>(key[16]);
    bool same = true;
    for (int bit = 0; bit < bits && same; ++bit) {
      const int mask = 0x80 >> (bit % 8);
      same = ((bytes[static_cast<std::size_t>(bit / 8)] ^
               static_cast<unsigned char>(key[static_cast<std::size_t>(bit / 8)])) &
              mask) == 0;
    }
    if (same && bits > best_bits) {
      best = &sets;
      best_bits = bits;
    }
  }
  return *best;
}

// What the kernel does with the tables.
bool denies(const EnforcementTable& table, const Attempt& attempt) {
  const auto action = static_cast<std::size_t>(attempt.action);
  std::uint64_t entries = table.all.of[action] & table.host.of[action];
  entries &= exact(table.names, attempt.name).of[action];
  if (attempt.action == VEDETTE_CONNECT) {
    const std::size_t type = attempt.address.empty()                          ? VEDETTE_TARGET_UNIX
                             : attempt.address.find(':') == std::string::npos ? VEDETTE_TARGET_IPV4
                                                                              : VEDETTE_TARGET_IPV6;
    entries &= table.types[type].of[action];
    if (attempt.address.empty()) {
      return (entries & table.no_network.of[action] & table.no_port.of[action]) != 0;
    }
    const auto port = table.ports.find(attempt.port);
    entries &= (port == table.ports.end() ? table.port : port->second).of[action];
    entries &= by_network(table, attempt.address).of[action];
    return (entries & exact(table.exes, attempt.exe).of[action]) != 0;
  }
  const auto whole = table.wholes.by_text.find(attempt.path);
  entries &=
      (whole != table.wholes.by_text.end()
           ? whole->second
           : longest(table.starts,
                     [&](const std::string& start) { return attempt.path.starts_with(start); }))
          .of[action];
  entries &= longest(table.ends, [&](const std::string& end) {
               return attempt.path.ends_with(end);
             }).of[action];
  if (attempt.action == VEDETTE_EXEC) return entries != 0;
  entries &= table.access[static_cast<std::size_t>(attempt.access)].of[action];
  entries &= table.types[VEDETTE_TARGET_FILE].of[action];
  return (entries & exact(table.exes, attempt.exe).of[action]) != 0;
}

std::vector<Attempt> attempts() {
  std::vector<Attempt> all;
  for (const char* path : {"/a", "/a/b", "/a/b/c.key", "/a/bc", "/x.key", "/tmp/miner", "/b"}) {
    for (const char* name : {"sh", "good", "better"}) {
      all.push_back({.action = VEDETTE_EXEC, .path = path, .name = name});
      for (int access = 0; access < 3; ++access) {
        for (const char* exe : {"/bin/sh", "/bin/trainer"}) {
          all.push_back({.path = path, .access = access, .name = name, .exe = exe});
        }
      }
    }
  }
  for (const char* address : {"10.0.0.1", "10.1.2.3", "192.168.0.1", "fd00::1", "::1", ""}) {
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{80, 443, 8080}) {
      all.push_back({.action = VEDETTE_CONNECT, .address = address, .port = port});
    }
  }
  return all;
}

TEST(EnforcementTables, DenyExactlyWhatTheConditionsMatch) {
  const std::string opens = "evt.type in (open, openat, openat2) and ";
  const std::string runs = "evt.type in (execve, execveat) and ";
  const std::string connects = "evt.type = connect and ";
  const std::vector<std::string> conditions = {
      runs + "proc.exepath in (/a, /a/b) and not proc.exepath = /a/b",
      runs + "(proc.exepath startswith /tmp/ or proc.exepath endswith .key)",
      opens + "fd.name startswith /a and not fd.name startswith /a/b/ and evt.is_open_write = true",
      opens +
          "fd.name endswith .key and not proc.name in (good, better) and evt.is_open_read = true",
      opens + "fd.typechar = 'f' and fd.name = /b and proc.exepath != /bin/trainer",
      connects + "fd.snet in (10.0.0.0/8, fd00::/8) and not fd.sip = 10.1.2.3",
      connects + "fd.sport = 8080 and not fd.snet = ::/0",
      connects + "not fd.sport in (80, 443, 8080) and proc.name = sh",
      opens + "fd.name startswith / and container.id != host",
  };
  const rules::RuleSet set = load(conditions);
  ASSERT_EQ(set.rules.size(), conditions.size());
  const auto enforcement = compile_enforcement(set);
  ASSERT_TRUE(enforcement) << enforcement.error().message;
  const rules::LogSources log_sources;
  int denied = 0;
  for (const Attempt& attempt : attempts()) {
    const detect::EventFields event = attempt.event(log_sources);
    const bool matches = std::ranges::any_of(set.rules, [&](const rules::Rule& rule) {
      return detect::evaluate(rule.condition, event);
    });
    denied += matches ? 1 : 0;
    EXPECT_EQ(denies(*(*enforcement)->table, attempt), matches)
        << attempt.action << " " << attempt.path << " " << attempt.access << " " << attempt.name
        << " " << attempt.exe << " " << attempt.address << ":" << attempt.port;
  }
  EXPECT_GT(denied, 20);
}

TEST(EnforcementTables, TooManyEntriesAreRefused) {
  std::vector<std::string> conditions;
  for (int i = 0; i < VEDETTE_ENTRIES + 1; ++i) {
    conditions.push_back("evt.type in (execve, execveat) and proc.exepath = /p" +
                         std::to_string(i));
  }
  EXPECT_FALSE(compile_enforcement(load(conditions)));
  conditions.pop_back();
  EXPECT_TRUE(compile_enforcement(load(conditions)));
}

TEST(EnforcementTables, ContainersAreAskedWhenTheyAppear) {
  using formats::kernel::RecordWriter;
  const auto enforcement = compile_enforcement(
      load({"evt.type in (open, openat, openat2) and fd.name = /a and container.id != host",
            "evt.type in (open, openat, openat2) and fd.name = /b and "
            "container.image.repository = trusted"}));
  ASSERT_TRUE(enforcement);
  EXPECT_EQ((*enforcement)->table->host.of[VEDETTE_OPEN], 0U);
  EnforcedContainers containers(*enforcement);
  const std::string id(64, 'c');
  std::string records;
  vedette_record header = {};
  header.kind = VEDETTE_KIND_CGROUP;
  header.cgroup = 7;
  {
    RecordWriter(records, header).text(VEDETTE_FIELD_CGROUP_PATH, "/docker/" + id);
  }
  auto changes = containers.take(records);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].cgroup, 7U);
  EXPECT_EQ(changes[0].sets.of[VEDETTE_OPEN], 1U);
  records.clear();
  header.kind = VEDETTE_KIND_CONTAINER;
  {
    RecordWriter(records, header)
        .text(VEDETTE_FIELD_CONTAINER_ID, id)
        .text(VEDETTE_FIELD_IMAGE, "trusted:1");
  }
  changes = containers.take(records);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].sets.of[VEDETTE_OPEN], 3U);
  records.clear();
  header.kind = VEDETTE_KIND_CGROUP;
  header.flags = VEDETTE_FLAG_GONE;
  {
    const RecordWriter gone(records, header);
  }
  changes = containers.take(records);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_TRUE(changes[0].gone);
}

}  // namespace
}  // namespace vedette::engine
