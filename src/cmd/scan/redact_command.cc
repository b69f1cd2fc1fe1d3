// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/redact_command.h"

#include <csignal>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "cmd/cache_folder.h"
#include "cmd/content_folder.h"
#include "cmd/program.h"
#include "cmd/rule_flags.h"
#include "cmd/terminal.h"
#include "engine/scan/redact.h"
#include "engine/scan/secret_rules.h"
#include "scan/secrets/judge.h"

namespace vedette::cmd {
namespace {

struct RedactFlags {
  std::vector<std::string> rules;
  std::string default_rules;
  std::string cache_folder;
  bool no_cache = false;
  bool thorough = false;
  unsigned threads = 0;
  bool verbose = false;
};

int run_redact(const RedactFlags& flags) {
  engine::SecretRulesOptions options;
  options.packs = flags.rules;
  options.default_pack = flags.default_rules;
  if (options.packs.empty()) {
    const Result<std::string> content = find_content_folder();
    if (!content) return usage_error(content.error());
    options.packs.push_back(*content + "/secrets");
    options.packs_are_ours = true;
  }
  if (!flags.no_cache)
    options.cache_folder = flags.cache_folder.empty() ? default_cache_folder() : flags.cache_folder;
  event::ScanSummary loaded;
  const auto program = engine::load_secret_rules(options, loaded);
  if (!program) return usage_error(program.error());
  for (const Diagnostic& problem : loaded.problems)
    fmt::print(stderr, "vedette: {}: {}\n", to_string(problem.place), problem.message);
  // A reader that goes away is told by write().
  std::signal(SIGPIPE, SIG_IGN);
  engine::Redactor redactor(
      *program,
      flags.thorough ? scan::secrets::kProbabilityThorough : scan::secrets::kProbabilityDefault,
      flags.threads);
  const Result<engine::RedactSummary> summary =
      engine::redact_stream(redactor, STDIN_FILENO, STDOUT_FILENO, install_stop_signal());
  if (!summary) {
    fmt::print(stderr, "vedette: {}\n", summary.error().message);
    return kExitPartial;
  }
  if (flags.verbose) {
    fmt::print(stderr, "{} secrets masked in {}\n", grouped(summary->secrets),
               readable_bytes(summary->bytes));
  }
  return loaded.rules_refused > 0 || summary->interrupted ? kExitPartial : kExitClean;
}

}  // namespace

Command redact_command() {
  const auto flags = std::make_shared<RedactFlags>();
  Command command{"redact", "Masks leaked credentials in a stream, for logs.",
                  "  make deploy 2>&1 | vedette redact\n"
                  "  vedette redact --rules gitleaks.toml < build.log > shown.log\n"};
  command.flags = {
      {"--rules",
       "PATH",
       "Rules in gitleaks' TOML, files or folders; given several times. Default: our own.",
       &flags->rules,
       {},
       ValueKind::kPath},
      {"--default-rules",
       "FILE",
       "What `useDefault` in a file of rules stands for.",
       &flags->default_rules,
       {},
       ValueKind::kPath},
      {"--thorough", "", "Masks also what is less likely to be a secret.", &flags->thorough},
      {"--cache-dir",
       "FOLDER",
       "Where loaded rules are kept for the next run; default ~/.cache/vedette.",
       &flags->cache_folder,
       {},
       ValueKind::kPath},
      {"--no-cache", "", "Keeps nothing for the next run, and takes nothing of the last.",
       &flags->no_cache},
      {"--threads", "COUNT", "Threads that look; default: one per processor.", &flags->threads},
      {"-v,--verbose", "", "Says on stderr how much was masked.", &flags->verbose},
  };
  command.run = [flags] { return run_redact(*flags); };
  return command;
}

}  // namespace vedette::cmd
