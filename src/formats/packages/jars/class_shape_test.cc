// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/jars/class_shape.h"

#include <gtest/gtest.h>

#include "formats/packages/jars/jar_writer.h"

namespace vedette::formats::packages {
namespace {

ClassShape shape_of(const std::string& bytes) {
  const Result<ClassShape> shape = class_shape(bytes);
  EXPECT_TRUE(shape.has_value()) << (shape ? "" : shape.error().message);
  return shape ? ClassShape{"", shape->hash, shape->tells} : ClassShape();
}

TEST(ClassShapeTest, StaysTheSameInAnotherPackageAndByAnotherWriter) {
  const std::string plain = ClassWriter("com/acme/Tool", 1).write({});
  EXPECT_EQ(class_shape(plain)->name, "com/acme/Tool");
  const ClassShape shape = shape_of(plain);
  EXPECT_TRUE(shape.tells);
  const ClassLayout other = {300, true, true, false};
  EXPECT_EQ(shape_of(ClassWriter("com/acme/Tool", 1).write(other)).hash, shape.hash);
  EXPECT_EQ(shape_of(ClassWriter("org/app/shaded/acme/Tool", 1).write(other)).hash, shape.hash);
}

TEST(ClassShapeTest, DiffersByWhatAClassDoesAndIsCalled) {
  const std::uint64_t hash = shape_of(ClassWriter("com/acme/Tool", 1).write({})).hash;
  EXPECT_NE(shape_of(ClassWriter("com/acme/Tool", 2).write({})).hash, hash);
  EXPECT_NE(shape_of(ClassWriter("com/acme/Tools", 1).write({})).hash, hash);
  // Jakarta EE is not Java EE that somebody moved.
  EXPECT_NE(shape_of(ClassWriter("jakarta/acme/Tool", 1).write({})).hash, hash);
}

TEST(ClassShapeTest, AMarkerTellsNothing) {
  const auto half = ClassWriter::half;
  const std::string name = "a/Marker";
  const std::string bytes = ClassWriter::word(0xCAFEBABE) + half(0) + half(52) + half(3) + "\x01" +
                            half(name.size()) + name + "\x07" + half(1) + half(0x601) + half(2) +
                            half(0) + half(0) + half(0) + half(0) + half(0);
  EXPECT_FALSE(shape_of(bytes).tells);
}

TEST(ClassShapeTest, ACutClassIsAnError) {
  const std::string whole = ClassWriter("com/acme/Tool", 1).write({});
  // The last two bytes count attributes of the class, which are not looked at.
  for (std::size_t size = 0; size + 2 < whole.size(); ++size)
    EXPECT_FALSE(class_shape(whole.substr(0, size)).has_value()) << size;
}

TEST(ClassShapeTest, NoConstantLeadsInACircle) {
  const auto half = ClassWriter::half;
  // A class whose name is the class itself; then members and pairs that refer to themselves.
  for (const std::string& constant :
       {"\x07" + half(1), "\x0a" + half(1) + half(1), "\x0c" + half(1) + half(1)}) {
    const std::string bytes = ClassWriter::word(0xCAFEBABE) + half(0) + half(52) + half(2) +
                              constant + half(0x21) + half(1) + half(1) + half(0) + half(0) +
                              half(0) + half(0);
    const Result<ClassShape> shape = class_shape(bytes);
    ASSERT_FALSE(shape.has_value());
    EXPECT_EQ(shape.error().code, ErrorCode::kInvalid);
  }
}

TEST(ClassShapeTest, DamageNeverDoesHarm) {
  const std::string whole = ClassWriter("com/acme/Tool", 1).write({});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\x7f', '\xff'}) {
      std::string broken = whole;
      broken[at] = byte;
      static_cast<void>(class_shape(broken));
    }
  }
}

}  // namespace
}  // namespace vedette::formats::packages
