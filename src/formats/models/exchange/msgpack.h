// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vedette::formats::models {

// One value of MessagePack (msgpack's spec.md).
struct MsgpackValue {
  enum class Kind : std::uint8_t {
    kNone,
    kBoolean,
    kNumber,
    kFloat,
    kText,
    kBytes,
    kExtension,
    kList,
    kTable,
    kEnd,  // of the innermost list or table
  };
  Kind kind = Kind::kNone;
  std::int64_t number =
      0;  // of kNumber (beyond its range the nearest), kBoolean; of kExtension its type
  std::uint64_t count = 0;  // of kList and kTable: elements, pairs
  std::string_view bytes;   // of kText, kBytes and kExtension: in the input
  bool is_key = false;      // it is a key of the table around it
};

// Goes through one value and all that is in it, the outside first. Keys and values of tables follow
// each other. The bytes outlive it.
class MsgpackReader {
 public:
  static constexpr std::size_t kDepthMax = 512;

  explicit MsgpackReader(std::string_view bytes) : bytes_(bytes) {}

  // False at the end of the outermost value, and where the bytes are none: then good() is false.
  bool next(MsgpackValue& value);
  bool good() const { return good_; }
  std::size_t depth() const { return open_.size(); }
  std::size_t place() const { return at_; }  // behind what was read

 private:
  struct Frame {
    std::uint64_t left = 0;  // values, keys counted as well
    bool is_table = false;
  };

  std::uint64_t big_endian(std::size_t size);
  std::string_view take(std::uint64_t size);
  bool read_head(MsgpackValue& value, unsigned char head);
  void read_wide(MsgpackValue& value, unsigned char head);
  bool open(MsgpackValue& value);

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::vector<Frame> open_;
  bool begun_ = false;
  bool good_ = true;
};

}  // namespace vedette::formats::models
