// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/judge.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include "scan/secrets/file_kind.h"
#include "scan/secrets/placeholder.h"
#include "scan/secrets/structure.h"
#include "scan/secrets/surroundings.h"
#include "scan/secrets/value.h"
#include "scan/secrets/weights.h"

namespace vedette::scan::secrets {
namespace {

constexpr std::size_t kSecretSizeMax = std::size_t{64} << 10;

void observe_file(const FileKind& file, Signals& signals) {
  constexpr std::array<Signal, 8> kSyntaxSignals = {
      Signal::kUnknownFile, Signal::kCode,       Signal::kShellFile,  Signal::kConfigFile,
      Signal::kDataFile,    Signal::kMarkupFile, Signal::kMarkupFile, Signal::kProseFile,
  };
  signals.add(kSyntaxSignals[static_cast<std::size_t>(file.syntax)]);
  signals.add_if(file.test, Signal::kTestFile);
  signals.add_if(file.example, Signal::kExampleFile);
  signals.add_if(file.vendored, Signal::kVendoredFile);
  signals.add_if(file.locale, Signal::kLocaleFile);
}

void observe_rule(const rules::secret::SecretRule& rule, Signals& signals) {
  switch (rule.confidence.value_or(event::Confidence::kMedium)) {
    case event::Confidence::kLow:
      signals.add(Signal::kRuleLow);
      break;
    case event::Confidence::kMedium:
      signals.add(Signal::kRuleMedium);
      break;
    case event::Confidence::kHigh:
      signals.add(Signal::kRuleHigh);
      break;
  }
}

double odds_of(const Signals& signals, bool generic) {
  double odds = generic ? kGenericBias : kProviderBias;
  std::size_t first = 0;
  for (std::uint64_t word : signals.words()) {
    for (; word != 0; word &= word - 1) {
      const Weight& weight = kWeights[first + static_cast<std::size_t>(std::countr_zero(word))];
      odds += generic ? weight.generic : weight.provider;
    }
    first += 64;
  }
  return odds;
}

double probability_of(double odds) { return 1 / (1 + std::exp(-odds)); }

// A form that is right makes a secret of what looks like a template: a key as JSON in its braces.
bool is_formed(const Candidate& candidate) {
  const Form form = check_form(candidate.rule.checksum, candidate.secret());
  return form == Form::kKept || form == Form::kProven;
}

// What a provider's rule found is a secret by its form, unless it is an example.
void observe_provider(const Candidate& candidate, Observation& result) {
  const Form form = check_form(candidate.rule.checksum, candidate.secret());
  if (form == Form::kImpossible) return;
  result.rejected = is_documented(candidate.secret()) && form != Form::kProven;
  result.signals.add_if(form == Form::kProven, Signal::kFormProven);
  result.signals.add_if(form == Form::kKept, Signal::kFormKept);
  result.signals.add_if(form == Form::kBroken, Signal::kFormBroken);
  observe_value(candidate.secret(), result.signals);
  observe_words(candidate.secret(), {}, candidate.file, result.signals);
  observe_file(candidate.file, result.signals);
}

}  // namespace

namespace {

// The most that signals can add.
constexpr double gain_max(std::span<const Signal> signals) {
  double sum = 0;
  for (const Signal signal : signals) {
    sum += std::max(0.0, kWeights[static_cast<std::size_t>(signal)].generic);
  }
  return sum;
}

// Below these odds nothing that is left to ask makes a candidate one that is ever told, and most
// candidates are below.
constexpr double kOddsThorough = -1.735;  // log(p / (1 - p)) of kProbabilityThorough
constexpr double kOddsForLines = kOddsThorough - gain_max(kLineSignals);
constexpr double kOddsForWords = kOddsForLines - gain_max(kWordSignals);

struct Seen {
  Observation observation;
  std::string_view name;
};

// All but words and lines.
Seen observe_cheaply(const Candidate& candidate) {
  Seen seen;
  Observation& result = seen.observation;
  if (!candidate.valid() || candidate.secret_size > kSecretSizeMax) return seen;
  const std::string_view secret = candidate.secret();
  if (is_reference(secret) && !is_formed(candidate)) return seen;
  // ${NAME:?message}: what a shell says when there is none.
  if (candidate.secret_begin > 0 && secret.front() == '?' &&
      candidate.content[candidate.secret_begin - 1] == ':') {
    return seen;
  }
  // An option stands where a value could be; what a provider's rule found may begin so:
  // "-----BEGIN".
  if (candidate.rule.generic && secret.starts_with("--")) return seen;
  observe_rule(candidate.rule, result.signals);
  if (!candidate.rule.generic) {
    observe_provider(candidate, result);
    return seen;
  }
  const FileKind& file = candidate.file;
  if (file.syntax == Syntax::kStyle || file.lock) return seen;
  const Surroundings around = observe_surroundings(candidate, result.signals);
  if (!around.literal || is_documented(secret)) return seen;
  seen.name = around.name;
  observe_value(secret, result.signals);
  // "TokenTTL": 30000000000
  const bool figure =
      result.signals.has(Signal::kDigitsOnly) && result.signals.has(Signal::kNameNegative);
  result.rejected = result.signals.has(Signal::kHashForm) || figure;
  observe_file(file, result.signals);
  return seen;
}

// As well the words of the value.
void add_words(const Candidate& candidate, Seen& seen) {
  Observation& result = seen.observation;
  observe_words(candidate.secret(), seen.name, candidate.file, result.signals);
  const bool capitals =  // PASSWORD
      result.signals.has(Signal::kUpperOnly) && result.signals.has(Signal::kSecretWord);
  result.rejected = result.rejected || capitals;
}

// As well the lines around.
void add_lines(const Candidate& candidate, Seen& seen) {
  Observation& result = seen.observation;
  observe_line(candidate, result.signals);
  // "# password = secret": how it could be given.
  result.rejected =
      result.signals.has(Signal::kCommentLine) && result.signals.has(Signal::kSecretWord);
}

}  // namespace

Observation observe(const Candidate& candidate) {
  Seen seen = observe_cheaply(candidate);
  if (seen.observation.rejected || !candidate.rule.generic) return seen.observation;
  add_words(candidate, seen);
  if (!seen.observation.rejected) add_lines(candidate, seen);
  return seen.observation;
}

Judgement judge(const Candidate& candidate) {
  Seen seen = observe_cheaply(candidate);
  const Observation& result = seen.observation;
  const bool generic = candidate.rule.generic;
  double odds = odds_of(result.signals, generic);
  if (!result.rejected && generic && odds > kOddsForWords) {
    add_words(candidate, seen);
    odds = odds_of(result.signals, generic);
    if (!result.rejected && odds > kOddsForLines) {
      add_lines(candidate, seen);
      odds = odds_of(result.signals, generic);
    }
  }
  if (result.rejected) return {};
  const double probability = probability_of(odds);
  const event::Confidence confidence = probability >= kProbabilityHigh ? event::Confidence::kHigh
                                       : probability >= kProbabilityDefault
                                           ? event::Confidence::kMedium
                                           : event::Confidence::kLow;
  return {probability, confidence, false};
}

std::vector<event::Evidence> explain(const Candidate& candidate) {
  const Observation seen = observe(candidate);
  std::vector<event::Evidence> evidence;
  if (seen.rejected) return evidence;
  for (std::size_t i = 0; i < kSignalCount; ++i) {
    if (!seen.signals.has(static_cast<Signal>(i))) continue;
    const double weight = candidate.rule.generic ? kWeights[i].generic : kWeights[i].provider;
    if (weight == 0) continue;
    evidence.push_back({std::string(kWeights[i].name), std::string(kWeights[i].text), weight});
  }
  std::ranges::stable_sort(evidence, [](const event::Evidence& a, const event::Evidence& b) {
    return std::abs(a.weight) > std::abs(b.weight);
  });
  return evidence;
}

}  // namespace vedette::scan::secrets
