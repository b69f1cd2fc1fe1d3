// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/models/exchange/msgpack.h"
#include "scan/models/callee.h"
#include "scan/models/exchange/exchange_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::MsgpackReader;
using formats::models::MsgpackValue;

constexpr std::size_t kValuesMax = 20'000'000;

// What Flax stores as extensions (flax/serialization.py): an array, a complex number, a scalar.
// Below zero they are MessagePack's own.
constexpr std::int64_t kFlaxExtensionMax = 3;

// Whether all of it is one table with names, as files of parameters are: MessagePack has no mark.
// False where that cannot be said.
bool is_named_table(std::string_view bytes) {
  const auto head = static_cast<unsigned char>(bytes.empty() ? '\0' : bytes.front());
  if ((head < 0x81 || head > 0x8F) && head != 0xDE && head != 0xDF) return false;
  MsgpackReader reader(bytes);
  MsgpackValue value;
  for (std::size_t count = 0; reader.next(value) && count < kValuesMax; ++count) {
    const bool is_name =
        value.kind == MsgpackValue::Kind::kText || value.kind == MsgpackValue::Kind::kBytes;
    if (value.is_key && reader.depth() == 1 && !is_name) return false;
  }
  return reader.good() && reader.place() == bytes.size();
}

class MsgpackJudge {
 public:
  explicit MsgpackJudge(ExchangeReport& report) : report_(report) {}

  void judge(std::string_view bytes) {
    MsgpackReader reader(bytes);
    MsgpackValue value;
    while (reader.next(value)) {
      if (++count_ > kValuesMax) return report_.set_cut();
      see(value);
    }
  }

 private:
  // A table of msgpack-numpy, in the order in which it is written: nd, type, kind, shape, data.
  struct Array {
    std::string_view data;
    bool is_pickled = false;
  };

  void see(const MsgpackValue& value) {
    switch (value.kind) {
      case MsgpackValue::Kind::kTable:
        arrays_.emplace_back();
        is_table_.push_back(true);
        return;
      case MsgpackValue::Kind::kList:
        is_table_.push_back(false);
        return;
      case MsgpackValue::Kind::kEnd:
        return close();
      case MsgpackValue::Kind::kText:
      case MsgpackValue::Kind::kBytes:
        return value.is_key ? void(key_ = value.bytes) : see_bytes(value);
      case MsgpackValue::Kind::kExtension:
        return see_extension(value);
      default:
        return;
    }
  }

  void close() {
    const bool is_table = is_table_.back();
    is_table_.pop_back();
    if (!is_table) return;
    const Array array = arrays_.back();
    arrays_.pop_back();
    if (!array.is_pickled || array.data.empty()) return;
    report_.add(ModelRule::kLoadsCode, "pickle.loads",
                "Reading it with msgpack-numpy unpickles an array of objects in it (pickle.loads); "
                "msgpack without msgpack_numpy.patch() does not");
    report_.add_pickle("data", array.data);
  }

  void see_bytes(const MsgpackValue& value) {
    if (!is_table_.empty() && is_table_.back()) {
      if (key_ == "kind") arrays_.back().is_pickled = value.bytes == "O";
      if (key_ == "data") arrays_.back().data = value.bytes;
    }
    if (value.kind == MsgpackValue::Kind::kBytes) report_.add_part(key_, value.bytes);
    if (key_.starts_with("py/")) see_object(value.bytes);
  }

  // What jsonpickle resolves where it is told to read MessagePack.
  void see_object(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return;
    const Callee callee = look_up(name.substr(0, dot), name.substr(dot + 1));
    if (callee.capability < Capability::kIndirect) return;
    report_.add(ModelRule::kRunsCode, callee.name,
                fmt::format("Decoding it with jsonpickle resolves {}, which {}", callee.name,
                            to_string(callee.capability)));
  }

  void see_extension(const MsgpackValue& value) {
    if (value.number > kFlaxExtensionMax) {
      const std::string name = fmt::format("extension {}", value.number);
      report_.add(
          ModelRule::kCustomOperation, name,
          fmt::format("Reading it needs a decoder for values of a kind of its own ({})", name));
      return report_.add_part(key_, value.bytes);
    }
    if (value.number < 1) return;
    // An array is one more value of MessagePack: shape, type, bytes.
    MsgpackReader reader(value.bytes);
    MsgpackValue inner;
    while (reader.next(inner)) {
      if (++count_ > kValuesMax) return report_.set_cut();
      if (inner.kind == MsgpackValue::Kind::kBytes) report_.add_part(key_, inner.bytes);
    }
  }

  ExchangeReport& report_;
  std::string_view key_;  // the last
  std::vector<Array> arrays_;
  std::vector<bool> is_table_;
  std::size_t count_ = 0;
};

}  // namespace

// Pickles may begin like this, too.
Claim judge_msgpack(std::string_view bytes, ExchangeReport& report) {
  if (!is_named_table(bytes)) return Claim::kOther;
  MsgpackJudge(report).judge(bytes);
  return Claim::kShared;
}

}  // namespace vedette::scan::models
