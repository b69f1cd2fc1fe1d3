// SPDX-License-Identifier: Apache-2.0
#include "scan/models/pickle_judge.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <utility>

#include "formats/models/pickle/begin_search.h"
#include "scan/models/effect_judge.h"
#include "scan/models/nested_contents.h"

namespace vedette::scan::models {
namespace {

using formats::models::PickleEnd;
using formats::models::PickleMachine;
using formats::models::PickleRun;
using formats::models::ValueGraph;

constexpr std::size_t kPicklesMax = 1000;  // of one file
constexpr std::size_t kProbesMax = 4096;   // begins of pickles that are tried in what follows
constexpr std::size_t kNestedMax = 64;
// Of all runs behind an array that joblib alone knows the size of; each costs as much as kRunCost.
constexpr std::uint64_t kLostOperationsMax = 20'000'000;
constexpr std::uint64_t kRunCost = 100;
constexpr std::size_t kJunkMax = 4096;  // bytes of a broken run that are looked through again

// Runs pickles of one file and keeps what counts of what they do.
class PickleFile {
 public:
  PickleFile(const ModelRules& rules, std::string_view path, std::string_view bytes,
             PickleEffort effort, std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), bytes_(bytes), effort_(effort), findings_(findings) {}

  PickleVerdict judge() {
    std::size_t at = 0;
    std::size_t probes = 0;
    bool in_sequence = true;  // right behind a whole pickle, or at the begin
    for (std::size_t count = 0; at < bytes_.size() && count < kPicklesMax + kProbesMax; ++count) {
      const auto [whole, end] = run(at, in_sequence);
      in_sequence = whole && end < bytes_.size();
      if (in_sequence && formats::models::operand_kind(static_cast<std::uint8_t>(bytes_[end])) !=
                             formats::models::OperandKind::kNoSuchOperation) {
        at = end;
        continue;
      }
      in_sequence = false;
      // What is no pickle may take the first bytes of one for an operand.
      const bool is_near = end - std::min(at, end) <= kJunkMax;
      if (++probes > kProbesMax) break;
      at = formats::models::find_pickle(bytes_, whole     ? end
                                                : is_near ? at + 1
                                                          : std::max(at + 1, end));
    }
    if (effort_ == PickleEffort::kTorchTar) follow_layout();
    return std::move(verdict_);
  }

 private:
  struct Outcome {
    bool whole = false;
    std::size_t end = 0;
  };

  Outcome run(std::size_t at, bool in_sequence) {
    const PickleRun done = run(at, in_sequence, PickleMachine::RawArrays::kPassedOver);
    // By other readers than joblib's, what stands in an array's place is run.
    if (done.passed_arrays) run(at, in_sequence, PickleMachine::RawArrays::kAreOperations);
    if (done.lost_at) look_behind_lost_array(at, *done.lost_at);
    return {done.end == PickleEnd::kStop && done.operations >= 2, done.end_offset};
  }

  PickleRun run(std::size_t at, bool in_sequence, PickleMachine::RawArrays arrays) {
    ValueGraph graph;
    JudgedRun judged = judge_run(rules_, path_, bytes_, at, arrays, graph);
    const PickleRun& run = judged.run;
    const bool is_sure = effort_ != PickleEffort::kProbe;
    const bool whole = run.end == PickleEnd::kStop && run.operations >= 2;
    const bool has_magic = formats::models::may_begin_pickle(bytes_.substr(at));
    // Without a name of Python's it has to be a pickle by all other signs: texts run as such, too.
    const bool is_all = whole && in_sequence && (has_magic || run.end_offset == bytes_.size());
    const bool plausible = judged.has_plausible_import || (judged.has_extension && whole) ||
                           (judged.breaks_rules && is_all);
    const bool counts =
        plausible && (in_sequence ? is_sure || has_magic || whole || run.effects >= 2
                                  : has_magic && (whole || run.effects >= 2));
    if (whole || counts) {
      verdict_.is_pickle = verdict_.is_pickle || has_magic || counts || is_sure;
      ++verdict_.pickles;
      for (std::string& content : nested_contents(graph, judged.loaded)) {
        if (verdict_.nested.size() < kNestedMax) verdict_.nested.push_back(std::move(content));
      }
    }
    // Numbers that are taken for operations may mean anything.
    if (arrays == PickleMachine::RawArrays::kAreOperations)
      std::erase_if(judged.findings,
                    [](const auto& one) { return one.severity < event::Level::kHigh; });
    if (whole) std::ranges::move(judged.storages, std::back_inserter(verdict_.storages));
    if (run.end == PickleEnd::kLimit && (is_sure || has_magic)) report_limit();
    if (counts) keep(std::move(judged.findings));
    seen_.insert(at);
    if (whole && effort_ == PickleEffort::kTorchTar) note_behind(run.end_offset);
    return run;
  }

  // Each import there may be one that joblib comes to, whatever is on its stack.
  void look_behind_lost_array(std::size_t begin, std::size_t lost_at) {
    if (std::exchange(has_lost_array_, true)) return;
    findings_.push_back(make_finding(
        rules_[ModelRule::kBroken], path_, begin, "",
        "joblib would read an array whose size cannot be told from the file: what stands behind it "
        "was looked through for imports alone"));
    std::uint64_t operations = 0;
    for (std::size_t at = formats::models::find_import(bytes_, lost_at);
         at < bytes_.size() && operations < kLostOperationsMax;
         at = formats::models::find_import(bytes_, at + 1)) {
      operations += kRunCost + run(at, true, PickleMachine::RawArrays::kAreOperations).operations;
    }
  }

  void report_limit() {
    findings_.push_back(
        make_finding(rules_[ModelRule::kBroken], path_, 0, "",
                     "The pickle has more operations, or keeps more on its stack, than any model "
                     "does: what comes behind was not looked at"));
  }

  // A second run over the same bytes finds much again.
  void keep(std::vector<event::Finding> found) {
    for (event::Finding& one : found) {
      const bool is_known = std::ranges::any_of(findings_, [&one](const event::Finding& known) {
        return known.place.offset == one.place.offset && known.identity == one.identity &&
               known.place.path == one.place.path;
      });
      if (!is_known) findings_.push_back(std::move(one));
    }
  }

  // Behind a pickle of "storages" stand a count of 8 bytes and so many numbers, of "tensors" the
  // rank in 8 bytes, its sizes and strides, and an offset (torch.serialization, _legacy_load).
  void note_behind(std::size_t end) {
    const auto number = [&](std::size_t size) {
      std::uint64_t value = 0;
      for (std::size_t i = size; i-- > 0 && bytes_.size() - end >= size;)
        value = value << 8 | static_cast<unsigned char>(bytes_[end + i]);
      return value;
    };
    if (end > bytes_.size()) return;
    const std::uint64_t rank = number(4);
    const std::uint64_t count = number(8);
    const std::uint64_t room = bytes_.size() - end;
    if (rank <= room / 16 && 16 + 16 * rank < room) waiting_.push_back(end + 16 + 16 * rank);
    for (const std::uint64_t size : {1U, 2U, 4U, 8U, 16U}) {
      if (count <= room / size && 8 + size * count < room)
        waiting_.push_back(end + 8 + size * count);
    }
  }

  void follow_layout() {
    for (std::size_t i = 0; i < waiting_.size() && i < kProbesMax; ++i) {
      if (!seen_.contains(waiting_[i])) run(waiting_[i], true);
    }
  }

  const ModelRules& rules_;
  std::string_view path_;
  std::string_view bytes_;
  PickleEffort effort_;
  std::vector<event::Finding>& findings_;
  PickleVerdict verdict_;
  std::set<std::size_t> seen_;        // begins that were run
  std::vector<std::size_t> waiting_;  // further ones, of kTorchTar
  bool has_lost_array_ = false;
};

}  // namespace

PickleVerdict judge_pickles(const ModelRules& rules, std::string_view path, std::string_view bytes,
                            PickleEffort effort, std::vector<event::Finding>& findings) {
  return PickleFile(rules, path, bytes, effort, findings).judge();
}

}  // namespace vedette::scan::models
