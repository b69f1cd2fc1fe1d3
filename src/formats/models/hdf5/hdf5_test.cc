// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5/hdf5.h"

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

std::string message(int type, const std::string& body) {
  return number(static_cast<std::uint64_t>(type), 1) + number(body.size(), 2) + number(0, 1) + body;
}
std::string header(const std::string& messages) {
  return "OHDR" + number(2, 1) + number(1, 1) + number(messages.size(), 2) + messages +
         number(0, 4);
}
// A file of superblock 2 whose first group has these messages.
std::string file(const std::string& messages) {
  return kMark + number(2, 1) + number(8, 1) + number(8, 1) + number(0, 1) + number(0, 8) +
         number(~std::uint64_t{0}, 8) + number(0, 8) + number(kRoot, 8) + number(0, 4) +
         header(messages);
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

}  // namespace
}  // namespace vedette::formats::models
