// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "event/field_writer.h"
#include "formats/logs/line_decoder.h"

namespace vedette::formats::logs {

// One line of a web server's access log: common or combined log format, as Apache and nginx write
// them by default, with or without the virtual host first ("example.org:443 192.0.2.1 - - […").
// Fields by the names of W3C extended logs, which Sigma's webserver rules use, and of ECS:
//   c-ip source.ip, cs-username user.name, date EventTime, cs-host s-port (virtual host),
//   cs-method http.request.method, cs-uri url.original (the target as logged: nothing is
//   percent-decoded), cs-uri-stem url.path, cs-uri-query url.query, cs-version http.version,
//   sc-status http.response.status_code, sc-bytes http.response.body.bytes,
//   cs-referer cs(Referer) http.request.referrer, cs-user-agent cs(User-Agent) user_agent.original,
//   x-forwarded-for (nginx's "main" format), request (the whole first line)
// "-" is absent. In quoted parts \" and \\ are undone and \xHH where it is printable ASCII. A
// request that is no "METHOD target VERSION" has `request` only.
Result<void> parse_web_access(std::string_view line, event::FieldWriter& writer);

using WebAccessDecoder = LineDecoder<parse_web_access>;

}  // namespace vedette::formats::logs
