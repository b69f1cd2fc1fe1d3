// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

// The constants of a class file (JVMS §4.4), as far as they say the same wherever the class was
// moved to.
namespace vedette::formats::packages {

// Takes numbers off bytes, big-endian. What lies behind the end is 0, and ok() is false from then.
class ClassBytes {
 public:
  explicit ClassBytes(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t half() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t word() { return static_cast<std::uint32_t>(number(4)); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }

  std::string_view rest_;  // the caller's
  bool ok_ = true;
};

class ConstantPool {
 public:
  // Takes the pool off the bytes, which outlive it.
  static Result<ConstantPool> read(ClassBytes& bytes);

  // Each hashes what a constant says; of another kind than expected, or none, ok() is false from
  // then. Every constant is hashed once, however often it is asked for.
  std::uint64_t name(std::uint16_t index);         // Utf8, as it is
  std::uint64_t descriptor(std::uint16_t index);   // Utf8, without packages
  std::uint64_t simple_name(std::uint16_t index);  // Class
  std::uint64_t member(std::uint16_t index);       // Fieldref, Methodref, InterfaceMethodref
  std::uint64_t call_site(std::uint16_t index);    // Dynamic, InvokeDynamic: without its bootstrap
  std::uint64_t loadable(std::uint16_t index);     // of ldc, ldc_w, ldc2_w, ConstantValue
  std::string_view text(std::uint16_t index);      // Utf8
  std::string_view class_name(std::uint16_t index);
  bool ok() const { return ok_; }

 private:
  enum class Tag : std::uint8_t {
    kNone = 0,  // also the second place of a long
    kUtf8 = 1,
    kInteger = 3,
    kFloat = 4,
    kLong = 5,
    kDouble = 6,
    kClass = 7,
    kString = 8,
    kFieldref = 9,
    kMethodref = 10,
    kInterfaceMethodref = 11,
    kNameAndType = 12,
    kMethodHandle = 15,
    kMethodType = 16,
    kDynamic = 17,
    kInvokeDynamic = 18,
    kModule = 19,
    kPackage = 20,
  };
  struct Constant {
    Tag tag = Tag::kNone;
    std::uint16_t first = 0;
    std::uint16_t second = 0;
    std::string_view bytes;  // of Utf8 and numbers; the caller's
    // Of Utf8: by Reading; 0: not yet made.
    std::uint64_t hashes[4] = {};
  };
  // What a text is read as.
  enum class Reading : std::uint8_t { kName, kDescriptor, kClass, kString };

  const Constant& at(std::uint16_t index, Tag tag);
  std::uint64_t hash(std::uint16_t index, Reading reading);
  std::uint64_t name_and_type(std::uint16_t index);

  std::vector<Constant> constants_;
  bool ok_ = true;
};

}  // namespace vedette::formats::packages
