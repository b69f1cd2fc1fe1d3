// SPDX-License-Identifier: Apache-2.0
// Rules against events of which it is known what they must find. Whatever the events come from,
// they become input files of one detect() run, and its alerts are counted by input and rule; so
// what is tested is what runs. Sequences get a run each: correlations would mix them otherwise.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "engine/rules/case_files.h"
#include "engine/rules/regression_data.h"
#include "engine/rules/rules_run.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

// What one rule must find in some inputs, each by itself.
struct Expectation {
  std::string rule_id;
  std::vector<std::string> inputs;
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most;
  bool recorded = false;  // forms of one recording: they must give the same count
  Place place;
  std::string name;
};

// A folder that is gone when the run is over.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "vedette-test-XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) {
      return failure(ErrorCode::kSystem,
                     fmt::format("expected to create a temporary folder like {}, could not; set "
                                 "TMPDIR to a folder that can be written",
                                 path));
    }
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  // Writes the next file of the folder and returns its path.
  Result<std::string> add(std::string_view content) {
    std::string path = fmt::format("{}/{:06}.log", path_, count_++);
    TRY_VOID(write_file_whole(path, content));
    return path;
  }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::size_t count_ = 0;
};

class CountingSink : public event::Sink {
 public:
  Result<void> write(const event::Alert& alert) override {
    ++counts_[{std::string(alert.input), alert.rule->id}];
    return {};
  }
  Result<void> finish(const event::Summary& summary) override {
    for (const event::InputReport& input : summary.inputs) {
      if (!input.problems.empty()) problems_[input.name] = input.problems.front().message;
    }
    return {};
  }
  bool wants_details() const override { return false; }

  std::uint64_t count(const std::string& input, const std::string& rule_id) const {
    const auto found = counts_.find({input, rule_id});
    return found == counts_.end() ? 0 : found->second;
  }
  // What was wrong with reading the input; "" when nothing was.
  std::string problem(const std::string& input) const {
    const auto found = problems_.find(input);
    return found == problems_.end() ? "" : found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts_;
  std::map<std::string, std::string> problems_;
};

// One call of test_rules().
class Trial {
 public:
  Trial(RuleOptions options, const Limits& limits, const std::atomic<bool>& stop,
        TemporaryFolder folder)
      : options_(std::move(options)), limits_(limits), stop_(stop), folder_(std::move(folder)) {}

  Result<RuleTestReport> run();

 private:
  void split_paths();
  Result<void> add_case_files(const std::string& path);
  Result<void> add_case_file(const CaseFile& file);
  Result<void> add_regression_data(const std::string& folder);
  void note_rules_without_case();
  const event::RuleInfo* rule_of(const CaseFile& file);
  Result<void> judge(const std::vector<Expectation>& expectations);
  void judge_one(const Expectation& expectation, const CountingSink& sink);
  void fail(const Place& place, std::string message);

  RuleOptions options_;
  const Limits& limits_;           // of the caller of test_rules()
  const std::atomic<bool>& stop_;  // likewise
  TemporaryFolder folder_;
  std::vector<std::string> case_paths_;
  std::vector<std::string> regression_folders_;
  rules::RuleSet set_;
  std::set<std::string> known_ids_;
  std::set<std::string> with_case_;
  std::vector<Expectation> together_;  // judged in one run
  std::vector<Expectation> alone_;     // a run each
  RuleTestReport report_;
};

void Trial::fail(const Place& place, std::string message) {
  ++report_.failed;
  report_.failures.push_back({DiagnosticKind::kError, place, std::move(message), ""});
}

// A checkout of SigmaHQ's rules holds them in folders rules*/ beside regression_data/.
void Trial::split_paths() {
  std::vector<std::string> rule_paths;
  for (const std::string& path : options_.rules) {
    std::error_code error;
    const std::string regression = (fs::path(path) / "regression_data").string();
    if (!fs::is_directory(regression, error)) {
      rule_paths.push_back(path);
      case_paths_.push_back(path);
      continue;
    }
    regression_folders_.push_back(regression);
    std::vector<std::string> below;
    for (const auto& entry : fs::directory_iterator(path, error)) {
      if (entry.is_directory(error) && entry.path().filename().string().starts_with("rules")) {
        below.push_back(entry.path().string());
      }
    }
    std::sort(below.begin(), below.end());
    rule_paths.insert(rule_paths.end(), below.begin(), below.end());
  }
  options_.rules = std::move(rule_paths);
}

const event::RuleInfo* Trial::rule_of(const CaseFile& file) {
  // With a choice of rules, a case of another rule is no failure.
  const bool all = options_.only.empty() && options_.tags.empty() && options_.exclude.empty() &&
                   options_.level_min == event::Level::kInformational;
  if (!file.rule.empty()) {
    const Result<FoundRule> found = find_rule(set_, file.rule);
    if (found) return found->info;
    if (all) fail({file.path, 0, 0, 0}, found.error().message);
    return nullptr;
  }
  std::vector<const event::RuleInfo*> infos;
  const fs::path wanted = fs::path(file.rule_file).lexically_normal();
  // NAME.case.yml stands beside NAME.yml, or NAME.yaml.
  const fs::path longer = fs::path(wanted).replace_extension(".yaml");
  const auto take = [&](const event::RuleInfo& info) {
    const fs::path own = fs::path(info.file).lexically_normal();
    if (own == wanted || own == longer) infos.push_back(&info);
  };
  for (const rules::Rule& rule : set_.rules) take(rule.info);
  for (const rules::Correlation& correlation : set_.correlations) take(correlation.info);
  if (infos.size() == 1) return infos[0];
  // In a file of a correlation with its base rules, the correlation is what the case is about.
  std::erase_if(infos, [](const event::RuleInfo* info) { return !info->correlation; });
  if (infos.size() == 1) return infos[0];
  for (const rules::Refusal& refusal : set_.refused) {
    if (fs::path(refusal.file).lexically_normal() != wanted) continue;
    fail({refusal.file, refusal.line, refusal.column, 0}, "refused: " + refusal.reason);
    return nullptr;
  }
  if (all) {
    fail({file.path, 0, 0, 0}, fmt::format("expected one rule in {}, found {}; name it with rule:",
                                           file.rule_file, infos.empty() ? "none" : "several"));
  }
  return nullptr;
}

Result<void> Trial::add_case_file(const CaseFile& file) {
  const event::RuleInfo* rule = rule_of(file);
  if (rule == nullptr) return {};
  bool hit = false;
  bool miss = false;
  for (const CaseEvent& event : file.events) {
    TRY(std::string input, folder_.add(event.text));
    Expectation expectation{rule->id, {std::move(input)}, 0, std::nullopt, false, {}, event.name};
    expectation.least = event.match ? 1 : 0;
    if (!event.match) expectation.most = 0;
    expectation.place = {file.path, event.line, 0, 0};
    together_.push_back(std::move(expectation));
    (event.match ? hit : miss) = true;
  }
  for (const CaseSequence& sequence : file.sequences) {
    TRY(std::string input, folder_.add(sequence.text));
    Expectation expectation{rule->id,        {std::move(input)},
                            sequence.alerts, sequence.alerts,
                            false,           {file.path, sequence.line, 0, 0},
                            sequence.name};
    alone_.push_back(std::move(expectation));
    (sequence.alerts > 0 ? hit : miss) = true;
  }
  if (hit && miss) {
    with_case_.insert(rule->id);
  } else {
    report_.notes.push_back({DiagnosticKind::kWarning,
                             {file.path, 0, 0, 0},
                             fmt::format("expected a case that must match and one that must not, "
                                         "found only {}",
                                         hit ? "the first" : "the second"),
                             "add the other"});
    with_case_.insert(rule->id);
  }
  return {};
}

Result<void> Trial::add_case_files(const std::string& path) {
  TRY(const std::vector<std::string> files, list_files(path, {kCaseSuffix}));
  for (const std::string& file : files) {
    const Result<std::vector<CaseFile>> read = read_case_file(file, limits_);
    if (!read) {
      fail({file, 0, 0, 0}, read.error().message);
      continue;
    }
    for (const CaseFile& one : *read) TRY_VOID(add_case_file(one));
  }
  return {};
}

Result<void> Trial::add_regression_data(const std::string& folder) {
  const std::size_t before = report_.notes.size();
  TRY(std::vector<RegressionSample> samples, read_regression_data(folder, limits_, report_.notes));
  report_.skipped += report_.notes.size() - before;
  for (RegressionSample& sample : samples) {
    const Place place{sample.info_file, 0, 0, 0};
    if (!known_ids_.contains(sample.rule_id)) {
      const auto refused =
          std::find_if(set_.refused.begin(), set_.refused.end(),
                       [&](const rules::Refusal& r) { return r.rule == sample.rule_id; });
      if (refused != set_.refused.end()) {
        fail(place, "the rule was refused: " + refused->reason);
      } else {
        ++report_.skipped;
        report_.notes.push_back({DiagnosticKind::kWarning, place,
                                 fmt::format("rule {} is not among the rules", sample.rule_id),
                                 ""});
      }
      continue;
    }
    Expectation expectation{sample.rule_id, std::move(sample.files), 1, std::nullopt, true, place,
                            sample.name};
    if (sample.match_count) {
      expectation.least = *sample.match_count;
      expectation.most = sample.match_count;
    }
    together_.push_back(std::move(expectation));
    with_case_.insert(sample.rule_id);
  }
  return {};
}

void Trial::note_rules_without_case() {
  // Of a set that brings recordings for some of its rules nothing else is expected.
  if (!regression_folders_.empty()) return;
  const auto look = [this](const event::RuleInfo& info, bool silent) {
    if (silent || with_case_.contains(info.id)) return;
    report_.notes.push_back({DiagnosticKind::kWarning,
                             {info.file, info.line, 0, 0},
                             fmt::format("rule '{}' has no case", info.title),
                             "write one beside it: NAME.case.yml"});
  };
  for (const rules::Rule& rule : set_.rules) look(rule.info, rule.silent);
  for (const rules::Correlation& correlation : set_.correlations) {
    look(correlation.info, correlation.silent);
  }
}

void Trial::judge_one(const Expectation& expectation, const CountingSink& sink) {
  std::string found;
  bool good = true;
  bool too_many = false;
  std::optional<std::uint64_t> first;
  for (const std::string& input : expectation.inputs) {
    const std::uint64_t count = sink.count(input, expectation.rule_id);
    const bool over = expectation.most && count > *expectation.most;
    const bool same = !expectation.recorded || !first || *first == count;
    first = first.value_or(count);
    // SigmaHQ's runner takes match_count as the least: some counts in the data are too low.
    good = good && count >= expectation.least && same && (!over || expectation.recorded);
    too_many = too_many || over;
    if (!found.empty()) found += ", ";
    found += std::to_string(count);
    if (expectation.recorded) found += " in " + fs::path(input).filename().string();
    if (count == 0 && !sink.problem(input).empty()) found += " (" + sink.problem(input) + ")";
  }
  const bool exact = expectation.most == expectation.least;
  std::string message =
      fmt::format("rule {}{}{}: expected {}{} alerts, found {}", expectation.rule_id,
                  expectation.name.empty() ? "" : ", ", expectation.name, exact ? "" : "at least ",
                  expectation.least, found);
  if (!good) return fail(expectation.place, std::move(message));
  ++report_.passed;
  if (too_many) {
    report_.notes.push_back(
        {DiagnosticKind::kWarning, expectation.place, std::move(message), "correct match_count"});
  }
}

Result<void> Trial::judge(const std::vector<Expectation>& expectations) {
  if (expectations.empty()) return {};
  DetectOptions options;
  options.rules = options_;
  options.rules.matching = RuleMatching::kAll;  // every rule is tested by itself
  options.limits = limits_;
  for (const Expectation& expectation : expectations) {
    options.inputs.insert(options.inputs.end(), expectation.inputs.begin(),
                          expectation.inputs.end());
  }
  CountingSink sink;
  TRY(const event::Summary summary, detect(options, {&sink}, stop_, [](const Progress&) {}));
  if (summary.interrupted) {
    report_.skipped += expectations.size();
    report_.notes.push_back({DiagnosticKind::kWarning, expectations[0].place, "interrupted", ""});
    return {};
  }
  for (const Expectation& expectation : expectations) judge_one(expectation, sink);
  return {};
}

Result<RuleTestReport> Trial::run() {
  split_paths();
  TRY(set_, load_rules(options_, limits_));
  for (const rules::Rule& rule : set_.rules) known_ids_.insert(rule.info.id);
  for (const rules::Correlation& one : set_.correlations) known_ids_.insert(one.info.id);
  for (const std::string& path : case_paths_) TRY_VOID(add_case_files(path));
  for (const std::string& folder : regression_folders_) TRY_VOID(add_regression_data(folder));
  note_rules_without_case();
  TRY_VOID(judge(together_));
  for (const Expectation& expectation : alone_) TRY_VOID(judge({expectation}));
  return std::move(report_);
}

}  // namespace

Result<RuleTestReport> test_rules(const RuleOptions& options, const Limits& limits,
                                  const std::atomic<bool>& stop) {
  TRY(TemporaryFolder folder, TemporaryFolder::create());
  Trial trial(options, limits, stop, std::move(folder));
  return trial.run();
}

}  // namespace vedette::engine
