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
  std::string_view weakness;  // of MITRE's CWE, as a tag
  std::string_view remediation;
};

// In the order of ModelRule.
constexpr auto kRows = std::to_array<Row>({
    {"model-runs-code", "Loading this model runs code",
     "The file calls a function that runs commands or code of the file's choice.", Level::kCritical,
     "cwe-502",
     "Do not load it. Ask its author for weights in safetensors, or load it where code is "
     "refused: torch.load(weights_only=True), safe_mode=True in a current Keras. `vedette "
     "scan model --show` prints what a pickle would do."},
    {"model-loads-code", "Loading this model loads other code",
     "The file calls a function that imports modules, loads libraries or reads another pickle.",
     Level::kHigh, "cwe-829",
     "Do not load it until what it would load was looked at as well. Loaders that refuse "
     "such calls (weights_only=True, safetensors) stop at it."},
    {"model-uses-network", "Loading this model uses the network",
     "The file calls a function that opens connections.", Level::kHigh, "cwe-918",
     "Do not load it where the network can be reached. Have its author put what is fetched "
     "beside the model."},
    {"model-changes-files", "Loading this model changes files",
     "The file calls a function that can write, move or delete files.", Level::kHigh, "cwe-73",
     "Do not load it but in a container without access to files. Ask its author for "
     "weights alone."},
    {"model-reads-files", "Loading this model reads files",
     "The file calls a function that reads files or settings of the machine that loads it.",
     Level::kHigh, "cwe-73",
     "Load it only where no file beyond the model can be read, update the library that "
     "loads it, and do not share what comes out: the contents may be in it."},
    {"model-changes-module", "Loading this model changes a module",
     "The file replaces attributes or entries of a module, class or function, which changes what "
     "other code does.",
     Level::kHigh, "cwe-915",
     "Do not load it: what is changed stays so for all code of the process. Ask its author "
     "for weights in safetensors."},
    {"model-indirect-call", "Loading this model reaches code indirectly",
     "The file finds or prepares what it calls in a way that hides what that is.", Level::kMedium,
     "cwe-470",
     "Look at what it comes to with `vedette scan model --show`; what cannot be told is "
     "best not loaded."},
    {"model-unknown-call", "Loading this model calls an unknown function",
     "The file calls a function that no known library needs to rebuild its objects.",
     Level::kMedium, "cwe-502",
     "Ask its author what the function is for and read its source. Accept it by a waiver "
     "once it is known to be harmless."},
    {"model-unknown-class", "The model needs a class of its own",
     "The file makes objects of a class that is in no known library. Its module is imported at "
     "load.",
     Level::kInformational, "cwe-502",
     "Make sure that the module it names is the one that you mean to install: whoever owns "
     "that name runs code at load."},
    {"model-embedded-function", "The model holds compiled functions",
     "The file holds byte code of functions, which runs when the model is used.",
     Level::kInformational, "cwe-506",
     "Ask its author for the function's source, and load weights alone where that is "
     "enough."},
    {"model-archive-lies", "The archive shows different readers different files",
     "Names, sizes, flags or checksums in the archive contradict each other, so that a scanner and "
     "a loader may read different contents.",
     Level::kMedium, "cwe-345",
     "Pack it anew with what is expected in it, or have its author do so. A loader and a "
     "scanner may see different files."},
    {"model-broken", "The file breaks the rules of its format",
     "Sizes, places or counts in the file contradict each other. A loader that trusts them reads "
     "or "
     "writes where it should not.",
     Level::kMedium, "cwe-20",
     "Fetch it again and compare its digest. If it is the same, do not give it to a loader "
     "in C or C++."},
    {"model-path-escapes", "The archive writes outside of its folder",
     "A name in the archive is absolute or leads upwards, so that unpacking it writes elsewhere.",
     Level::kHigh, "cwe-22",
     "Do not unpack or load it with a tool that follows such names; have its author pack "
     "it with names below one folder."},
    {"model-beside-code", "Code beside the model runs programs or code",
     "A source file beside the model calls what runs code, programs or the network. It runs where "
     "the loader is told to trust the repository (trust_remote_code), or by hand.",
     Level::kMedium, "cwe-94",
     "Load without trust_remote_code. Where it is needed, read the file and pin the "
     "revision that was read."},
    {"model-untrusted-source", "What the model needs is fetched without protection",
     "Requirements beside the model name packages or indexes at addresses without TLS.",
     Level::kMedium, "cwe-319", "Name packages by version and digest, from an index with TLS."},
    {"model-index-misleads", "The index names files of another kind",
     "The index of a model's safetensors names files that loaders read as pickles, which run code.",
     Level::kMedium, "cwe-345",
     "Take the shards as safetensors, or correct the index; do not load what it names now."},
    {"model-incomplete", "The model's files are not those that its index names",
     "Files are missing, or there are some that no loader reads.", Level::kInformational, "cwe-345",
     "Fetch what is missing and scan again: what is not there was not looked at."},
    {"model-loader-choice", "A loader chooses between several files of weights",
     "The folder holds the same weights in a format that runs no code. Delete the file that was "
     "found to be hostile: which one is loaded depends on settings and versions.",
     Level::kInformational, "cwe-502",
     "Delete the hostile file, or load with use_safetensors=True."},
    {"model-custom-operation", "The model needs operations of its own",
     "The file names operations or layers that its runtime does not have. The application that "
     "loads it has to bring them; the file itself holds no code of them.",
     Level::kInformational, "cwe-829",
     "Look at the library that brings the operations as at any dependency."},
    {"model-opaque", "The file holds machine code that cannot be verified",
     "The file is compiled for one kind of processor. What it does is not said by its structure: "
     "whoever loads it trusts who made it.",
     Level::kInformational, "cwe-494",
     "Build it from the model that it was made of, or take it only from who made it, by "
     "digest or signature."},
    {"model-embedded-program", "The model holds a program or a library",
     "Among its data the file carries a program or a shared library for the machine that loads it.",
     Level::kMedium, "cwe-506",
     "Ask its author what the program is for; scan it as a program before the model is "
     "used."},
    {"model-digest-differs", "A part of the model is not what its digest says",
     "A blob of an artefact has other bytes than the digest that it is named by, so that it is not "
     "what was published or signed.",
     Level::kHigh, "cwe-354", "Delete the blob and pull the artefact again."},
    {"model-hidden-text", "A prompt of the model holds text that nobody sees",
     "Among the instructions or the template that the model is given stand characters that are "
     "not shown, or that are shown in another order.",
     Level::kMedium, "cwe-1007",
     "Print the text with its characters escaped, and take the artefact only without them."},
});

}  // namespace

ModelRules::ModelRules() {
  for (const Row& row : kRows) {
    event::FindingRule rule;
    rule.id = row.id;
    rule.title = row.title;
    rule.description = row.description;
    rule.severity = row.severity;
    rule.remediation = row.remediation;
    rule.tags = {"model", "atlas.aml.t0011.000", "atlas.aml.t0018.002", std::string(row.weakness)};
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
