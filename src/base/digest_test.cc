// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>

namespace vedette {
namespace {

// The examples of FIPS 180-4.
TEST(Digest, OfKnownTexts) {
  EXPECT_EQ(to_hexadecimal(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hexadecimal(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const Sha512 longer = sha512("abc");
  std::string digits;
  for (const std::uint8_t byte : longer) digits += fmt::format("{:02x}", byte);
  EXPECT_EQ(digits,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(to_hexadecimal(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hexadecimal(sha1("abc"), 12), "a9993e364706");
  EXPECT_EQ(read_sha1("A9993e364706816aba3e25717850c26c9cd0d89d"), sha1("abc"));
  EXPECT_EQ(read_sha1("a9993e364706816aba3e25717850c26c9cd0d89"), std::nullopt);
  EXPECT_EQ(read_sha1("a9993e364706816aba3e25717850c26c9cd0d8-9"), std::nullopt);
  Sha1Stream pieces;
  pieces.add("a");
  pieces.add("");
  pieces.add("bc");
  EXPECT_EQ(pieces.finish(), sha1("abc"));
  Sha256Stream stream;
  for (int i = 0; i < 1000; ++i) stream.add(std::string(1000, 'a'));
  EXPECT_EQ(to_hexadecimal(stream.finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// RFC 4231, sections 4.2, 4.3 and 4.7: a short key, a shorter one, and one longer than a block.
TEST(Digest, CodesWithKeysAreAsTheStandardSays) {
  EXPECT_EQ(to_hexadecimal(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hexadecimal(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hexadecimal(hmac_sha256(std::string(131, '\xaa'),
                                       "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace vedette
