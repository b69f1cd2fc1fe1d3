// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/program.h"

namespace vedette::rules {

// Fills a Program; the steps of Program::compile. Not for use elsewhere.
class ProgramBuilder {
 public:
  ProgramBuilder(Program& program, const RuleSet& rules, const LogSources& log_sources,
                 const CompileOptions& options)
      : p_(program), rules_(rules), log_sources_(log_sources), options_(options) {}

  void build();

 private:
  using FieldMap = std::map<std::string, std::string, std::less<>>;
  // Instructions while their jump targets are labels; kAccept and kReject stand for themselves.
  struct Emitter {
    std::vector<Instruction> code;
    std::vector<std::uint32_t> labels;  // label -> instruction index
  };
  struct Choice {
    std::vector<PredicateId> predicates;
    unsigned score = 0;
  };

  void fold_conditions();
  void add_instances();
  void add_instances_of(std::uint32_t rule, const std::vector<std::uint32_t>& entries);
  void add_instance(std::uint32_t rule, const FieldMap* fields,
                    const std::vector<std::uint32_t>& entries);
  void add_entries();
  void postpone_regexes();
  void build_matchers();
  void build_discriminators();
  void build_tree();
  void place_instructions();
  void add_roles();

  void emit(const Expression& expression, const FieldMap* fields, std::uint32_t on_true,
            std::uint32_t on_false, Emitter& emitter);
  std::uint32_t finish(Emitter& emitter);
  PredicateId predicate_of(const Expression& leaf, const FieldMap* fields);
  event::Slot slot_of(std::string_view field);
  // The necessary predicates of a condition that is not (`negated`: is) inverted; `leaf` counts the
  // leaves passed.
  std::optional<Choice> choose_triggers(const Expression& expression, bool negated,
                                        std::span<const Instruction> code, std::size_t& leaf) const;
  unsigned selectivity(const Predicate& predicate) const;

  Program& p_;
  const RuleSet& rules_;
  const LogSources& log_sources_;
  const CompileOptions& options_;
  std::unordered_map<std::string, event::Slot> slots_;
  struct PredicateKeyHash {
    std::size_t operator()(const PredicateRow& row) const;
  };
  struct PredicateKeyEqual {
    bool operator()(const PredicateRow& a, const PredicateRow& b) const;
  };
  std::unordered_map<PredicateRow, PredicateId, PredicateKeyHash, PredicateKeyEqual> predicate_ids_;
};

}  // namespace vedette::rules
