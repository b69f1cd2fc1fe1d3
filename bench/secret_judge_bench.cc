// SPDX-License-Identifier: Apache-2.0
// What the judge of secrets sees of every candidate, and what judging costs. Files are named on
// standard input, one a line.
//
//   secret_judge_bench PACKS show < FILES    a line per candidate: path, line, offset and size of
//                                            the secret, rule, "generic" or "provider", probability
//                                            ("-": rejected), names of signals; no secret
//   secret_judge_bench PACKS time < FILES    candidates and nanoseconds that judging one takes
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/program.h"
#include "scan/secrets/judge.h"
#include "scan/secrets/weights.h"

namespace vedette::scan::secrets {
namespace {

using rules::secret::SecretMatch;
using rules::secret::SecretProgram;

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;
constexpr int kRounds = 20;

struct File {
  std::string path;
  std::string text;
  std::vector<SecretMatch> matches;
};

std::vector<File> read_files(const SecretProgram& program) {
  std::vector<File> files;
  SecretProgram::Scratch scratch;
  for (std::string path; std::getline(std::cin, path);) {
    Result<std::string> text = read_file(path, kFileBytesMax);
    if (!text) continue;
    File file{path, std::move(*text), {}};
    program.find(file.path, file.text, {}, scratch, file.matches);
    std::erase_if(file.matches, [](const SecretMatch& match) { return match.match_size == 0; });
    if (!file.matches.empty()) files.push_back(std::move(file));
  }
  return files;
}

Candidate candidate_of(const SecretProgram& program, const File& file, const SecretMatch& match,
                       const FileKind& kind) {
  return {program.rules().rules[match.rule],
          file.text,
          match.match_begin,
          match.match_size,
          match.secret_begin,
          match.secret_size,
          kind};
}

void show(const SecretProgram& program, const std::vector<File>& files) {
  for (const File& file : files) {
    const FileKind kind = file_kind(file.path);
    for (const SecretMatch& match : file.matches) {
      const Candidate candidate = candidate_of(program, file, match, kind);
      const Judgement judgement = judge(candidate);
      const Observation seen = observe(candidate);
      const std::string_view before = std::string_view(file.text).substr(0, match.secret_begin);
      fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t", file.path, 1 + std::ranges::count(before, '\n'),
                 match.secret_begin, match.secret_size, candidate.rule.info.id,
                 candidate.rule.generic ? "generic" : "provider",
                 seen.rejected ? "-" : fmt::format("{:.4f}", judgement.probability));
      std::string_view separator;
      for (const Weight& weight : kWeights) {
        if (!seen.signals.has(weight.signal)) continue;
        fmt::print("{}{}", separator, weight.name);
        separator = "|";
      }
      fmt::print("\n");
    }
  }
}

void measure(const SecretProgram& program, const std::vector<File>& files) {
  std::size_t candidates = 0;
  double sum = 0;
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    candidates = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const File& file : files) {
      const FileKind kind = file_kind(file.path);
      for (const SecretMatch& match : file.matches) {
        sum += judge(candidate_of(program, file, match, kind)).probability;
      }
      candidates += file.matches.size();
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = round == 0 ? took.count() : std::min(best, took.count());
  }
  fmt::print("candidates\t{}\nprobability\t{:.1f}\nnanoseconds\t{:.0f}\n", candidates,
             sum / kRounds, candidates == 0 ? 0 : best / static_cast<double>(candidates));
}

int run(const std::string& packs, std::string_view what) {
  const Result<std::vector<std::string>> files = list_files(packs, {".toml"});
  if (!files) {
    fmt::print(stderr, "{}\n", files.error().message);
    return 2;
  }
  const auto program = SecretProgram::compile(rules::secret::load(*files, {}));
  const std::vector<File> contents = read_files(*program);
  what == "time" ? measure(*program, contents) : show(*program, contents);
  return 0;
}

}  // namespace
}  // namespace vedette::scan::secrets

int main(int count, char** arguments) {
  if (count == 3) return vedette::scan::secrets::run(arguments[1], arguments[2]);
  fmt::print(stderr, "expected secret_judge_bench PACKS show|time\n");
  return 2;
}
