// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "rules/sigma/ast.h"
#include "rules/sigma/detection.h"

namespace vedette::rules::sigma {

struct ParsedCorrelation;
struct PipelineStep;

// Processing pipelines in pySigma's YAML form: steps that change rules before they are lowered.
// Everything that only shapes the text of queries is ignored with a warning; transformations that
// cannot be carried out here are an error that names them. See docs/pipelines.md.
class Pipelines {
 public:
  Pipelines();
  Pipelines(Pipelines&&) noexcept;
  Pipelines& operator=(Pipelines&&) noexcept;
  ~Pipelines();

  // Reads the files; they act in the order of their `priority` (lowest first; equal ones as given)
  // and share variables and state.
  static Result<Pipelines> load(const std::vector<std::string>& paths, const Limits& limits,
                                std::vector<Diagnostic>& warnings);
  static Result<Pipelines> parse(std::string_view text, const std::string& file,
                                 const Limits& limits, std::vector<Diagnostic>& warnings);

  bool empty() const { return steps_.empty(); }
  // Applies all steps to one rule; a problem refuses the rule.
  Parsed<void> apply(SigmaRule& rule, Budget& budget) const;
  // Maps the fields that a correlation names, as far as steps without rule conditions do.
  Parsed<void> apply(ParsedCorrelation& correlation) const;

 private:
  struct Text;
  Result<void> add(const Text& text, std::vector<Diagnostic>& warnings);

  std::vector<std::unique_ptr<PipelineStep>> steps_;
  std::map<std::string, std::vector<std::string>, std::less<>> variables_;
};

}  // namespace vedette::rules::sigma
