// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "formats/models/pickle/machine.h"

namespace vedette::formats::models {
namespace {

// Looks at all that it is told.
class Reader final : public EffectObserver {
 public:
  void on_effect(const ValueGraph& graph, const Effect& effect) override {
    if (++count_ < 1000) size_ += render(graph, effect.subject).size();
  }

 private:
  std::size_t count_ = 0;
  std::size_t size_ = 0;
};

}  // namespace
}  // namespace vedette::formats::models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vedette::formats::models::ValueGraph graph;
  vedette::formats::models::Reader reader;
  vedette::formats::models::PickleMachine(graph, reader)
      .run({reinterpret_cast<const char*>(data), size}, 0);
  return 0;
}
