// SPDX-License-Identifier: Apache-2.0
#include "formats/models/hdf5.h"

#include <gtest/gtest.h>
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
  return kMark + number(2, 1) + number(8, 1) + number(8, 1) + number(0, 1) + number(0, 24) +
         number(kRoot, 8) + number(0, 4) + header(messages);
}
std::string external_link(const std::string& name) {
  const std::string body = number(0, 1) + name + number(0, 1) + "/x" + number(0, 1);
  return message(6, number(1, 1) + number(8, 1) + number(64, 1) + number(1, 1) + "a" +
                        number(body.size(), 2) + body);
}
std::string hard_link(std::uint64_t to) {
  return message(6, number(1, 1) + number(0, 1) + number(1, 1) + "b" + number(to, 8));
}

TEST(Hdf5, NamesTheFilesOfLinks) {
  const std::string bytes = file(external_link("../other.h5"));
  const Hdf5Structure structure = read_hdf5(bytes);
  ASSERT_EQ(structure.references.size(), 1U);
  EXPECT_EQ(structure.references[0].kind, Hdf5Reference::Kind::kExternalLink);
  EXPECT_EQ(structure.references[0].file, "../other.h5");
  EXPECT_TRUE(read_hdf5(file(message(0, "no link"))).references.empty());
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
  const Hdf5Structure structure = read_hdf5(bytes);
  EXPECT_EQ(structure.objects, 2U);
  ASSERT_EQ(structure.references.size(), 1U);
  EXPECT_EQ(structure.references[0].kind, Hdf5Reference::Kind::kExternalData);
  EXPECT_EQ(structure.references[0].file, "/etc/hostname");
}

TEST(Hdf5, ReadsBehindOtherBytes) {
  const std::string bytes = std::string(1024, 'x') + file(external_link("o.h5"));
  EXPECT_EQ(hdf5_begin(bytes), 1024U);
  EXPECT_EQ(read_hdf5(bytes).references.size(), 1U);
  EXPECT_FALSE(hdf5_begin("x" + bytes));
}

TEST(Hdf5, EndsWhereLinksGoInCircles) {
  EXPECT_EQ(read_hdf5(file(hard_link(kRoot))).objects, 1U);
  const std::string bytes = file(external_link("o.h5") + hard_link(kRoot));
  for (std::size_t size = 0; size < bytes.size(); ++size) read_hdf5(bytes.substr(0, size));
}

}  // namespace
}  // namespace vedette::formats::models
