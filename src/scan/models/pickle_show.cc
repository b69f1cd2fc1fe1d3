// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "formats/models/pickle/machine.h"
#include "scan/models/pickle_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::Effect;
using formats::models::EffectKind;
using formats::models::PickleEnd;
using formats::models::PickleMachine;
using formats::models::PickleRun;
using formats::models::ValueGraph;

constexpr std::size_t kPicklesMax = 1000;  // of one file

class Writer final : public formats::models::EffectObserver {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void on_effect(const ValueGraph& graph, const Effect& effect) override {
    if (out_.size() > kShownMax) return;
    const std::string subject = formats::models::render(graph, effect.subject);
    switch (effect.kind) {
      case EffectKind::kGlobal:
        out_ += fmt::format("{:>8}  import {}\n", effect.offset, subject);
        break;
      case EffectKind::kCall:
        out_ += fmt::format("{:>8}  {}\n", effect.offset, subject);
        break;
      case EffectKind::kBuild:
        out_ += fmt::format("{:>8}  {}.__setstate__({})\n", effect.offset, subject,
                            formats::models::render(graph, effect.argument));
        break;
      case EffectKind::kSetEntries:
      case EffectKind::kAppend:
        out_ += fmt::format("{:>8}  {}.update({})\n", effect.offset, subject,
                            formats::models::render(graph, effect.argument));
        break;
      case EffectKind::kPersistent:
        out_ += fmt::format("{:>8}  persistent_load({})\n", effect.offset, subject);
        break;
      case EffectKind::kExtension:
        out_ += fmt::format("{:>8}  {}\n", effect.offset, subject);
        break;
      case EffectKind::kStraddle:
        out_ += fmt::format("{:>8}  # goes on behind its frame\n", effect.offset);
        break;
      case EffectKind::kFarMemo:
        out_ += fmt::format("{:>8}  # keeps a value under a number far off\n", effect.offset);
        break;
    }
  }

 private:
  static constexpr std::size_t kShownMax = std::size_t{8} << 20;
  std::string& out_;
};

}  // namespace

std::string show_pickles(std::string_view bytes) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t count = 0; at < bytes.size() && count < kPicklesMax; ++count) {
    ValueGraph graph;
    Writer writer(out);
    const PickleRun run = PickleMachine(graph, writer).run(bytes, at);
    if (run.end == PickleEnd::kStop)
      out += fmt::format("{:>8}  return {}\n", run.end_offset,
                         formats::models::render(graph, run.result));
    if (run.end != PickleEnd::kStop || run.end_offset <= at) break;
    at = run.end_offset;
  }
  return out;
}

}  // namespace vedette::scan::models
