// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <unordered_set>

#include "base/file.h"
#include "rules/falco/falco.h"
#include "rules/sigma/sigma.h"

namespace vedette::rules {
namespace {

struct DialectRow {
  bool (*recognises)(std::string_view text);
  Result<std::unique_ptr<DialectLoader>> (*make)(const LoadOptions& options);
};

// The first row that recognises a file reads it.
constexpr std::array kDialects = {
    DialectRow{falco::recognises, falco::make_loader},
    DialectRow{[](std::string_view) { return true; }, sigma::make_loader},
};

// One loader for each language; what they make is taken together.
class Loaders {
 public:
  static Result<Loaders> create(const LoadOptions& options) {
    Loaders loaders;
    for (std::size_t i = 0; i < kDialects.size(); ++i) {
      TRY(loaders.loaders_[i], kDialects[i].make(options));
    }
    return loaders;
  }

  void add_text(std::string_view text, const std::string& file) {
    const auto row =
        std::ranges::find_if(kDialects, [&](const auto& one) { return one.recognises(text); });
    loaders_[static_cast<std::size_t>(row - kDialects.begin())]->add_text(text, file);
  }

  void add_unreadable(const std::string& file, std::string reason) {
    unreadable_.push_back({file, 0, 0, "", std::move(reason)});
  }

  RuleSet finish() {
    RuleSet all;
    for (const auto& loader : loaders_) {
      RuleSet set = loader->finish();
      // References of correlations are indices of the set that they stand in.
      for (Correlation& correlation : set.correlations) {
        for (Correlation::Reference& reference : correlation.references) {
          reference.index += reference.correlation ? all.correlations.size() : all.rules.size();
        }
      }
      append(set.rules, all.rules);
      append(set.correlations, all.correlations);
      append(set.refused, all.refused);
      append(set.disabled, all.disabled);
      append(set.warnings, all.warnings);
    }
    append(unreadable_, all.refused);
    return all;
  }

 private:
  template <typename T>
  static void append(std::vector<T>& from, std::vector<T>& to) {
    if (to.empty()) {
      to = std::move(from);
    } else {
      std::ranges::move(from, std::back_inserter(to));
    }
  }

  std::array<std::unique_ptr<DialectLoader>, kDialects.size()> loaders_;
  std::vector<Refusal> unreadable_;
};

// All files of the paths, each once, in the order of the paths and by name within one; in `skipped`
// what could not be looked at.
Result<std::vector<std::string>> files_of(const std::vector<std::string>& paths,
                                          std::vector<Diagnostic>& skipped) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    TRY(std::vector<std::string> found, list_files(path, {".yml", ".yaml"}, &skipped));
    // Case files stand beside the rules that they test (docs/rules-commands.md).
    std::erase_if(found, [](const std::string& name) { return name.ends_with(".case.yml"); });
    // A file that is named itself is read whatever its ending.
    if (found.empty()) {
      TRY(const std::vector<std::string> all, list_files(path, {}));
      if (all.size() == 1 && all.front() == path) found = all;
    }
    for (std::string& file : found) files.push_back(std::move(file));
  }
  std::vector<std::string> unique;
  unique.reserve(files.size());
  std::unordered_set<std::string_view> seen;
  for (const std::string& file : files) {
    if (seen.insert(file).second) unique.push_back(file);
  }
  return unique;
}

}  // namespace

Result<RuleSet> load(const LoadOptions& options) {
  std::vector<Diagnostic> skipped;
  TRY(const std::vector<std::string> files, files_of(options.paths, skipped));
  TRY(Loaders loaders, Loaders::create(options));
  for (const std::string& file : files) {
    auto text = read_file(file, options.limits.file_bytes_max);
    if (text.has_value()) {
      loaders.add_text(*text, file);
    } else if (std::ranges::find(options.paths, file) != options.paths.end()) {
      return std::unexpected(std::move(text).error());
    } else {
      loaders.add_unreadable(file, std::move(text.error().message));
    }
  }
  for (Diagnostic& problem : skipped) {
    if (problem.kind == DiagnosticKind::kError) {
      loaders.add_unreadable(problem.place.file, std::move(problem.message));
    }
  }
  return loaders.finish();
}

Result<RuleSet> load_text(std::string_view text, const std::string& file,
                          const LoadOptions& options) {
  TRY(Loaders loaders, Loaders::create(options));
  loaders.add_text(text, file);
  return loaders.finish();
}

}  // namespace vedette::rules
