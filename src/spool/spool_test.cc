// SPDX-License-Identifier: Apache-2.0
#include "spool/spool.h"

#include <fstream>

#include "spool/spool_test_support.h"

namespace vedette::spool {
namespace {

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    options.folder = folder.path("spool");
    options.segment_bytes = 4096;
    options.bytes_max = 1 << 20;
    options.sync = SyncPolicy::kEachBatch;
    options.boot = "boot-one";
  }
  void open() {
    spool.reset();
    ledger = std::make_unique<event::Ledger>();
    auto opened = Spool::open(options, *ledger, clock, disk);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    spool = *std::move(opened);
  }
  // Appends bodies "first" … and returns how many were stored.
  std::size_t append(int first, int count, std::size_t size = 100) {
    std::vector<std::string> bodies;
    for (int i = 0; i < count; ++i) {
      bodies.push_back(fmt::format("{}", first + i));
      bodies.back().resize(std::max(size, bodies.back().size()), ' ');
    }
    std::vector<NewRecord> records;
    for (const std::string& body : bodies) {
      records.push_back({RecordKind::kAlert, event::Level::kLow, body});
    }
    const Result<Appended> appended = spool->append(records);
    EXPECT_TRUE(appended.has_value()) << appended.error().message;
    return appended.has_value() ? appended->stored : 0;
  }
  // Reads everything, in order, and acknowledges it when told.
  std::vector<int> drain(bool acknowledge = true, std::size_t count_max = 7) {
    std::vector<int> numbers;
    RecordBatch batch;
    while (true) {
      EXPECT_TRUE(spool->read(batch, count_max, 1 << 16).has_value());
      if (batch.records.empty()) return numbers;
      for (const Record& record : batch.records) {
        numbers.push_back(std::stoi(std::string(record.body)));
      }
      if (acknowledge) {
        EXPECT_TRUE(spool->acknowledge(batch.records.back().sequence).has_value());
      }
    }
  }
  void expect_closed() {
    const Result<void> closed = event::check(ledger->snapshot(), event::LedgerState::kRunning);
    EXPECT_TRUE(closed.has_value()) << closed.error().message;
    const event::LedgerSnapshot counts = ledger->snapshot();
    EXPECT_EQ(counts[event::Count::kSpooled] + counts[event::Count::kCarriedIn],
              counts[event::Count::kAcknowledged] + counts.dropped_total() -
                  counts[event::Dropped::kSpoolFull] + counts[event::Count::kDamaged] +
                  spool->waiting());
    EXPECT_EQ(counts[event::Count::kWaiting], spool->waiting());
    const Position position = spool->position();
    EXPECT_EQ(position.spooled,
              position.acknowledged + position.dropped + position.damaged + spool->waiting());
  }
  static std::vector<int> range(int first, int count) {
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(first + i);
    return numbers;
  }

  TestFolder folder;
  TestClock clock;
  SmallDisk disk;
  SpoolOptions options;
  std::unique_ptr<event::Ledger> ledger;
  std::unique_ptr<Spool> spool;
};

TEST_F(SpoolTest, GivesBackInOrderWhatItWasGiven) {
  open();
  EXPECT_EQ(append(0, 200), 200U);
  EXPECT_GT(folder.segments(options.folder).size(), 5U);
  EXPECT_EQ(drain(), range(0, 200));
  EXPECT_EQ(spool->waiting(), 0U);
  EXPECT_EQ(folder.segments(options.folder).size(), 1U);
  ledger->add(event::Count::kSent, 200);
  expect_closed();
}

TEST_F(SpoolTest, GoesOnBehindTheAcknowledgedAfterARestart) {
  open();
  append(0, 50);
  const std::string instance = spool->instance();
  RecordBatch batch;
  ASSERT_TRUE(spool->read(batch, 20, 1 << 16).has_value());
  ASSERT_EQ(batch.records.size(), 20U);
  ASSERT_TRUE(spool->acknowledge(batch.records[9].sequence).has_value());
  open();
  EXPECT_EQ(spool->instance(), instance);
  EXPECT_EQ(spool->recovery().waiting, 40U);
  EXPECT_EQ(append(50, 5), 5U);
  EXPECT_EQ(drain(), range(10, 45));
  ledger->add(event::Count::kSent, 45);
  expect_closed();
  open();
  EXPECT_EQ(drain(), range(0, 0));
}

TEST_F(SpoolTest, CutsATornRecordOffAndCountsIt) {
  open();
  append(0, 10);
  spool.reset();
  const std::string last = folder.segments(options.folder).back();
  std::filesystem::resize_file(last, std::filesystem::file_size(last) - 30);
  open();
  EXPECT_EQ(spool->recovery().torn, 1U);
  EXPECT_EQ(spool->recovery().torn_bytes, 102U);
  EXPECT_EQ(ledger->snapshot()[event::Count::kTorn], 1U);
  append(10, 5);
  std::vector<int> expected = range(0, 9);
  for (const int number : range(10, 5)) expected.push_back(number);
  EXPECT_EQ(drain(), expected);
  ledger->add(event::Count::kSent, 14);
  expect_closed();
}

TEST_F(SpoolTest, AfterALossOfPowerNoSequenceIsGivenTwice) {
  open();
  append(0, 3);
  spool.reset();
  // As if the machine had stopped: the position was not closed in order, and the boot is another.
  {
    Position position = *parse_position(*[&] {
      std::ifstream file(options.folder + "/position", std::ios::binary);
      return std::make_unique<std::string>(std::istreambuf_iterator<char>(file),
                                           std::istreambuf_iterator<char>());
    }());
    position.clean = false;
    std::ofstream(options.folder + "/position", std::ios::binary)
        << encode_slot(position) << encode_slot(position);
  }
  options.boot = "boot-two";
  open();
  append(3, 1);
  RecordBatch batch;
  ASSERT_TRUE(spool->read(batch, 3, 1 << 16).has_value());
  ASSERT_TRUE(spool->read(batch, 3, 1 << 16).has_value());
  ASSERT_EQ(batch.records.size(), 1U);
  EXPECT_EQ(batch.records[0].sequence, 4 + kUnsyncedMax);
  expect_closed();
}

TEST_F(SpoolTest, DropsTheOldestSegmentsAtItsSize) {
  options.bytes_max = 3 * 4096;
  open();
  EXPECT_EQ(append(0, 200), 200U);
  EXPECT_LE(spool->bytes(), options.bytes_max);
  const std::vector<int> held = drain();
  EXPECT_EQ(held.back(), 199);
  EXPECT_EQ(ledger->snapshot()[event::Dropped::kSpoolSize], 200 - held.size());
  ledger->add(event::Count::kSent, held.size());
  expect_closed();
}

TEST_F(SpoolTest, BlocksAtItsSizeWhenThatIsThePolicy) {
  options.bytes_max = 3 * 4096;
  options.overflow = Overflow::kBlock;
  open();
  const std::size_t stored = append(0, 200);
  EXPECT_LT(stored, 200U);
  EXPECT_EQ(spool->state(), SpoolState::kLimit);
  EXPECT_NE(spool->problem(), "");
  EXPECT_EQ(drain(), range(0, static_cast<int>(stored)));
  EXPECT_EQ(append(static_cast<int>(stored), 20), 20U);
  EXPECT_EQ(spool->state(), SpoolState::kReady);
  spool->give_up(3);
  ledger->add(event::Count::kSent, stored);
  expect_closed();
  EXPECT_EQ(ledger->snapshot()[event::Dropped::kSpoolFull], 3U);
}

TEST_F(SpoolTest, DropsWhatIsTooOld) {
  options.age_max = 60 * kNsPerSecond;
  open();
  append(0, 40);
  clock.time += 61 * kNsPerSecond;
  append(40, 5);
  EXPECT_EQ(drain(), range(40, 5));
  EXPECT_EQ(ledger->snapshot()[event::Dropped::kSpoolAge], 40U);
  clock.time += 61 * kNsPerSecond;
  append(45, 5);
  clock.time += 61 * kNsPerSecond;
  ASSERT_TRUE(spool->tick().has_value());
  EXPECT_EQ(spool->waiting(), 0U);
  append(50, 1);
  EXPECT_EQ(drain(), range(50, 1));
  ledger->add(event::Count::kSent, 6);
  expect_closed();
}

TEST_F(SpoolTest, AFullDiskIsAStateThatPasses) {
  options.overflow = Overflow::kBlock;
  open();
  append(0, 3);
  disk.room = 200;  // one record of 132 bytes and a piece of another
  EXPECT_EQ(append(3, 5), 1U);
  EXPECT_EQ(spool->state(), SpoolState::kDiskFull);
  EXPECT_EQ(append(4, 5), 0U);
  disk.room = UINT64_MAX;
  EXPECT_EQ(append(4, 40), 40U);
  EXPECT_EQ(spool->state(), SpoolState::kReady);
  EXPECT_EQ(drain(), range(0, 44));
  ledger->add(event::Count::kSent, 44);
  expect_closed();
  open();
  EXPECT_EQ(spool->recovery().torn, 0U);
}

TEST_F(SpoolTest, AFullDiskDropsTheOldestWhenThatIsThePolicy) {
  open();
  append(0, 100);
  const std::size_t segments = folder.segments(options.folder).size();
  disk.room = 0;
  EXPECT_EQ(append(100, 40), 0U);  // this disk gives no room back
  EXPECT_EQ(spool->state(), SpoolState::kDiskFull);
  EXPECT_LT(folder.segments(options.folder).size(), segments);
  disk.room = UINT64_MAX;
  EXPECT_EQ(append(100, 40), 40U);
  const std::vector<int> held = drain();
  EXPECT_EQ(held.back(), 139);
  ledger->add(event::Count::kSent, held.size());
  expect_closed();
}

TEST_F(SpoolTest, SyncsByPolicy) {
  options.sync = SyncPolicy::kInterval;
  options.sync_interval = kNsPerSecond;
  open();
  disk.syncs = 0;
  append(0, 3);
  append(3, 3);
  EXPECT_EQ(disk.syncs, 0U);
  EXPECT_EQ(spool->durable_sequence(), 0U);
  clock.time += kNsPerSecond;
  ASSERT_TRUE(spool->tick().has_value());
  EXPECT_EQ(spool->durable_sequence(), 6U);
  disk.sync_fails = true;
  append(6, 1);
  clock.time += kNsPerSecond;
  EXPECT_FALSE(spool->tick().has_value());
  EXPECT_EQ(spool->state(), SpoolState::kFailed);
  EXPECT_EQ(spool->durable_sequence(), 6U);
  disk.sync_fails = false;
  append(7, 1);
  EXPECT_EQ(drain(), range(0, 8));
}

TEST_F(SpoolTest, DamageInTheMiddleCostsTheRestOfItsSegment) {
  open();
  append(0, 100);
  const std::string first = folder.segments(options.folder).front();
  {
    std::fstream file(first, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(kSegmentHeaderBytes + 132 * 3 + 50));
    file << '!';
  }
  // Segments of 4096 bytes hold 30 such records.
  std::vector<int> expected = range(0, 3);
  for (const int number : range(30, 70)) expected.push_back(number);
  EXPECT_EQ(drain(false), expected);
  EXPECT_EQ(ledger->snapshot()[event::Count::kDamaged], 27U);
  expect_closed();
  open();
  EXPECT_TRUE(spool->recovery().damaged);
  EXPECT_EQ(drain(), expected);
  ledger->add(event::Count::kSent, 73);
  expect_closed();
}

TEST_F(SpoolTest, ARecordInFlightIsNotCountedAsDropped) {
  options.bytes_max = 2 * 4096;
  open();
  append(0, 10);
  RecordBatch batch;
  ASSERT_TRUE(spool->read(batch, 5, 1 << 16).has_value());
  append(10, 100);  // drops the segment of the batch
  ASSERT_TRUE(spool->acknowledge(batch.records.back().sequence).has_value());
  EXPECT_EQ(ledger->snapshot()[event::Count::kAcknowledged], 5U);
  ledger->add(event::Count::kSent, 5 + drain().size());
  expect_closed();
}

TEST_F(SpoolTest, ARefusedRecordIsDroppedByName) {
  open();
  append(0, 5);
  RecordBatch batch;
  ASSERT_TRUE(spool->read(batch, 5, 1 << 16).has_value());
  ASSERT_TRUE(spool->acknowledge(batch.records.back().sequence, 2).has_value());
  EXPECT_EQ(ledger->snapshot()[event::Dropped::kRefused], 2U);
  EXPECT_EQ(ledger->snapshot()[event::Count::kAcknowledged], 3U);
  ledger->add(event::Count::kSent, 5);
  expect_closed();
}

TEST_F(SpoolTest, AdvancesToWhatTheReceiverSaysItHas) {
  open();
  append(0, 50);
  open();
  const Result<std::uint64_t> spared = spool->advance_to(33);
  ASSERT_TRUE(spared.has_value());
  EXPECT_EQ(*spared, 33U);
  EXPECT_EQ(drain(), range(33, 17));
  ledger->add(event::Count::kSent, 17);
  expect_closed();
}

TEST_F(SpoolTest, ASegmentOfAnotherVersionIsLeftAloneAndADamagedOneIsPutAside) {
  open();
  append(0, 100);
  spool.reset();
  const std::string first = folder.segments(options.folder).front();
  const auto overwrite = [&first](std::streamoff at, char byte) {
    std::fstream file(first, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(at);
    file.put(byte);
  };
  overwrite(8, 2);
  event::Ledger other;
  const auto refused = Spool::open(options, other, clock, disk);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(std::filesystem::exists(first));
  overwrite(8, 1);
  overwrite(20, '!');
  open();
  EXPECT_TRUE(std::filesystem::exists(first + ".damaged"));
  EXPECT_EQ(ledger->snapshot()[event::Count::kDamaged], 30U);
  EXPECT_EQ(drain(), range(30, 70));
  ledger->add(event::Count::kSent, 70);
  expect_closed();
}

TEST_F(SpoolTest, OneProcessAtATimeAndNothingTooLarge) {
  open();
  event::Ledger other;
  const auto second = Spool::open(options, other, clock, disk);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message.find("in use"), std::string::npos);
  const std::string large(5000, 'x');
  const NewRecord record{RecordKind::kAlert, event::Level::kLow, large};
  const Result<Appended> appended = spool->append({&record, 1});
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, ErrorCode::kLimit);
}

TEST_F(SpoolTest, WithoutItsPositionEverythingIsSentAgain) {
  open();
  append(0, 10);
  drain();
  const std::string instance = spool->instance();
  spool.reset();
  std::filesystem::remove(options.folder + "/position");
  open();
  EXPECT_EQ(spool->instance(), instance);
  EXPECT_FALSE(spool->recovery().notes.empty());
  EXPECT_EQ(drain(), range(0, 10));
}

}  // namespace
}  // namespace vedette::spool
