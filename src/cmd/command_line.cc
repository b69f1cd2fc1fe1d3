// SPDX-License-Identifier: Apache-2.0
#include "cmd/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <type_traits>

#include "base/nearest.h"

namespace vedette::cmd {
namespace {

constexpr std::size_t kHelpColumn = 30;
constexpr std::size_t kHelpWidth = 100;

// Text in a column of the help, wrapped at blanks.
void append_wrapped(std::string& out, std::string_view text, std::size_t column) {
  std::size_t at = column;
  bool first = true;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (!first && at + 1 + blank > kHelpWidth) {
      out += '\n' + std::string(column, ' ');
      at = column;
      first = true;
    }
    if (!first) out += ' ';
    out += text.substr(0, blank);
    at += blank + (first ? 0 : 1);
    first = false;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  out += '\n';
}

void append_row(std::string& out, const std::string& left, const std::string& right) {
  out += "  " + left;
  if (left.size() + 3 > kHelpColumn) {
    out += '\n' + std::string(kHelpColumn, ' ');
  } else {
    out += std::string(kHelpColumn - left.size() - 2, ' ');
  }
  append_wrapped(out, right, kHelpColumn);
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

void add_flag(CLI::App& app, const Flag& flag) {
  std::visit(
      [&](auto* target) {
        using Pointed = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<Pointed, bool>) {
          app.add_flag(flag.names, *target);
        } else {
          CLI::Option* option = app.add_option(flag.names, *target);
          // One value for each time the flag is given: what follows is an input, not a second
          // value.
          option->allow_extra_args(false);
          if (!flag.choices.empty()) option->check(CLI::IsMember(flag.choices));
        }
      },
      flag.target);
}

// Of commands that no word names, only the names are made: all rows of all commands take longer
// than many a run.
void add_command(CLI::App& app, const Command& command, std::span<const std::string> words) {
  app.set_help_flag("-h,--help");
  for (const Flag& flag : command.flags) add_flag(app, flag);
  for (const Argument& argument : command.arguments) {
    std::visit(
        [&](auto* target) { app.add_option(argument.name, *target)->required(argument.required); },
        argument.target);
  }
  for (const Command& inner : command.commands) {
    CLI::App& made = *app.add_subcommand(inner.name);
    if (std::ranges::find(words, inner.name) != words.end()) add_command(made, inner, words);
  }
  if (!command.run && !command.commands.empty()) app.require_subcommand(1);
}

// The innermost command that the words named, and how it is called.
struct Place {
  const Command* command = nullptr;
  std::string path;
};

Place place_of(const CLI::App& app, const Command& root) {
  Place place{&root, root.name};
  const CLI::App* current = &app;
  while (!current->get_subcommands().empty()) {
    current = current->get_subcommands().front();
    const auto inner =
        std::find_if(place.command->commands.begin(), place.command->commands.end(),
                     [&](const Command& command) { return command.name == current->get_name(); });
    if (inner == place.command->commands.end()) break;
    place = {&*inner, place.path + " " + inner->name};
  }
  return place;
}

std::vector<std::string> known_words(const Command& command, bool flags) {
  std::vector<std::string> words;
  if (!flags) {
    for (const Command& inner : command.commands) words.push_back(inner.name);
    return words;
  }
  words.emplace_back("--help");
  for (const Flag& flag : command.flags) {
    for (const std::string& name : names_of(flag)) words.push_back(name);
  }
  return words;
}

std::string explain_error(const CLI::ParseError& error, const CLI::App& app, const Command& root) {
  const Place place = place_of(app, root);
  const std::vector<std::string> unread = app.remaining(true);
  std::string text;
  if (!unread.empty()) {
    const std::string word = unread.front().substr(0, unread.front().find('='));
    const bool flag = word.starts_with('-');
    const bool groups = !place.command->commands.empty();
    const std::vector<std::string> known = known_words(*place.command, flag);
    text = fmt::format("expected {}, found '{}'",
                       flag     ? "a flag of " + place.path
                       : groups ? "one of " + joined(known, ", ")
                                : "no further argument",
                       word);
    const std::string meant = nearest(word, known);
    if (!meant.empty()) text += fmt::format("; did you mean {}?", meant);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
             !place.command->commands.empty()) {
    text = "expected one of " + joined(known_words(*place.command, false), ", ") +
           ", found no command";
  } else if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    // "Could not convert: --threads = x"
    const std::string_view what = error.what();
    const std::size_t name = std::min(what.find("--"), what.size());
    const std::size_t equals = std::min(what.find(" = ", name), what.size());
    text = fmt::format("{}: expected a number, found '{}'", what.substr(name, equals - name),
                       what.substr(std::min(equals + 3, what.size())));
  } else {
    text = error.what();
  }
  return fmt::format("{}: {}\nsee: {} --help", root.name, text, place.path);
}

}  // namespace

std::vector<std::string> names_of(const Flag& flag) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at <= flag.names.size()) {
    const std::size_t comma = std::min(flag.names.find(',', at), flag.names.size());
    names.push_back(flag.names.substr(at, comma - at));
    at = comma + 1;
  }
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.starts_with("--") && !b.starts_with("--");
  });
  return names;
}

std::vector<Command> commands_named(std::span<const CommandRow> rows, std::string_view name) {
  const bool is_known = std::ranges::find(rows, name, &CommandRow::name) != rows.end();
  std::vector<Command> commands;
  for (const CommandRow& row : rows) {
    if (!is_known || row.name == name) commands.push_back(row.make());
  }
  return commands;
}

std::string help_of(const Command& command, const std::string& path) {
  std::string out = command.help + "\n\nUsage: " + path;
  if (!command.commands.empty()) out += " COMMAND";
  if (!command.flags.empty()) out += " [flags]";
  for (const Argument& argument : command.arguments) {
    const bool many = std::holds_alternative<std::vector<std::string>*>(argument.target);
    out += (argument.required ? " " : " [") + argument.name + (many ? "..." : "") +
           (argument.required ? "" : "]");
  }
  out += "\n";
  if (!command.commands.empty()) {
    out += "\nCommands:\n";
    for (const Command& inner : command.commands) append_row(out, inner.name, inner.help);
  }
  if (!command.arguments.empty()) {
    out += "\nArguments:\n";
    for (const Argument& argument : command.arguments) {
      append_row(out, argument.name, argument.help);
    }
  }
  out += "\nFlags:\n";
  for (const Flag& flag : command.flags) {
    std::string left = joined(names_of(flag), ", ");
    if (!flag.value.empty()) left += " " + flag.value;
    std::string right = flag.help;
    if (!flag.choices.empty()) right += " (" + joined(flag.choices, ", ") + ")";
    append_row(out, left, right);
  }
  append_row(out, "--help, -h", "Shows this.");
  const bool is_program = path.find(' ') == std::string::npos;
  if (is_program) append_row(out, "--version", "Names the version, commit and libraries.");
  if (!command.examples.empty()) out += "\nExamples:\n" + command.examples;
  return out;
}

Parsed parse_command_line(const Command& root, const std::vector<std::string>& arguments,
                          const std::string& version) {
  CLI::App app(root.help, root.name);
  try {
    add_command(app, root, arguments);
    app.set_version_flag("--version", version);
    // CLI11 takes the words from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const Place place = place_of(app, root);
    return {nullptr, help_of(*place.command, place.path), ""};
  } catch (const CLI::CallForVersion&) {
    return {nullptr, version, ""};
  } catch (const CLI::ParseError& error) {
    return {nullptr, "", explain_error(error, app, root)};
  } catch (const CLI::Error& error) {
    // The rows themselves are wrong: ours to repair, but no reason to die without a word.
    return {nullptr, "",
            fmt::format("{}: the command line is not built right: {}", root.name, error.what())};
  }
  return {place_of(app, root).command, "", ""};
}

}  // namespace vedette::cmd
