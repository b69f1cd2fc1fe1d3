// SPDX-License-Identifier: Apache-2.0
#include "cmd/ci/ci_flags.h"

#include <iterator>
#include <utility>

#include "cmd/report_flags.h"
#include "engine/ci/ci_run.h"
#include "output/gate/gate_formats.h"

namespace vedette::cmd {
namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const output::GateFormat& format : output::gate_formats()) names.emplace_back(format.name);
  return names;
}

std::vector<Flag> change_rows(CiFlags& flags) {
  return {
      {"--base", "REVISION",
       "Only what HEAD brings that this commit or branch lacks; in a pull or merge request what "
       "the "
       "CI system says.",
       &flags.base},
      {"--head", "REVISION", "With --base: what is compared, instead of HEAD.", &flags.head},
      {"--staged", "", "Only what is staged for the next commit.", &flags.staged},
      {"--all", "", "The whole tree and its history, whatever the CI system says.", &flags.all},
      {"--only", "STAGE", "Runs this stage; given several times.", &flags.only,
       engine::ci_stage_names(), ValueKind::kChoice},
      {"--without", "STAGE", "Leaves this stage out; given several times.", &flags.without,
       engine::ci_stage_names(), ValueKind::kChoice},
      {"--image", "IMAGE",
       "An image that is built from the tree: a name, an archive or a layout; given several times.",
       &flags.images},
      {"--exclude", "GLOB", "Passes over what it matches, as a line of a .gitignore.",
       &flags.excludes},
  };
}

std::vector<Flag> knowledge_rows(CiFlags& flags) {
  return {
      {"--db",
       "FILE",
       "Vulnerabilities (`vedette db build`); without it packages are not judged.",
       &flags.database,
       {},
       ValueKind::kPath},
      {"--vex",
       "PATH",
       "Statements of producers, a file or a folder; given several times.",
       &flags.statements,
       {},
       ValueKind::kPath},
      {"--usage",
       "FILE",
       "What `vedette watch --usage` saw: the policy may ask whether a package was used.",
       &flags.usage,
       {},
       ValueKind::kPath},
      {"--rules",
       "PATH",
       "Rules for secrets in gitleaks' TOML instead of our own; given several times.",
       &flags.rules,
       {},
       ValueKind::kPath},
      {"--thorough", "", "Tells also what is less likely to be a secret.", &flags.thorough},
      {"--with-report",
       "REPORT",
       "Findings of other tools (SARIF, CycloneDX, our own), judged too; given several times.",
       &flags.gate.reports,
       {},
       ValueKind::kPath},
  };
}

std::vector<Flag> verdict_rows(CiFlags& flags) {
  return {
      {"--policy",
       "FILE",
       "The policy; default: vedette.yaml, else what is built in.",
       &flags.gate.policy,
       {},
       ValueKind::kPath},
      {"--waivers",
       "FILE",
       "The waivers; default: the file that the policy names.",
       &flags.gate.waivers,
       {},
       ValueKind::kPath},
      {"--base-report",
       "REPORT",
       "Findings that are known, as of images before the change; given several times.",
       &flags.gate.base,
       {},
       ValueKind::kPath},
      {"--environment", "NAME", "Where it will run, for clauses that ask.",
       &flags.gate.environment},
      {"--now", "TIME", "Judges as of this time instead of now.", &flags.now},
      {"--explain", "", "Table: every clause that had a say, and all that would change it.",
       &flags.explain},
  };
}

std::vector<Flag> memory_rows(CiFlags& flags) {
  return {
      {"--history",
       "FILE",
       "Keeps the run in this history (docs/history.md).",
       &flags.history,
       {},
       ValueKind::kPath},
      {"--repository", "NAME",
       "With --history: of which repository; default: as the CI system says, else the folder's "
       "name.",
       &flags.facts.repository},
      {"--branch", "NAME", "With --history: on which branch; default: as the CI system says.",
       &flags.facts.branch},
      {"--release", "TAG", "With --history: the release that this is.", &flags.facts.release},
      {"--run", "NAME", "With --history: of the pipeline; default: as the CI system says.",
       &flags.facts.pipeline},
  };
}

std::vector<Flag> report_rows(CiFlags& flags) {
  return {
      {"-f,--format", "FORMAT", "What is written; default table.", &flags.format, format_names(),
       ValueKind::kChoice},
      output_flag(flags.output),
      {"--report", "FORMAT=FILE", "Writes this besides; given several times.", &flags.reports},
      {"--findings",
       "FOLDER",
       "Writes what each stage found, as `vedette scan -f json` does.",
       &flags.findings_folder,
       {},
       ValueKind::kFolder},
      {"--stages",
       "FILE",
       "Writes what each stage did and cost, as JSON.",
       &flags.stages,
       {},
       ValueKind::kPath},
      {"--trace",
       "FILE",
       "Writes when each worker did what, for Chrome's and Perfetto's trace viewers.",
       &flags.trace,
       {},
       ValueKind::kPath},
  };
}

std::vector<Flag> run_rows(CiFlags& flags) {
  return {
      {"--budget", "TIME",
       "Stops the stages that are not done then (60s, 5m); they are said, and the verdict is "
       "incomplete.",
       &flags.budget},
      {"--resume", "", "Finishes what the last run of this change left, and judges all of it.",
       &flags.resume},
      {"--cache-dir",
       "FOLDER",
       "Where results are kept for the next run; default ~/.cache/vedette.",
       &flags.cache_folder,
       {},
       ValueKind::kFolder},
      {"--no-cache", "", "Keeps nothing for the next run, and takes nothing of the last.",
       &flags.no_cache},
      {"--cache-import",
       "FOLDER",
       "Takes results that --cache-export wrote; with VEDETTE_CACHE_KEY only those of the same "
       "key.",
       &flags.cache_import,
       {},
       ValueKind::kFolder},
      {"--cache-export",
       "FOLDER",
       "Writes all results for another machine; sealed where VEDETTE_CACHE_KEY is set.",
       &flags.cache_export,
       {},
       ValueKind::kFolder},
      {"--threads", "COUNT", "Threads that work at once; default: one per processor.",
       &flags.threads},
      {"-q,--quiet", "", "Nothing on stderr but errors.", &flags.quiet},
  };
}

}  // namespace

std::vector<Flag> CiFlags::rows() {
  std::vector<Flag> list = change_rows(*this);
  for (std::vector<Flag> some :
       {knowledge_rows(*this), verdict_rows(*this), report_rows(*this), memory_rows(*this),
        comment_flags(comment), run_rows(*this), origin.rows()}) {
    list.insert(list.end(), std::make_move_iterator(some.begin()),
                std::make_move_iterator(some.end()));
  }
  return list;
}

}  // namespace vedette::cmd
