// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace vedette::cmd {
namespace {

// Calls visit(command, words) for every command below (and with) `command`; words: "rules lint".
void walk(const Command& command, const std::string& words,
          const std::function<void(const Command&, const std::string&)>& visit) {
  visit(command, words);
  for (const Command& inner : command.commands) {
    walk(inner, words.empty() ? inner.name : fmt::format("{} {}", words, inner.name), visit);
  }
}

std::string all_words(const Command& command) {
  std::string words;
  for (const Command& inner : command.commands) words += inner.name + " ";
  for (const Flag& flag : command.flags) {
    for (const std::string& name : names_of(flag)) words += name + " ";
  }
  return words + "--help";
}

bool takes_files(const Command& command) {
  return std::any_of(command.arguments.begin(), command.arguments.end(),
                     [](const Argument& argument) { return argument.kind == ValueKind::kPath; });
}

// In single quotes for a POSIX shell.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// What bash does with the word after a flag that takes a value.
std::string bash_values(const Flag& flag) {
  if (flag.kind == ValueKind::kPath) return "COMPREPLY=($(compgen -f -- \"$current\"))";
  if (flag.kind == ValueKind::kFolder) return "COMPREPLY=($(compgen -d -- \"$current\"))";
  if (flag.choices.empty()) return "COMPREPLY=()";
  return fmt::format("COMPREPLY=($(compgen -W {} -- \"$current\"))",
                     in_quotes(fmt::format("{}", fmt::join(flag.choices, " "))));
}

// bash, and zsh through bashcompinit: the words before the cursor that name commands choose a row.
std::string bash_script(const Command& root) {
  std::string flags;
  std::string commands;
  walk(root, "", [&](const Command& command, const std::string& words) {
    for (const Flag& flag : command.flags) {
      if (flag.value.empty()) continue;
      for (const std::string& name : names_of(flag)) {
        flags += fmt::format("    {})\n      {}\n      return ;;\n",
                             in_quotes(fmt::format("{}|{}", words, name)), bash_values(flag));
      }
    }
    commands += fmt::format("    {}) words={} files={} ;;\n", in_quotes(words),
                            in_quotes(all_words(command)), takes_files(command) ? "yes" : "''");
  });
  std::string known;
  walk(root, "", [&](const Command&, const std::string& words) {
    if (!words.empty()) known += in_quotes(words) + "|";
  });
  if (!known.empty()) known.pop_back();
  return fmt::format(
      R"(# vedette completion for bash: source this file
_vedette() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local path='' words='' files='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="${{path:+$path }}${{COMP_WORDS[i]}}"
    case "$next" in
      {}) path=$next ;;
    esac
  done
  case "$path|$previous" in
{}  esac
  case "$path" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n $files && $current != -* ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _vedette vedette
)",
      known, flags, commands);
}

std::string zsh_script(const Command& root) {
  return "#compdef vedette\n# vedette completion for zsh: source this file after compinit\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(root);
}

std::string fish_script(const Command& root) {
  std::string out =
      "# vedette completion for fish: save as ~/.config/fish/completions/vedette.fish\n";
  walk(root, "", [&](const Command& command, const std::string& words) {
    std::string condition = "__fish_use_subcommand";
    if (!words.empty()) {
      condition = "__fish_seen_subcommand_from " + command.name;
      const std::size_t blank = words.rfind(' ');
      if (blank != std::string::npos) {
        condition = "__fish_seen_subcommand_from " + words.substr(0, blank) + "; and " + condition;
      }
    }
    for (const Command& inner : command.commands) {
      out += fmt::format("complete -c vedette -n {} -f -a {} -d {}\n", in_quotes(condition),
                         in_quotes(inner.name), in_quotes(inner.help));
    }
    for (const Flag& flag : command.flags) {
      out += fmt::format("complete -c vedette -n {}", in_quotes(condition));
      for (const std::string& name : names_of(flag)) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!flag.value.empty()) out += flag.kind == ValueKind::kPath ? " -r -F" : " -x";
      if (!flag.choices.empty()) {
        out += " -a " + in_quotes(fmt::format("{}", fmt::join(flag.choices, " ")));
      }
      if (flag.kind == ValueKind::kFolder) out += " -a '(__fish_complete_directories)'";
      out += " -d " + in_quotes(flag.help) + "\n";
    }
  });
  return out;
}

}  // namespace

std::string completion_script(const Command& root, const std::string& shell) {
  if (shell == "bash") return bash_script(root);
  if (shell == "zsh") return zsh_script(root);
  if (shell == "fish") return fish_script(root);
  return "";
}

Command completion_command(std::function<Command()> root) {
  const auto shell = std::make_shared<std::string>();
  Command command{
      "completion", "Prints a completion script for bash, zsh or fish.",
      "  source <(vedette completion bash)\n"
      "  vedette completion zsh > ~/.vedette-completion && source ~/.vedette-completion\n"
      "  vedette completion fish > ~/.config/fish/completions/vedette.fish\n"};
  command.arguments = {{"SHELL", "bash, zsh or fish", shell.get(), true, ValueKind::kText}};
  command.run = [shell, root = std::move(root)]() -> int {
    const std::string script = completion_script(root(), *shell);
    if (script.empty()) {
      fmt::print(stderr, "vedette: expected bash, zsh or fish, found '{}'\n", *shell);
      return kExitUsage;
    }
    std::fwrite(script.data(), 1, script.size(), stdout);
    return kExitClean;
  };
  return command;
}

}  // namespace vedette::cmd
