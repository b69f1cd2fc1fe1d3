// SPDX-License-Identifier: Apache-2.0
// What the text cases cannot say: how records are joined over distance and batches, and limits.
#include "formats/logs/auditd.h"

#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "formats/logs/auditd_syscalls.h"

namespace vedette::formats::logs {
namespace {

event::Batch batch_of(std::string_view text) {
  event::Batch batch;
  batch.buffer.reserve(text.size());
  if (!text.empty()) std::memcpy(batch.buffer.data(), text.data(), text.size());
  batch.buffer.set_size(text.size());
  return batch;
}

std::string cwd_record(int serial, std::string_view folder) {
  return fmt::format("type=CWD msg=audit(1763889259.417:{}): cwd=\"{}\"\n", serial, folder);
}

std::string eoe_record(int serial) {
  return fmt::format("type=EOE msg=audit(1763889259.417:{}): \n", serial);
}

struct Decoded {
  std::vector<std::string> raws;
  std::vector<std::string> problems;
};

Decoded decode(std::string_view text, const Limits& limits = {}) {
  const event::FieldTree tree = event::FieldTree::Builder().build();
  AuditdDecoder decoder(tree, limits);
  const event::Batch batch = batch_of(text);
  event::Event event(0);
  Decoded result;
  decoder.start(batch);
  while (decoder.next(event)) result.raws.emplace_back(event.raw);
  for (const RecordProblem& problem : decoder.problems())
    result.problems.push_back(problem.message);
  return result;
}

std::string lines_between(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += cwd_record(1000 + i, "/other");
  return text;
}

TEST(Auditd, JoinsWithinTheWindowOnly) {
  const auto window = static_cast<int>(kAuditWindow);
  const std::string near = cwd_record(1, "/a") + lines_between(window - 1) + cwd_record(1, "/b");
  EXPECT_EQ(decode(near).raws.size(), kAuditWindow);
  EXPECT_EQ(decode(near).raws[0],
            "type=CWD msg=audit(1763889259.417:1): cwd=\"/a\"\n"
            "type=CWD msg=audit(1763889259.417:1): cwd=\"/b\"");
  const std::string far = cwd_record(1, "/a") + lines_between(window) + cwd_record(1, "/b");
  EXPECT_EQ(decode(far).raws.size(), kAuditWindow + 2);
}

TEST(Auditd, EndOfEventEndsIt) {
  const std::string text =
      cwd_record(1, "/a") + eoe_record(1) + cwd_record(1, "/b") + eoe_record(1);
  EXPECT_EQ(decode(text).raws.size(), 2U);
}

TEST(Auditd, TellsOffsetAndNumberOfFirstRecord) {
  const std::string text = "junk\n" + cwd_record(1, "/a") + cwd_record(2, "/b") + eoe_record(1);
  const event::FieldTree tree = event::FieldTree::Builder().build();
  const Limits limits;
  AuditdDecoder decoder(tree, limits);
  const event::Batch batch = batch_of(text);
  event::Event event(0);
  decoder.start(batch);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event.offset, 5U);
  EXPECT_EQ(event.record, 1U);
  ASSERT_TRUE(decoder.next(event));
  EXPECT_EQ(event.record, 2U);
  EXPECT_EQ(event.offset, 5U + cwd_record(1, "/a").size());
  EXPECT_FALSE(decoder.next(event));
  EXPECT_EQ(decoder.records(), 3U);
  ASSERT_EQ(decoder.problems().size(), 1U);
  EXPECT_EQ(decoder.problems()[0].offset, 0U);
}

TEST(Auditd, RefusesWhatExceedsLimits) {
  Limits few;
  few.values_max = 20;
  std::string text = "type=EXECVE msg=audit(1.000:1): argc=99";
  for (int i = 0; i < 99; ++i) text += fmt::format(" a{}=\"x\"", i);
  EXPECT_EQ(decode(text, few).raws.size(), 0U);
  ASSERT_EQ(decode(text, few).problems.size(), 1U);
  EXPECT_NE(decode(text, few).problems[0].find("more values"), std::string::npos);
  Limits small;
  small.record_bytes_max = 80;
  const std::string two = cwd_record(1, "/a") + cwd_record(1, "/b") + cwd_record(2, "/c");
  EXPECT_EQ(decode(two, small).raws.size(), 1U);
  EXPECT_EQ(decode(two, small).problems.size(), 1U);
}

TEST(Auditd, CutKeepsEventsWhole) {
  const auto window = static_cast<int>(kAuditWindow);
  EXPECT_EQ(cut_auditd("", false), 0U);
  EXPECT_EQ(cut_auditd("no newline", false), 0U);
  const std::string one = cwd_record(1, "/a");
  EXPECT_EQ(cut_auditd(one, false), 0U) << "the window is not there yet";
  EXPECT_EQ(cut_auditd(one, true), one.size());
  EXPECT_EQ(cut_auditd(one + lines_between(window), false), one.size());
  EXPECT_EQ(cut_auditd(one + lines_between(window - 1), false), 0U);
  // Event 1 goes on behind the only place where there would be enough lines to look ahead.
  const std::string spanning = one + cwd_record(5000, "/x") + one + lines_between(window - 1);
  EXPECT_EQ(cut_auditd(one + spanning, false), 0U);
  const std::string front = cwd_record(77, "/front");
  EXPECT_EQ(cut_auditd(front + spanning, false), front.size());
  std::string endless;
  for (int i = 0; i < 1000; ++i) endless += one;
  EXPECT_EQ(cut_auditd(endless, false), 0U);
}

// Random mixtures of events: decoding the pieces that cut_auditd() makes yields what decoding
// everything at once does.
TEST(Auditd, PiecesDecodeAsTheWhole) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::string text;
    int newest = 1;
    const std::size_t spread = 1 + random() % 12;
    for (int line = 0; line < 600; ++line) {
      if (random() % 3 == 0) ++newest;
      const int serial = newest - static_cast<int>(random() % spread);
      text += random() % 9 == 0    ? eoe_record(serial)
              : random() % 40 == 0 ? std::string("----\n")
              : random() % 50 == 0 ? std::string("junk\n")
                                   : cwd_record(serial, fmt::format("/{}", line));
    }
    const Decoded whole = decode(text);
    Decoded pieces;
    std::string_view rest = text;
    std::size_t shown = 0;
    while (!rest.empty()) {
      shown = std::min(rest.size(), shown + 500 + random() % 3000);
      const std::size_t size = cut_auditd(rest.substr(0, shown), shown == rest.size());
      const Decoded piece = decode(rest.substr(0, size));
      pieces.raws.insert(pieces.raws.end(), piece.raws.begin(), piece.raws.end());
      pieces.problems.insert(pieces.problems.end(), piece.problems.begin(), piece.problems.end());
      rest.remove_prefix(size);
      shown -= size;
    }
    ASSERT_EQ(pieces.raws, whole.raws) << "round " << round;
    ASSERT_EQ(pieces.problems, whole.problems);
  }
}

TEST(Auditd, NamesSystemCalls) {
  EXPECT_EQ(syscall_name("c000003e", "59"), "execve");
  EXPECT_EQ(syscall_name("c000003e", "0"), "read");
  EXPECT_EQ(syscall_name("40000003", "11"), "execve");
  EXPECT_EQ(syscall_name("c00000b7", "221"), "execve");
  EXPECT_EQ(syscall_name("c000003e", "9999"), "");
  EXPECT_EQ(syscall_name("c000003e", "-1"), "");
  EXPECT_EQ(syscall_name("c000003e", "65595"), "") << "beyond 16 bits";
  EXPECT_EQ(syscall_name("deadbeef", "59"), "");
}

}  // namespace
}  // namespace vedette::formats::logs
