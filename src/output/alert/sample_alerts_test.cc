// SPDX-License-Identifier: Apache-2.0
#include "output/alert/sample_alerts.h"

namespace vedette::output {
namespace {

using event::AlertField;
using event::Kind;
using event::Level;
using event::MatchedField;
using event::Role;

constexpr TimeNs kNoon = TimeNs{1'603'368'000} * kNsPerSecond;  // 2020-10-22T12:00:00Z
constexpr TimeNs kMs = 1'000'000;

void set(event::Alert& alert, Role role, std::string_view text) {
  alert.roles[static_cast<std::size_t>(role)] = text;
}

constexpr std::array kShellMatched = {
    MatchedField{"selection", "Image", "C:\\Windows\\System32\\cmd.exe", "endswith \\cmd.exe"},
    MatchedField{"selection", "CommandLine", "cmd.exe /c whoami /all", "contains whoami"},
};
constexpr std::array kShellEvent = {
    AlertField{"EventID", "1", Kind::kNumber},
    AlertField{"Image", "C:\\Windows\\System32\\cmd.exe"},
    AlertField{"Hashes", "MD5=00"},
    AlertField{"User", "CORP\\alice"},
    AlertField{"Hashes", "SHA256=0011"},
    AlertField{"Ports", "0x1F", Kind::kNumber},
    AlertField{"Ports", "-4.50e3", Kind::kNumber},
    AlertField{"Signed", "false", Kind::kBoolean},
    AlertField{"Parent", "null", Kind::kNull},
};
constexpr std::array kChildMatched = {
    MatchedField{"selection", "Image", "C:\\Windows\\System32\\cmd.exe", "endswith \\cmd.exe"},
};
constexpr std::string_view kEscape =
    "\x1b[31mred\x1b]0;title\x07 \x9b"
    "2J";
constexpr std::string_view kHostileCommand =
    "=cmd|' /C calc'!A0, \"quoted\"\r\nsecond\tline </script><script>alert(1)</script><!-- "
    "{0} [link](http://x) \x1b[2J\xff\xfe\xc3 \xe2\x80\xae"
    "evil \xe4\xb8\xad\xe6\x96\x87";
constexpr std::array kHostileMatched = {
    MatchedField{"keywords", "", kHostileCommand, "contains </script>"},
};
constexpr std::array kHostileEvent = {
    AlertField{"a\"b</script>\x1b", kHostileCommand},
    AlertField{"empty", ""},
};
constexpr std::array kModelMatched = {
    MatchedField{"selection", "request.prompt", "ignore all previous instructions",
                 "contains ignore all previous"},
};
constexpr std::array kGroup = {
    AlertField{"host", "ws-1.corp.example"},
    AlertField{"user", "CORP\\alice"},
};
constexpr std::array<std::string_view, 2> kBaseRules = {"Shell Started, With a Comma",
                                                        "Deleted Shadow Copies"};

}  // namespace

SampleRun::SampleRun() : long_command_(10'240, 'A') {
  long_command_.replace(0, 24, "vssadmin delete shadows ");
  add_rules();
  add_process_alerts();
  add_hostile_alerts();
  add_correlation();
  add_summary();
}

void SampleRun::add_rules() {
  event::RuleInfo& shell = rules_[0];
  shell.id = "0a1b2c3d-0000-4000-8000-000000000001";
  shell.title = "Shell Started, With a Comma";
  shell.description = "A shell was started.\nSee [the page] for {details}.";
  shell.status = "test";
  shell.author = "Vedette";
  shell.date = "2026-01-02";
  shell.level = Level::kHigh;
  shell.tags = {"attack.execution", "attack.t1059.003", "attack.discovery", "attack.t1033",
                "car.1"};
  shell.references = {"https://example.org/shell?a=b", "a book, page 7"};
  shell.false_positives = {"Administrators"};
  shell.logsource = "windows/process_creation/";
  shell.file = "rules/shell.yml";
  shell.line = 1;

  event::RuleInfo& shadow = rules_[1];
  shadow.id = "0a1b2c3d-0000-4000-8000-000000000002";
  shadow.title = "Deleted Shadow Copies";
  shadow.level = Level::kCritical;
  shadow.tags = {"attack.impact", "attack.T1490"};
  shadow.logsource = "windows/process_creation/";

  event::RuleInfo& odd = rules_[2];
  odd.id = "no-uuid </script>";
  odd.title = "Odd <b>Text</b> \"everywhere\" & 'here'";
  odd.description = std::string(kEscape);
  odd.level = Level::kMedium;
  odd.tags = {"attack.defense_evasion", "attack.t9999", "attack.t9999"};
  odd.references = {"javascript:alert(1)", "http://x/<bad>"};

  event::RuleInfo& model = rules_[3];
  model.id = "0a1b2c3d-0000-4000-8000-000000000004";
  model.title = "Prompt Injection in a Request";
  model.level = Level::kInformational;
  model.tags = {"atlas.aml.t0051.000", "atlas.ml-attack-staging"};
  model.logsource = "//vllm";

  event::RuleInfo& many = rules_[4];
  many.id = "0a1b2c3d-0000-4000-8000-000000000005";
  many.title = "Shells and Shadow Copies Together";
  many.level = Level::kLow;
  many.tags = {"attack.stealth"};
  many.correlation = true;
}

event::Alert& SampleRun::add(std::size_t rule, std::string_view input, std::uint64_t record,
                             TimeNs time) {
  event::Alert& alert = alerts_.emplace_back();
  alert.rule = &rules_[rule];
  alert.input = input;
  alert.record = record;
  alert.offset = record * 100;
  alert.has_time = time != 0;
  alert.time = time;
  return alert;
}

void SampleRun::add_process_alerts() {
  event::Alert& shell = add(0, "logs/a.json", 7, kNoon + 5 * kMs);
  set(shell, Role::kHost, "ws-1.corp.example");
  set(shell, Role::kUser, "CORP\\alice");
  set(shell, Role::kProcess, "C:\\Windows\\System32\\cmd.exe");
  set(shell, Role::kProcessId, "0x1f4");
  set(shell, Role::kProcessGuid, "{6a910b9d-0001}");
  set(shell, Role::kCommandLine, "cmd.exe /c whoami /all");
  set(shell, Role::kParent, "C:\\Windows\\explorer.exe");
  set(shell, Role::kParentId, "400");
  set(shell, Role::kParentGuid, "{6a910b9d-0000}");
  set(shell, Role::kAction, "1");
  shell.matched = kShellMatched;
  shell.event = kShellEvent;

  event::Alert& shadow = add(1, "logs/a.json", 9, 0);
  set(shadow, Role::kHost, "ws-1.corp.example");
  set(shadow, Role::kUser, "root");
  set(shadow, Role::kProcess, "C:\\Windows\\System32\\vssadmin.exe");
  set(shadow, Role::kProcessGuid, "{6a910b9d-0002}");
  set(shadow, Role::kParentGuid, "{6a910b9d-0001}");
  set(shadow, Role::kCommandLine, long_command_);

  event::Alert& child = add(0, "logs/a.json", 12, kNoon + 3'600'000 * kMs);
  set(child, Role::kHost, "ws-1.corp.example");
  set(child, Role::kProcess, "C:\\Windows\\System32\\cmd.exe");
  set(child, Role::kProcessId, "504");
  child.matched = kChildMatched;
}

void SampleRun::add_hostile_alerts() {
  event::Alert& odd = add(2, "logs/\x1b[1m\t\"b\"\n</script>.json", 1, -1500 * kMs);
  set(odd, Role::kHost, kEscape);
  set(odd, Role::kContainer, "notebook");
  set(odd, Role::kPod, "notebook-0");
  set(odd, Role::kUser, "-\xff\\");
  set(odd, Role::kProcessId, "not a number");
  set(odd, Role::kCommandLine, kHostileCommand);
  set(odd, Role::kTarget, "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97");
  set(odd, Role::kAddress, "999.1.1.1");
  odd.matched = kHostileMatched;
  odd.event = kHostileEvent;

  event::Alert& model = add(3, "-", 3, kNoon + 1);
  set(model, Role::kAddress, "2001:db8::1");
  set(model, Role::kAction, "POST /v1/completions");
  model.matched = kModelMatched;
}

void SampleRun::add_correlation() {
  event::Alert& many = add(4, "logs/a.json", 12, kNoon + 3'600'000 * kMs);
  set(many, Role::kHost, "ws-1.corp.example");
  many.group = kGroup;
  many.value = 2.5;
  many.first_time = kNoon + 5 * kMs;
  many.event_count = 3;
  many.rules = kBaseRules;
}

void SampleRun::add_summary() {
  summary_.events = 680'452;
  summary_.bytes = 1'720'000'000;
  summary_.skipped = 2;
  summary_.unknown_source = 1;
  summary_.alerts = alerts_.size();
  summary_.rules_loaded = 3'768;
  summary_.rules_refused = 12;
  summary_.refusals = {
      {11,
       {DiagnosticKind::kError,
        {"rules/\x1b[1m.yml", 12, 5, 0},
        "the placeholder %<admins>% has no values; give them in a file with --vars",
        ""}},
      {1, {DiagnosticKind::kError, {"rules/b.yml", 7, 3, 0}, "the detection is empty", ""}}};
  summary_.seconds = 1.25;
  summary_.load_seconds = 0.75;
  summary_.rules = {{&rules_[0], 2, 0, 0}, {&rules_[1], 1, 10, 500}};
  event::InputReport good;
  good.name = "logs/a.json";
  good.format = "json-lines";
  good.bytes = 1'720'000'000;
  good.events = 680'452;
  event::InputReport bad;
  bad.name = "logs/\x1b[1m.evtx";
  bad.format = "evtx";
  bad.skipped = 2;
  bad.failed = true;
  bad.problems = {{DiagnosticKind::kError,
                   {bad.name, 0, 0, 4096},
                   "expected a chunk, found <zeros>",
                   "--recover reads what is left"}};
  summary_.inputs = {good, bad};
}

}  // namespace vedette::output
