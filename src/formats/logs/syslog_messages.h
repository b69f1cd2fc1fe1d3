// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "event/field_writer.h"

namespace vedette::formats::logs {

// Fields of messages that every Linux host writes. Unknown messages and programs yield none.
//   sshd         user, src_ip, src_port
//   sudo         user, tty, pwd, target_user, command (also CommandLine, CurrentDirectory)
//   su           user, target_user, tty
//   cron, crond  user, command (also CommandLine)
//   pam_unix     user (who asked), target_user (whose session), in messages of any program
void write_known_message(std::string_view program, std::string_view message,
                         event::FieldWriter& writer);

}  // namespace vedette::formats::logs
