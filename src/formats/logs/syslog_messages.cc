// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/syslog_messages.h"

#include <algorithm>
#include <array>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

void put(event::FieldWriter& writer, std::string_view key, std::string_view text) {
  if (!text.empty()) writer.put(key, text);
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, find_or_end(text, ' '));
}

// The text behind `mark`, or empty.
std::string_view after(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + mark.size());
}

// Words of sshd before a user's name: "Failed password for invalid user eve from 192.0.2.1 port
// 22". The longer of two that match comes first.
constexpr auto kBeforeUser = std::to_array<std::string_view>(
    {" for invalid user ", " for illegal user ", " for ", "Invalid user ", "Illegal user ",
     "authenticating user ", "invalid user ", "from user ", "User "});
// Words before an address.
constexpr auto kBeforeAddress =
    std::to_array<std::string_view>({" from ", "closed by ", "reset by "});

void sshd(std::string_view message, event::FieldWriter& writer) {
  std::string_view who;
  for (const std::string_view mark : kBeforeUser) {
    who = after(message, mark);
    if (!who.empty()) break;
  }
  // The name is whatever the client sent and may hold blanks, " from " included: the address is
  // behind the last one.
  const std::size_t port = message.rfind(" port ");
  const std::string_view front = message.substr(0, port);
  std::string_view address;
  std::size_t name_end = find_or_end(who, ' ');
  for (const std::string_view mark : kBeforeAddress) {
    const std::size_t at = front.rfind(mark);
    if (at == std::string_view::npos) continue;
    address = front.substr(at + mark.size());
    if (!who.empty() && mark == " from " && front.data() + at >= who.data()) {
      name_end = static_cast<std::size_t>(front.data() + at - who.data());
    }
    break;
  }
  // "closed by authenticating user eve 192.0.2.1 port 22": the last word is the address.
  if (const std::size_t blank = address.rfind(' '); blank != std::string_view::npos) {
    address.remove_prefix(blank + 1);
  }
  const bool looks_right = address.find_first_of(".:") != std::string_view::npos;
  put(writer, "user", who.substr(0, name_end));
  if (!looks_right) return;
  put(writer, "src_ip", address);
  if (port == std::string_view::npos) return;
  std::string_view number = first_word(message.substr(port + 6));
  number = number.substr(0, number.find_first_not_of("0123456789"));
  if (!number.empty()) writer.put("src_port", number, kind_of_number(number));
}

// "alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id", also with a reason
// first: "eve : user NOT in sudoers ; TTY=pts/1 ; …".
void sudo(std::string_view message, event::FieldWriter& writer) {
  const std::size_t colon = message.find(" : ");
  const std::string_view command = after(message, "COMMAND=");
  if (colon == std::string_view::npos || command.empty()) return;
  put(writer, "user", trim(message.substr(0, colon)));
  const auto until_semicolon = [](std::string_view text) {
    return text.substr(0, text.find(" ; "));
  };
  const std::string_view folder = until_semicolon(after(message, "PWD="));
  put(writer, "tty", until_semicolon(after(message, "TTY=")));
  put(writer, "pwd", folder);
  put(writer, "CurrentDirectory", folder);
  put(writer, "target_user", until_semicolon(after(message, "USER=")));
  put(writer, "command", command);
  put(writer, "CommandLine", command);
}

// "(to root) alice on pts/0", "FAILED SU (to root) alice on pts/0".
void su(std::string_view message, event::FieldWriter& writer) {
  const std::string_view target = after(message, "(to ");
  const std::size_t close = target.find(") ");
  if (close == std::string_view::npos) return;
  put(writer, "target_user", target.substr(0, close));
  put(writer, "user", first_word(target.substr(close + 2)));
  put(writer, "tty", after(target, " on "));
}

// "(root) CMD (run-parts /etc/cron.hourly)"
void cron(std::string_view message, event::FieldWriter& writer) {
  const std::size_t close = message.find(')');
  if (!message.starts_with('(') || close == std::string_view::npos) return;
  put(writer, "user", message.substr(1, close - 1));
  std::string_view command = after(message.substr(close), ") CMD (");
  if (!command.ends_with(')')) return;
  command = trim(command.substr(0, command.size() - 1));
  put(writer, "command", command);
  put(writer, "CommandLine", command);
}

// "pam_unix(su:session): session opened for user root(uid=0) by alice(uid=1000)"
void pam(std::string_view message, event::FieldWriter& writer) {
  const std::string_view target = after(message, "for user ");
  put(writer, "target_user", target.substr(0, target.find_first_of(" (")));
  const std::string_view asker = after(target, " by ");
  put(writer, "user", asker.substr(0, asker.find_first_of(" (")));
}

struct Row {
  std::string_view program;
  void (*write)(std::string_view message, event::FieldWriter& writer);
};
constexpr auto kPrograms = std::to_array<Row>({{"sshd", sshd},
                                               {"sshd-session", sshd},
                                               {"sudo", sudo},
                                               {"su", su},
                                               {"cron", cron},
                                               {"crond", cron},
                                               {"CRON", cron}});

}  // namespace

void write_known_message(std::string_view program, std::string_view message,
                         event::FieldWriter& writer) {
  if (message.starts_with("pam_unix(") && message.find(": session ") != std::string_view::npos) {
    return pam(message, writer);
  }
  for (const Row& row : kPrograms) {
    if (row.program == program) return row.write(message, writer);
  }
}

}  // namespace vedette::formats::logs
