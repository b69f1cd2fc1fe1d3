// SPDX-License-Identifier: Apache-2.0
#include "scan/models/model_rules.h"

#include <array>
#include <utility>

#include "base/digest.h"

namespace vedette::scan::models {
namespace {

using event::Level;

struct Row {
  std::string_view id;
  std::string_view title;
  std::string_view description;
  Level severity;
};

// In the order of ModelRule.
constexpr auto kRows = std::to_array<Row>({
    {"model-runs-code", "Loading this model runs code",
     "The file calls a function that runs commands or code of the file's choice.",
     Level::kCritical},
    {"model-loads-code", "Loading this model loads other code",
     "The file calls a function that imports modules, loads libraries or reads another pickle.",
     Level::kHigh},
    {"model-uses-network", "Loading this model uses the network",
     "The file calls a function that opens connections.", Level::kHigh},
    {"model-changes-files", "Loading this model changes files",
     "The file calls a function that can write, move or delete files.", Level::kHigh},
    {"model-reads-files", "Loading this model reads files",
     "The file calls a function that reads files or settings of the machine that loads it.",
     Level::kHigh},
    {"model-changes-module", "Loading this model changes a module",
     "The file replaces attributes or entries of a module, class or function, which changes what "
     "other code does.",
     Level::kHigh},
    {"model-indirect-call", "Loading this model reaches code indirectly",
     "The file finds or prepares what it calls in a way that hides what that is.", Level::kMedium},
    {"model-unknown-call", "Loading this model calls an unknown function",
     "The file calls a function that no known library needs to rebuild its objects.",
     Level::kMedium},
    {"model-unknown-class", "The model needs a class of its own",
     "The file makes objects of a class that is in no known library. Its module is imported at "
     "load.",
     Level::kInformational},
    {"model-embedded-function", "The model holds compiled functions",
     "The file holds byte code of functions, which runs when the model is used.",
     Level::kInformational},
    {"model-archive-lies", "The archive shows different readers different files",
     "Names, sizes, flags or checksums in the archive contradict each other, so that a scanner and "
     "a loader may read different contents.",
     Level::kMedium},
    {"model-broken", "The file breaks the rules of its format",
     "Sizes, places or counts in the file contradict each other. A loader that trusts them reads "
     "or "
     "writes where it should not.",
     Level::kMedium},
    {"model-path-escapes", "The archive writes outside of its folder",
     "A name in the archive is absolute or leads upwards, so that unpacking it writes elsewhere.",
     Level::kHigh},
    {"model-beside-code", "Code beside the model runs programs or code",
     "A source file beside the model calls what runs code, programs or the network. It runs where "
     "the loader is told to trust the repository (trust_remote_code), or by hand.",
     Level::kMedium},
    {"model-untrusted-source", "What the model needs is fetched without protection",
     "Requirements beside the model name packages or indexes at addresses without TLS.",
     Level::kMedium},
    {"model-index-misleads", "The index names files of another kind",
     "The index of a model's safetensors names files that loaders read as pickles, which run code.",
     Level::kMedium},
    {"model-incomplete", "The model's files are not those that its index names",
     "Files are missing, or there are some that no loader reads.", Level::kInformational},
    {"model-loader-choice", "A loader chooses between several files of weights",
     "The folder holds the same weights in a format that runs no code. Delete the file that was "
     "found to be hostile: which one is loaded depends on settings and versions.",
     Level::kInformational},
    {"model-custom-operation", "The model needs operations of its own",
     "The file names operations or layers that its runtime does not have. The application that "
     "loads it has to bring them; the file itself holds no code of them.",
     Level::kInformational},
    {"model-opaque", "The file holds machine code that cannot be verified",
     "The file is compiled for one kind of processor. What it does is not said by its structure: "
     "whoever loads it trusts who made it.",
     Level::kInformational},
    {"model-embedded-program", "The model holds a program or a library",
     "Among its data the file carries a program or a shared library for the machine that loads it.",
     Level::kMedium},
});

constexpr std::string_view kRemediation =
    "Do not load it. Ask its author for safetensors, or load it with torch.load(weights_only=True) "
    "or skops, which refuse such calls; look at it with `vedette scan model --show`.";

}  // namespace

ModelRules::ModelRules() {
  for (const Row& row : kRows) {
    event::FindingRule rule;
    rule.id = row.id;
    rule.title = row.title;
    rule.description = row.description;
    rule.severity = row.severity;
    rule.tags = {"model", "atlas.aml.t0011.000", "atlas.aml.t0018.002"};
    if (row.severity != Level::kInformational) rule.remediation = kRemediation;
    rule.pack = "models";
    rules_.push_back(std::move(rule));
  }
}

event::Finding make_finding(const event::FindingRule& rule, std::string_view path,
                            std::uint64_t offset, const std::string& call, std::string message) {
  event::Finding finding;
  finding.rule = &rule;
  finding.identity = to_hexadecimal(sha256(rule.id + '\n' + call), 32);
  finding.severity = rule.severity;
  const bool certain = rule.severity >= Level::kHigh || rule.severity == Level::kInformational;
  finding.confidence = certain ? event::Confidence::kHigh : event::Confidence::kMedium;
  finding.probability = certain ? 0.98 : 0.6;
  finding.place.path = path;
  finding.place.offset = offset;
  finding.redacted = call;
  finding.message = std::move(message);
  return finding;
}

void add_finding(const event::FindingRule& rule, std::string_view path, const std::string& call,
                 std::string message, std::vector<event::Finding>& findings) {
  std::ptrdiff_t count = 0;
  for (const event::Finding& finding : findings) {
    if (finding.rule != &rule || finding.place.path != path) continue;
    if (finding.redacted == call || ++count >= kFindingsOfRuleMax) return;
  }
  findings.push_back(make_finding(rule, path, 0, call, std::move(message)));
}

}  // namespace vedette::scan::models
