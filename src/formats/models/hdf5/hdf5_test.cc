// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/hdf5.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <string>

namespace vedette::formats::models {
namespace {

std::string number(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (; size > 0; --size, value >>= 8) bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

const std::string kMark = "\x89HDF\r\n\x1a\n";
constexpr std::size_t kRoot = 48;

constexpr std::uint64_t kShared = 2;

std::string message(int type, const std::string& body, std::uint64_t flags = 0) {
  return number(static_cast<std::uint64_t>(type), 1) + number(body.size(), 2) + number(flags, 1) +
         body;
}
std::string header(const std::string& messages) {
  return "OHDR" + number(2, 1) + number(1, 1) + number(messages.size(), 2) + messages +
         number(0, 4);
}
// A file of superblock 2 whose first group has these messages.
std::string file(const std::string& messages, std::uint64_t extension = ~std::uint64_t{0}) {
  return kMark + number(2, 1) + number(8, 1) + number(8, 1) + number(0, 1) + number(0, 8) +
         number(extension, 8) + number(0, 8) + number(kRoot, 8) + number(0, 4) + header(messages);
}
// With further bytes at a place.
std::string with(std::string bytes, std::size_t at, const std::string& more) {
  bytes.resize(std::max(bytes.size(), at + more.size()));
  return bytes.replace(at, more.size(), more);
}
std::string external_link(const std::string& name) {
  const std::string body = number(0, 1) + name + number(0, 1) + "/x" + number(0, 1);
  return message(6, number(1, 1) + number(8, 1) + number(64, 1) + number(1, 1) + "a" +
                        number(body.size(), 2) + body);
}
std::string hard_link(std::uint64_t to, const std::string& name = "b") {
  return message(6, number(1, 1) + number(0, 1) + number(name.size(), 1) + name + number(to, 8));
}
std::string soft_link(const std::string& name, const std::string& path) {
  return message(6, number(1, 1) + number(8, 1) + number(1, 1) + number(name.size(), 1) + name +
                        number(path.size(), 2) + path);
}
std::string text_type(std::size_t size) { return number(0x13, 4) + number(size, 4); }
std::string variable_text_type() { return number(0x0119, 4) + number(16, 4) + text_type(1); }
std::string list_space(std::size_t count) {
  return number(2, 1) + number(1, 1) + number(0, 1) + number(1, 1) + number(count, 8);
}
std::string attribute(const std::string& name, const std::string& type, const std::string& space,
                      const std::string& data) {
  return message(12, number(3, 2) + number(name.size() + 1, 2) + number(type.size(), 2) +
                         number(space.size(), 2) + number(0, 1) + name + number(0, 1) + type +
                         space + data);
}
const std::string kSingle = number(2, 4);

struct Seen final : Hdf5Observer {
  void on_reference(const Hdf5Reference& reference) override {
    references.emplace_back(reference.kind, reference.file);
  }
  void on_attribute(std::uint64_t, std::string_view name, std::string_view value) override {
    attributes[std::string(name)] = value;
  }
  bool wants_link(std::string_view name) override { return name == "wanted"; }
  bool wants_values(std::uint64_t) override { return false; }
  void on_values(std::string_view name, std::string_view value) override {
    values[std::string(name)] = value;
  }
  void on_unread(std::string_view name) override { unread = name; }
  void on_fault(std::string_view text) override { fault = text; }

  std::vector<std::pair<Hdf5Reference::Kind, std::string>> references;
  std::map<std::string, std::string> attributes;
  std::map<std::string, std::string> values;
  std::string unread;
  std::string fault;
  Hdf5Summary summary;
};
Seen read(const std::string& bytes) {
  Seen seen;
  seen.summary = read_hdf5(bytes, seen);
  return seen;
}

TEST(Hdf5, NamesTheFilesOfLinks) {
  const Seen seen = read(file(external_link("../other.h5")));
  ASSERT_EQ(seen.references.size(), 1U);
  EXPECT_EQ(seen.references[0].first, Hdf5Reference::Kind::kExternalLink);
  EXPECT_EQ(seen.references[0].second, "../other.h5");
  EXPECT_TRUE(read(file(message(0, "no link"))).references.empty());
}

TEST(Hdf5, NamesTheFilesOfData) {
  std::string bytes = file(hard_link(256));
  bytes.resize(256);
  bytes += header(message(7, number(1, 4) + number(1, 2) + number(1, 2) + number(512, 8) +
                                 number(8, 8) + number(0, 8) + number(100, 8)));
  bytes.resize(512);
  bytes += "HEAP" + number(0, 4) + number(64, 8) + number(0, 8) + number(600, 8);
  bytes.resize(608);
  bytes += "/etc/hostname" + number(0, 1);
  const Seen seen = read(bytes);
  EXPECT_EQ(seen.summary.objects, 2U);
  ASSERT_EQ(seen.references.size(), 1U);
  EXPECT_EQ(seen.references[0].first, Hdf5Reference::Kind::kExternalData);
  EXPECT_EQ(seen.references[0].second, "/etc/hostname");
}

TEST(Hdf5, ReadsBehindOtherBytes) {
  const std::string bytes = std::string(1024, 'x') + file(external_link("o.h5"));
  EXPECT_EQ(hdf5_begin(bytes), 1024U);
  EXPECT_EQ(read(bytes).references.size(), 1U);
  EXPECT_FALSE(hdf5_begin("x" + bytes));
}

TEST(Hdf5, EndsWhereLinksGoInCircles) {
  EXPECT_EQ(read(file(hard_link(kRoot))).summary.objects, 1U);
  const std::string bytes = file(external_link("o.h5") + hard_link(kRoot, "wanted"));
  for (std::size_t size = 0; size < bytes.size(); ++size) read(bytes.substr(0, size));
}

TEST(Hdf5, ReadsAttributes) {
  EXPECT_EQ(
      read(file(attribute("a", text_type(8), kSingle, "abc" + number(0, 5)))).attributes.at("a"),
      "abc");
  // Of several texts, without what pads them.
  EXPECT_EQ(read(file(attribute("a", text_type(3), list_space(2),
                                "x" + number(0, 2) + "yz" + number(0, 1))))
                .attributes.at("a"),
            "xyz");
  // More elements than there are bytes.
  EXPECT_EQ(
      read(file(attribute("a", text_type(3), list_space(1U << 31), "abcdef"))).attributes.at("a"),
      "abcdef");
  EXPECT_TRUE(read(file(attribute("a", number(0x11, 4) + number(8, 4), kSingle, number(7, 8))))
                  .attributes.empty());
}

TEST(Hdf5, ReadsTextOfAnySize) {
  std::string bytes = file(
      attribute("a", variable_text_type(), kSingle, number(5, 4) + number(512, 8) + number(2, 4)));
  bytes.resize(512);
  bytes += "GCOL" + number(1, 4) + number(80, 8) + number(1, 8) + number(3, 8) + "one" +
           number(0, 5) + number(2, 8) + number(5, 8) + "hello" + number(0, 3) + number(0, 16);
  EXPECT_EQ(read(bytes).attributes.at("a"), "hello");
}

TEST(Hdf5, ReadsOnlyTheDataThatIsWanted) {
  const std::string layout = message(8, number(3, 1) + number(0, 1) + number(4, 2) + "data");
  const std::string set = header(message(3, text_type(4)) + message(1, kSingle) + layout);
  const auto with = [&](const std::string& links) {
    std::string bytes = file(links);
    bytes.resize(512);
    return read(bytes + set);
  };
  EXPECT_TRUE(with(hard_link(512)).values.empty());
  EXPECT_EQ(with(hard_link(512, "wanted")).values.at("wanted"), "data");
  // By its second name, or by a link to its first.
  EXPECT_EQ(with(hard_link(512) + hard_link(512, "wanted")).values.at("wanted"), "data");
  EXPECT_EQ(with(hard_link(512, "x") + soft_link("wanted", "/x")).values.at("x"), "data");
}

TEST(Hdf5, FollowsLinksToLinks) {
  const std::string layout = message(8, number(3, 1) + number(0, 1) + number(4, 2) + "data");
  const std::string set = header(message(3, text_type(4)) + message(1, kSingle) + layout);
  const Seen seen = read(
      with(file(soft_link("wanted", "/x") + soft_link("x", "/y") + hard_link(512, "y")), 512, set));
  EXPECT_EQ(seen.values.at("y"), "data");
  EXPECT_EQ(seen.summary.objects, 2U);
}

TEST(Hdf5, ReadsWhatIsAlsoNamedAsSomethingElse) {
  // A group whose tree is said to be where an object is.
  const std::string table = message(17, number(512, 8) + number(~std::uint64_t{0}, 8));
  const Seen seen = read(with(file(table + hard_link(512)), 512, header(external_link("o.h5"))));
  EXPECT_EQ(seen.references.size(), 1U);
}

TEST(Hdf5, SaysWhenThereIsMoreThanItReads) {
  EXPECT_FALSE(read(file(hard_link(512, "wanted"))).summary.is_cut);
  std::string links;
  for (int i = 0; i < 1'100; ++i) links += hard_link(512, "wanted");
  EXPECT_TRUE(read(file(links)).summary.is_cut);
  // A text that is larger than values are read.
  const std::uint64_t size = kHdf5ValueMax + 1;
  const std::string reference = number(size, 4) + number(512, 8) + number(1, 4);
  const std::string heap = "GCOL" + number(1, 4) + number(size + 32, 8) + number(1, 8) +
                           number(size, 8) + std::string(size, 'x');
  const Seen large =
      read(with(file(attribute("a", variable_text_type(), kSingle, reference)), 512, heap));
  EXPECT_EQ(large.attributes.at("a").size(), kHdf5ValueMax);
  EXPECT_TRUE(large.summary.is_cut);
}

TEST(Hdf5, SaysWhatIsStoredInAnUnknownWay) {
  // A list of chunks of kind 9.
  const std::string layout =
      message(8, number(4, 1) + number(2, 1) + number(0, 1) + number(2, 1) + number(1, 1) +
                     number(4, 1) + number(4, 1) + number(9, 1) + number(512, 8));
  const std::string set = header(message(3, text_type(4)) + message(1, list_space(4)) + layout);
  EXPECT_EQ(read(with(file(hard_link(512, "wanted")), 512, set)).unread, "wanted");
}

TEST(Hdf5, ComparesSizesThatAreSharedWithTheFile) {
  const std::string number_type = number(0x11, 4) + number(8, 4);
  const std::string reference = number(2, 1) + number(0, 1) + number(700, 8);
  const auto of = [&](std::size_t count) {
    const std::string set = header(message(3, reference, kShared) + message(1, list_space(count)));
    return read(with(with(file(hard_link(512)), 512, set), 700, header(message(3, number_type))));
  };
  EXPECT_TRUE(of(1'000).fault.empty());
  EXPECT_FALSE(of(std::size_t{1} << 36).fault.empty());
}

// Chunks that all name the same bytes, none of which is unpacked.
TEST(Hdf5, BoundsWhatIsCopiedForChunks) {
  constexpr std::uint64_t kSize = std::uint64_t{8} << 20;
  constexpr std::uint64_t kChunks = 60'000;
  const std::string layout = message(8, number(3, 1) + number(2, 1) + number(2, 1) +
                                            number(1'024, 8) + number(1, 4) + number(1, 4));
  const std::string deflate = message(
      11, number(2, 1) + number(1, 1) + number(1, 2) + number(0, 2) + number(1, 2) + number(6, 4));
  const std::string set =
      header(message(3, text_type(1)) + message(1, list_space(kChunks)) + layout + deflate);
  std::string tree = "TREE" + number(1, 1) + number(0, 1) + number(kChunks, 2) + number(0, 16);
  for (std::uint64_t i = 0; i < kChunks; ++i)
    tree += number(kSize, 4) + number(1, 4) + number(i, 8) + number(0, 8) + number(0, 8);
  const Seen seen = read(
      with(with(file(hard_link(512, "wanted")), 512, set), 1'024, tree + std::string(kSize, 'x')));
  EXPECT_TRUE(seen.summary.is_cut);
  EXPECT_EQ(seen.unread, "wanted");
}

// An attribute in one block of a heap of shared messages, its type in another; both are packed.
std::string with_shared_messages(std::uint64_t filter) {
  constexpr std::size_t kTable = 256;
  constexpr std::size_t kHeap = 320;
  constexpr std::size_t kBlocks = 640;
  constexpr std::uint64_t kBlockSize = 64;
  const auto id = [](std::uint64_t offset, std::uint64_t size) {
    return number(0, 1) + number(offset, 2) + number(size, 1) + number(0, 4);
  };
  const auto reference = [&](std::uint64_t offset, std::uint64_t size) {
    return number(3, 1) + number(1, 1) + id(offset, size);
  };
  const std::string type = text_type(8);
  const std::string type_at = reference(kBlockSize + 16, type.size());
  const std::string shared = number(3, 1) + number(1, 1) + number(2, 2) +
                             number(type_at.size(), 2) + number(kSingle.size(), 2) + number(0, 1) +
                             "a" + number(0, 1) + type_at + kSingle + "the text";
  const std::string types = number(1U << 3 | 1U << 12, 2);
  const std::string table =
      "SMTB" + number(0, 2) + types + number(0, 10) + number(0, 8) + number(kHeap, 8);
  const std::string filters =
      number(2, 1) + number(1, 1) + number(filter, 2) + number(0, 2) + number(0, 2);
  const std::string heap =
      "FRHP" + number(0, 1) + number(8, 2) + number(filters.size(), 2) + number(0, 1) +
      number(kBlockSize, 4) + number(0, 8) + number(0, 8) + number(0, 8) + number(0, 8) +
      number(0, 64) + number(2, 2) + number(kBlockSize, 8) + number(kBlockSize, 8) + number(16, 2) +
      number(0, 2) + number(kBlocks, 8) + number(1, 2) + number(0, 8) + number(0, 4) + filters;
  const auto entry = [](std::uint64_t at) {
    return number(at, 8) + number(kBlockSize + 4, 8) + number(0, 4);
  };
  const std::string blocks =
      "FHIB" + number(0, 1) + number(kHeap, 8) + number(0, 2) + entry(768) + entry(896);
  const auto block = [](const std::string& object) {
    return std::string(16, '.') + object + std::string(kBlockSize + 4 - 16 - object.size(), '.');
  };
  std::string bytes = file(message(12, reference(16, shared.size()), kShared), 200);
  bytes = with(bytes, 200, header(message(15, number(0, 1) + number(kTable, 8) + number(1, 1))));
  bytes = with(with(with(bytes, kTable, table), kHeap, heap), kBlocks, blocks);
  return with(with(bytes, 768, block(shared)), 896, block(type));
}

TEST(Hdf5, ReadsSharedMessagesThatArePacked) {
  constexpr std::uint64_t kChecksum = 3;
  const Seen seen = read(with_shared_messages(kChecksum));
  EXPECT_EQ(seen.attributes.at("a"), "the text");
  EXPECT_FALSE(seen.summary.is_cut);
  // What cannot be unpacked is told.
  constexpr std::uint64_t kSzip = 4;
  EXPECT_TRUE(read(with_shared_messages(kSzip)).attributes.empty());
  EXPECT_TRUE(read(with_shared_messages(kSzip)).summary.is_cut);
  // No index is asked for what has no bit in it.
  std::string odd = with_shared_messages(kChecksum);
  odd[kRoot + 8] = '\x7F';
  EXPECT_TRUE(read(odd).attributes.empty());
}

}  // namespace
}  // namespace vedette::formats::models
