// SPDX-License-Identifier: Apache-2.0
#include "formats/kernel/identity_gate.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "formats/kernel/record_writer.h"

namespace vedette::formats::kernel {
namespace {

const std::string kId(64, 'b');
constexpr std::int64_t kWait = 1000;

std::string record(std::uint16_t kind, std::uint64_t cgroup, std::uint32_t pid = 0) {
  std::string bytes;
  vedette_record header{};
  header.kind = kind;
  header.cgroup = cgroup;
  header.pid = pid;
  RecordWriter writer(bytes, header);
  if (kind == VEDETTE_KIND_CGROUP) writer.text(VEDETTE_FIELD_CGROUP_PATH, "/docker/" + kId);
  if (kind == VEDETTE_KIND_CONTAINER) {
    writer.text(VEDETTE_FIELD_CONTAINER_ID, kId).value(VEDETTE_FIELD_COMPLETE, std::uint8_t{1});
  }
  return bytes;
}

// Kinds and processes, in order.
std::string summary(std::string_view records) {
  std::string text;
  RecordReader reader;
  while (reader.read(records)) {
    text += std::to_string(reader.header().kind) + ":" + std::to_string(reader.header().pid) + " ";
    records.remove_prefix(reader.header().size);
  }
  return text;
}

TEST(IdentityGate, HoldsAContainersEventsUntilItsRuntimeAnswers) {
  IdentityGate gate(kWait);
  std::string out;
  gate.pass(record(VEDETTE_KIND_CGROUP, 7) + record(VEDETTE_KIND_EXEC, 7, 1) +
                record(VEDETTE_KIND_EXEC, 8, 2) + record(VEDETTE_KIND_EXIT, 7, 1),
            0, out);
  EXPECT_EQ(summary(out), "7:0 10:2 ");
  gate.pass(record(VEDETTE_KIND_CONTAINER, 7), 10, out);
  EXPECT_EQ(summary(out), "7:0 10:2 6:0 10:1 12:1 ");
  gate.pass(record(VEDETTE_KIND_EXEC, 7, 3), 20, out);
  EXPECT_EQ(summary(out), "7:0 10:2 6:0 10:1 12:1 10:3 ");
  EXPECT_EQ(gate.waited_in_vain(), 0U);
}

TEST(IdentityGate, LeavesAloneWhatItWouldPassAsItIs) {
  IdentityGate gate(kWait);
  const std::string plain = record(VEDETTE_KIND_EXEC, 7, 1) + record(VEDETTE_KIND_EXIT, 7, 1);
  const std::string group = record(VEDETTE_KIND_CGROUP, 7);
  EXPECT_TRUE(gate.leaves_alone(plain));
  EXPECT_FALSE(gate.leaves_alone(plain + group));
  EXPECT_TRUE(IdentityGate(0).leaves_alone(group));
  std::string out;
  gate.pass(group, 0, out);
  EXPECT_FALSE(gate.leaves_alone(plain));
  gate.pass(record(VEDETTE_KIND_CONTAINER, 7), 10, out);
  EXPECT_TRUE(gate.leaves_alone(plain));
}

TEST(IdentityGate, LetsThemPassWhenNoAnswerComes) {
  IdentityGate gate(kWait);
  std::string out;
  gate.pass(record(VEDETTE_KIND_CGROUP, 7) + record(VEDETTE_KIND_EXEC, 7, 1), 0, out);
  gate.pass({}, kWait - 1, out);
  EXPECT_EQ(summary(out), "7:0 ");
  gate.pass({}, kWait, out);
  EXPECT_EQ(summary(out), "7:0 10:1 ");
  EXPECT_EQ(gate.waited_in_vain(), 1U);
}

TEST(IdentityGate, LetsThemPassBeforeTheirGroupIsGone) {
  IdentityGate gate(kWait);
  std::string out;
  std::string gone = record(VEDETTE_KIND_CGROUP, 7, 9);
  vedette_record header{};
  std::memcpy(&header, gone.data(), sizeof header);
  header.flags = VEDETTE_FLAG_GONE;
  std::memcpy(gone.data(), &header, sizeof header);
  gate.pass(record(VEDETTE_KIND_CGROUP, 7) + record(VEDETTE_KIND_EXEC, 7, 1) + gone, 0, out);
  EXPECT_EQ(summary(out), "7:0 10:1 7:9 ");
}

TEST(IdentityGate, LosesNothingAtTheEnd) {
  IdentityGate gate(kWait);
  std::string out;
  gate.pass(record(VEDETTE_KIND_CGROUP, 7) + record(VEDETTE_KIND_EXEC, 7, 1), 0, out);
  gate.finish(out);
  EXPECT_EQ(summary(out), "7:0 10:1 ");
}

TEST(IdentityGate, WaitsForNothingWhenToldSo) {
  IdentityGate gate(0);
  std::string out;
  const std::string all = record(VEDETTE_KIND_CGROUP, 7) + record(VEDETTE_KIND_EXEC, 7, 1);
  gate.pass(all, 0, out);
  EXPECT_EQ(out, all);
}

}  // namespace
}  // namespace vedette::formats::kernel
