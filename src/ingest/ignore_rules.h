// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::ingest {

enum class EntryKind : std::uint8_t { kFile, kFolder };
enum class IgnoreVerdict : std::uint8_t { kNone, kIgnored, kKept };

// The lines of one file in the syntax of gitignore(5), read and applied exactly as git 2.39 does,
// its oddities included; letters' case counts. Immutable once parsed.
//
//   const IgnoreRules rules = IgnoreRules::parse("*.log\n!keep.log\n/build/\n");
//   rules.judge("a/b.log", EntryKind::kFile);    // kIgnored
//   rules.judge("a/keep.log", EntryKind::kFile);  // kKept
//
// A pattern over a bound is left out, so that more is looked at rather than less. A judgement costs
// at most O(patterns * pattern * path) and allocates nothing.
class IgnoreRules {
 public:
  static constexpr std::size_t kPatternsMax = 20'000;
  static constexpr std::size_t kPatternStepsMax = 1023;  // behind its literal beginning
  static constexpr std::size_t kSetsMax = 1024;          // different [...] of one file

  static IgnoreRules parse(std::string_view text);

  // The last line that speaks of `path`, which is relative to the file's folder, with '/' between
  // names. Whether a folder above is ignored is for the caller to ask first.
  IgnoreVerdict judge(std::string_view path, EntryKind kind) const;

  bool empty() const { return patterns_.empty(); }
  // Of the text; the memory taken is at most some ten times as much.
  std::size_t source_bytes() const { return source_bytes_; }
  // Lines that a bound left out.
  std::size_t left_out() const { return left_out_; }

 private:
  enum class StepKind : std::uint8_t {
    kByte,
    kAnyOne,    // ?, not a slash
    kAnyRun,    // *, no slash
    kAnyPath,   // **
    kMayBegin,  // of "**/": go on behind both following steps too
    kClass,     // [...], not a slash
  };
  struct Step {
    StepKind kind = StepKind::kByte;
    std::uint8_t byte = 0;
    std::uint16_t set = 0;  // of kClass: into sets_
  };
  // What the literal beginning is compared with, and how.
  enum class Form : std::uint8_t { kName, kNameEnd, kNameSteps, kPath };
  struct Pattern {
    std::string literal;
    std::vector<Step> steps;
    Form form = Form::kName;
    bool keeps = false;         // began with !
    bool folders_only = false;  // ended with /
  };

  void add(std::string_view line);
  bool compile_steps(std::string_view text, bool is_path, Pattern& pattern);
  bool compile_class(std::string_view text, std::size_t& at, Pattern& pattern);
  void compile_stars(std::string_view text, std::size_t& at, bool is_path, Pattern& pattern) const;
  bool matches(const Pattern& pattern, std::string_view path, std::string_view name) const;
  bool follow(const std::vector<Step>& steps, std::string_view text) const;
  bool accepts(const Step& step, unsigned char byte) const;

  std::vector<Pattern> patterns_;
  std::vector<std::bitset<256>> sets_;
  std::size_t source_bytes_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace vedette::ingest
