// SPDX-License-Identifier: Apache-2.0
#include "formats/models/python_marshal.h"

#include <gtest/gtest.h>

namespace vedette::formats::models {
namespace {

TEST(PythonMarshal, FindsNames) {
  using Names = std::vector<std::string>;
  const std::string code = std::string("\xE3\1\0\0\0\xDA\2os\xDA\6system\x7A\5a b c", 24) +
                           std::string("s\6\0\0\0system", 11) + std::string("t\4\0\0\0exec", 9);
  EXPECT_EQ(marshalled_names(code), (Names{"os", "system", "exec"}));
  EXPECT_EQ(marshalled_names(code.substr(0, 12)), Names{"os"});
  EXPECT_TRUE(marshalled_names("z\xFFos").empty());
  EXPECT_TRUE(marshalled_names("").empty());
}

TEST(PythonMarshal, DecodesBase64) {
  EXPECT_EQ(decode_base64("aGVs\nbG8="), "hello");
  EXPECT_EQ(decode_base64("aGVsbG8 x"), "hello");
  EXPECT_EQ(decode_base64("_-"), "\xFF");
  EXPECT_TRUE(decode_base64("!").empty());
}

}  // namespace
}  // namespace vedette::formats::models
