// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The command line as data: commands, their flags and what those fill. Help, shell completion and
// the parser (CLI11, which command_line.cc alone knows) are three readers of the same rows.
namespace vedette::cmd {

// Exit codes of every command.
enum ExitCode : int {
  kExitClean = 0,
  kExitBlocked = 1,  // --fail-on reached, a test failed
  kExitUsage = 2,    // wrong usage or unreadable configuration
  kExitPartial = 3,  // finished, but something was skipped or lost
};

// Where a flag's value goes; it outlives the parsing.
using Target =
    std::variant<bool*, std::string*, std::vector<std::string>*, std::uint64_t*, unsigned*>;

// What completes a value in a shell.
enum class ValueKind : std::uint8_t { kNone, kPath, kFolder, kChoice, kText };

struct Flag {
  std::string names;  // "--rules" or "-o,--output"
  std::string value;  // "PATH"; empty for a switch
  std::string help;   // one sentence
  Target target;
  std::vector<std::string> choices = {};  // the only values allowed; empty: any
  ValueKind kind = ValueKind::kText;
};

struct Argument {
  std::string name;  // "INPUT"
  std::string help;
  std::variant<std::string*, std::vector<std::string>*> target;
  bool required = true;
  ValueKind kind = ValueKind::kPath;
};

struct Command {
  std::string name;
  std::string help;      // one line
  std::string examples;  // lines of "command   # what it does"
  std::vector<Flag> flags = {};
  std::vector<Argument> arguments = {};
  std::vector<Command> commands = {};
  std::function<int()> run = {};  // the exit code; empty for a command that only groups others
};

struct Parsed {
  const Command* command = nullptr;  // what to run; null: print `output` or `error`
  std::string output;                // asked for: help, version
  std::string error;                 // one or more lines, ends without newline
};

// Fills the targets of the chosen command. Never exits or throws. `version` answers --version.
Parsed parse_command_line(const Command& root, const std::vector<std::string>& arguments,
                          const std::string& version);

// A command that is made when it is wanted: the rows of all take longer than many a run.
struct CommandRow {
  std::string_view name;
  Command (*make)();
};

// The command of that name alone, or all where none has it, for help and for errors.
std::vector<Command> commands_named(std::span<const CommandRow> rows, std::string_view name);

// The manual of a command; `path` is how it is called ("vedette rules lint").
std::string help_of(const Command& command, const std::string& path);

// "--rules" of "-r,--rules": the long names first.
std::vector<std::string> names_of(const Flag& flag);

}  // namespace vedette::cmd
