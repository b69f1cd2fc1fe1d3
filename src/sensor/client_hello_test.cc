// SPDX-License-Identifier: Apache-2.0
#include "sensor/client_hello.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::sensor {
namespace {

std::string number(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string extension(std::size_t type, const std::string& content) {
  return number(type) + number(content.size()) + content;
}

std::string names(const std::string& name) {
  const std::string entry = std::string(1, '\0') + number(name.size()) + name;
  return number(entry.size()) + entry;
}

std::string hello(const std::string& extensions) {
  return std::string(5 + 4 + 2 + 32, 'x') + '\x02' + "id" + number(4) + "\x13\x01\x13\x02" +
         std::string("\x01\0", 2) + number(extensions.size()) + extensions;
}

TEST(ClientHello, NamesItsServer) {
  EXPECT_EQ(server_name(hello(extension(0, names("example.org")))), "example.org");
  EXPECT_EQ(server_name(hello(extension(16, "h2") + extension(0, names("a.b")))), "a.b");
}

TEST(ClientHello, NeedNotNameIt) {
  EXPECT_EQ(server_name(hello(extension(16, "h2"))), "");
  EXPECT_EQ(server_name(hello("")), "");
  EXPECT_EQ(server_name(hello(extension(0, ""))), "");
}

TEST(ClientHello, MayBeCutAnywhere) {
  const std::string whole = hello(extension(0, names("example.org")) + extension(16, "behind"));
  const std::size_t end = whole.find("example.org") + 11;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(server_name(whole.substr(0, size)), size < end ? "" : "example.org") << size;
  }
}

TEST(ClientHello, LengthsMayLie) {
  std::string lying = hello(extension(0, names("example.org")));
  for (char& byte : lying) {
    const char kept = byte;
    byte = '\xff';
    static_cast<void>(server_name(lying));
    byte = kept;
  }
}

}  // namespace
}  // namespace vedette::sensor
