// SPDX-License-Identifier: Apache-2.0
// Plans and the tree are two ways to the same event: both must give the same slots, and list the
// same values in the same order.
#include "formats/logs/evtx_plan.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "base/file.h"
#include "formats/logs/evtx.h"
#include "formats/logs/evtx_by_tree.h"
#include "formats/logs/evtx_test_file.h"

namespace vedette::formats::logs {
namespace {

using evtx::le;
using evtx::TestChunk;
using evtx::TestValue;
using evtx::utf16;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

event::Batch batch_of(std::string_view bytes) {
  event::Batch batch;
  batch.buffer.reserve(bytes.size());
  std::memcpy(batch.buffer.data(), bytes.data(), bytes.size());
  batch.buffer.set_size(bytes.size());
  return batch;
}

// Paths that rules may ask for when an event lists `path`: it, all above it, and its text.
void add_asked(std::string_view path, std::set<std::string>& asked) {
  asked.emplace(std::string(path) + ".#text");
  for (std::size_t end = path.size(); end != std::string_view::npos && end != 0;
       end = path.rfind('.', end - 1)) {
    asked.emplace(path.substr(0, end));
  }
}

std::set<std::string> asked_of(const event::Batch& batch) {
  const event::FieldTree none = event::FieldTree::Builder().build();
  const Limits limits;
  EvtxDecoder decoder(none, limits);
  event::Event event(0);
  event::Event other(0);
  std::set<std::string> asked;
  for (decoder.start(batch); decoder.next(event);) {
    std::vector<event::NamedValue> listed;
    static_cast<void>(evtx::read_by_tree(batch, event, none, limits, other, listed));
    for (const event::NamedValue& named : listed) add_asked(named.path, asked);
  }
  return asked;
}

// Asks for every path that `choose` takes.
template <typename Choose>
std::size_t expect_same(const event::Batch& batch, const Limits& limits, Choose&& choose) {
  const std::set<std::string> asked = asked_of(batch);
  event::FieldTree::Builder builder;
  event::Slot slots = 0;
  for (const std::string& path : asked) {
    if (!choose(path)) continue;
    builder.add(path, slots, static_cast<std::uint8_t>(slots % 3));
    ++slots;
  }
  const event::FieldTree tree = std::move(builder).build();
  EvtxDecoder decoder(tree, limits);
  event::Event event(slots);
  event::Event other(slots);
  std::size_t count = 0;
  for (decoder.start(batch); decoder.next(event); ++count) {
    std::vector<event::NamedValue> wanted;
    const bool readable = evtx::read_by_tree(batch, event, tree, limits, other, wanted);
    if (readable) {
      EXPECT_EQ(evtx::slots_of(event), evtx::slots_of(other));
    }
    std::vector<event::NamedValue> listed;
    decoder.everything(event, listed);
    EXPECT_EQ(evtx::lines_of(listed, event.arena()), evtx::lines_of(wanted, other.arena()));
    if (testing::Test::HasFailure()) break;
  }
  return count;
}

std::vector<std::string> samples() {
  const char* configured = std::getenv("VEDETTE_DATA");
  const std::string data =
      configured != nullptr ? configured : VEDETTE_SOURCE_DIR "/../shared/data";
  auto files = list_files(data + "/sigma/regression_data", {".evtx"});
  return files ? *files : std::vector<std::string>();
}

TEST(EvtxPlan, SamplesAreReadAsByTheirTree) {
  const auto files = samples();
  if (files.empty()) GTEST_SKIP() << "no samples: set VEDETTE_DATA to the folder of the test data";
  std::size_t count = 0;
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const auto bytes = read_file(file, kFileBytesMax);
    ASSERT_TRUE(bytes);
    const event::Batch batch = batch_of(*bytes);
    const Limits limits;
    count += expect_same(batch, limits, [](const std::string&) { return true; });
    expect_same(batch, limits,
                [](const std::string& path) { return std::hash<std::string>()(path) % 4 == 0; });
    Limits tight;
    tight.values_max = 150;
    tight.depth_max = 4;
    expect_same(batch, tight, [](const std::string& path) { return path.size() % 2 == 0; });
  }
  EXPECT_GE(count, 202U);
}

// One damaged byte after another, in the template and in the values.
TEST(EvtxPlan, DamagedSamplesAreReadAsByTheirTree) {
  const auto files = samples();
  if (files.empty()) GTEST_SKIP() << "no samples: set VEDETTE_DATA to the folder of the test data";
  const auto whole = read_file(files.front(), kFileBytesMax);
  ASSERT_TRUE(whole);
  const Limits limits;
  std::minstd_rand random(1);
  for (unsigned round = 0; round < 2000 && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    std::string broken = whole->substr(0, 4096 + 65536);
    for (unsigned i = 0; i <= round % 3U; ++i) {
      const std::size_t at = 4096 + 512 + random() % 6000;
      broken[at] = static_cast<char>(random() % 5 == 0 ? random() : random() % 40);
    }
    expect_same(batch_of(broken), limits,
                [&](const std::string& path) { return (path.size() + round) % 3 != 0; });
  }
}

// A template with everything that a listing has rules for, and values of random types.
class RandomTemplate {
 public:
  explicit RandomTemplate(unsigned seed) : random_(seed) {}

  std::string chunk() {
    TestChunk chunk;
    chunk.begin_record(1);
    chunk.fragment();
    const std::size_t definition = chunk.begin_template();
    chunk.open("Event", maybe(4));
    if (open_attributes_) attributes(chunk);
    chunk.close_start();
    content(chunk, 0);
    chunk.end();
    chunk.end_template(definition, values());
    chunk.end_record();
    for (std::uint64_t record = 2; record < 6; ++record) {
      chunk.begin_record(record);
      chunk.fragment();
      chunk.instance(definition, values());
      chunk.end_record();
    }
    return chunk.finish();
  }

 private:
  static constexpr std::uint16_t kValues = 8;

  bool maybe(unsigned of) { return open_attributes_ = random_() % of == 0; }
  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
  std::string_view name() {
    constexpr std::array<std::string_view, 7> kNames = {"EventData", "Data", "UserData", "A",
                                                        "B",         "Name", "System"};
    return kNames[below(kNames.size())];
  }

  void attributes(TestChunk& chunk) {
    for (unsigned i = 0; i <= below(2); ++i) {
      chunk.attribute(below(2) == 0 ? "Name" : "a");
      if (below(3) != 0) chunk.text(below(5) == 0 ? "" : name());
      if (below(3) == 0) chunk.substitution(static_cast<std::uint16_t>(below(kValues)), 1);
    }
  }

  void content(TestChunk& chunk, unsigned depth) {
    const unsigned count = below(6);
    for (unsigned i = 0; i < count; ++i) {
      chunk.dependency = below(4) == 0 ? static_cast<std::uint16_t>(below(kValues + 2)) : 0xFFFF;
      const bool with = maybe(3);
      chunk.open(below(2) == 0 && depth != 0 ? "Data" : name(), with);
      chunk.dependency = 0xFFFF;
      if (with) attributes(chunk);
      chunk.close_start();
      const unsigned kind = below(8);
      if (kind < 4) chunk.substitution(static_cast<std::uint16_t>(below(kValues + 1)), 1);
      if (kind == 3 || kind == 4) chunk.text("text");
      if (kind >= 6 && depth < 3) content(chunk, depth + 1);
      chunk.end();
    }
  }

  std::vector<TestValue> values() {
    std::vector<TestValue> out;
    for (unsigned i = 0; i < kValues; ++i) {
      switch (below(9)) {
        case 0:
          out.push_back({0x00, ""});
          break;
        case 1:
          out.push_back({0x01, ""});
          break;
        case 2:
          out.push_back({0x81, utf16("x") + le(0, 2) + le(0, 2) + utf16("y") + le(0, 2)});
          break;
        case 3:
          out.push_back({0x86, le(7, 2) + le(8, 2)});
          break;
        case 4:
          out.push_back({0x08, le(4711, 4)});
          break;
        case 5:
          out.push_back({0x0E, "bin"});
          break;
        default:
          out.push_back({0x01, utf16(i % 2 == 0 ? "value" : " \t ")});
          break;
      }
    }
    return out;
  }

  std::minstd_rand random_;
  bool open_attributes_ = false;
};

TEST(EvtxPlan, EmbeddedTemplatesAreReadAsByTheirTree) {
  TestChunk chunk;
  const event::Batch batch = batch_of(TestChunk::file_header() + evtx::two_nested(chunk));
  const Limits limits;
  EXPECT_EQ(expect_same(batch, limits, [](const std::string&) { return true; }), 2U);
}

TEST(EvtxPlan, RandomTemplatesAreReadAsByTheirTree) {
  const Limits limits;
  std::size_t count = 0;
  for (unsigned seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const event::Batch batch = batch_of(RandomTemplate(seed).chunk());
    count += expect_same(batch, limits,
                         [&](const std::string& path) { return (path.size() + seed) % 3 != 0; });
    expect_same(batch, limits, [](const std::string&) { return false; });
  }
  EXPECT_EQ(count, 5000U);
}

}  // namespace
}  // namespace vedette::formats::logs
