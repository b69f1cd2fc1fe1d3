// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/web_access.h"

#include <algorithm>
#include <initializer_list>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

void put(event::FieldWriter& writer, std::string_view text,
         std::initializer_list<std::string_view> names) {
  if (text.empty() || text == "-") return;
  for (const std::string_view name : names) writer.put(name, text);
}

void put_number(event::FieldWriter& writer, std::string_view text,
                std::initializer_list<std::string_view> names) {
  if (text.empty() || text == "-") return;
  for (const std::string_view name : names) writer.put(name, text, kind_of_number(text));
}

// The servers' own escapes; "\xHH" of bytes that are not printable stays as it is logged.
std::string_view unescape(std::string_view text, Arena& arena) {
  if (find_or_end(text, '\\') == text.size()) return text;
  char* const start = arena.allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '"' || next == '\\') {
      *out++ = next;
      ++i;
      continue;
    }
    if (next == 'x' && i + 3 < text.size()) {
      const int high = hex_digit(text[i + 2]);
      const int low = hex_digit(text[i + 3]);
      const int code = high < 0 || low < 0 ? 0 : high * 16 + low;
      if (code >= 0x20 && code < 0x7F) {
        *out++ = static_cast<char>(code);
        i += 3;
        continue;
      }
    }
    *out++ = text[i];
  }
  return {start, static_cast<std::size_t>(out - start)};
}

// Takes a quoted part off the front, blanks before it included; false when there is none.
bool take_quoted(std::string_view& rest, std::string_view& inside) {
  std::size_t at = std::min(rest.find_first_not_of(' '), rest.size());
  if (at == rest.size() || rest[at] != '"') return false;
  const std::size_t start = ++at;
  while (at < rest.size() && rest[at] != '"') at += rest[at] == '\\' ? 2 : 1;
  at = std::min(at, rest.size());
  inside = rest.substr(start, at - start);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return true;
}

bool looks_like_address(std::string_view word) {
  if (word.starts_with('[')) return true;
  const bool v6 = std::count(word.begin(), word.end(), ':') > 1;
  const bool v4 = std::count(word.begin(), word.end(), '.') == 3 && is_digit(word.front());
  return v6 || (v4 && word.find(':') == std::string_view::npos);
}

// "example.org:443"
void write_host(std::string_view host, event::FieldWriter& writer) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos;
  put(writer, host.substr(0, has_port ? colon : host.size()), {"cs-host"});
  if (has_port) put_number(writer, host.substr(colon + 1), {"s-port"});
}

// "[VHOST] CLIENT IDENT USER" before the time. A user's name may hold blanks.
bool write_front(std::string_view front, event::FieldWriter& writer) {
  front = trim(front);
  std::string_view first = take_until(front, ' ');
  if (first.empty() || front.empty()) return false;
  const std::string_view second = front.substr(0, find_or_end(front, ' '));
  const bool more = std::count(front.begin(), front.end(), ' ') >= 2;
  if (more && (looks_like_address(second) || first.find(':') != first.npos) &&
      !looks_like_address(first)) {
    write_host(first, writer);
    first = take_until(front, ' ');
  }
  take_until(front, ' ');  // identd's answer
  if (first.size() > 2 && first.starts_with('[') && first.ends_with(']')) {
    first = first.substr(1, first.size() - 2);
  }
  put(writer, first, {"c-ip", "source.ip"});
  std::string_view user = trim(front);
  if (user.size() > 1 && user.starts_with('"') && user.ends_with('"')) {
    user = user.substr(1, user.size() - 2);
  }
  put(writer, user, {"cs-username", "user.name"});
  return true;
}

bool is_method(std::string_view word) {
  constexpr std::size_t kMethodMax = 32;
  return !word.empty() && word.size() <= kMethodMax &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return is_letter(c) || c == '-' || c == '_'; });
}

// "GET /path?query HTTP/1.1". The target may hold blanks; HTTP/0.9 has no version.
void write_request(std::string_view request, event::FieldWriter& writer) {
  put(writer, request, {"request"});
  std::string_view target = request;
  const std::string_view method = take_until(target, ' ');
  const std::size_t version = target.rfind(" HTTP/");
  if (!is_method(method) || target.empty()) return;
  if (version == std::string_view::npos && !target.starts_with('/')) return;
  if (version != std::string_view::npos) {
    put(writer, target.substr(version + 1), {"cs-version"});
    put(writer, target.substr(version + 6), {"http.version"});
    target = target.substr(0, version);
  }
  put(writer, method, {"cs-method", "http.request.method"});
  put(writer, target, {"cs-uri", "url.original"});
  const std::size_t question = find_or_end(target, '?');
  put(writer, target.substr(0, question), {"cs-uri-stem", "url.path"});
  if (question < target.size()) {
    put(writer, target.substr(question + 1), {"cs-uri-query", "url.query"});
  }
}

// The time is the first bracket that holds one: an IPv6 address or a user's name may bring others.
// `open` is the blank before it.
bool find_time(std::string_view line, std::size_t& open, std::string_view& time) {
  constexpr int kTriesMax = 8;
  open = line.find(" [");
  for (int i = 0; i < kTriesMax && open != line.npos; ++i, open = line.find(" [", open + 2)) {
    const std::size_t close = line.find(']', open);
    if (close == line.npos) return false;
    time = line.substr(open + 2, close - open - 2);
    if (time.size() >= 20 && parse_time(time)) return true;
  }
  return false;
}

}  // namespace

Result<void> parse_web_access(std::string_view line, event::FieldWriter& writer) {
  constexpr const char* kExpected =
      "expected an access log line, ADDRESS - USER [DAY/MON/YEAR:TIME ZONE] \"REQUEST\" STATUS "
      "BYTES";
  std::size_t open = 0;
  std::string_view time;
  if (!find_time(line, open, time)) return failure(ErrorCode::kInvalid, kExpected);
  std::string_view rest =
      line.substr(static_cast<std::size_t>(time.data() - line.data()) + time.size() + 1);
  std::string_view request;
  if (!take_quoted(rest, request) || !write_front(line.substr(0, open), writer)) {
    return failure(ErrorCode::kInvalid, kExpected);
  }
  put(writer, time, {"date", "EventTime"});
  Arena& arena = writer.arena();
  write_request(unescape(request, arena), writer);
  rest = trim(rest);
  put_number(writer, take_until(rest, ' '), {"sc-status", "http.response.status_code"});
  put_number(writer, take_until(rest, ' '), {"sc-bytes", "http.response.body.bytes"});
  std::string_view text;
  if (!take_quoted(rest, text)) return {};
  put(writer, unescape(text, arena), {"cs-referer", "cs(Referer)", "http.request.referrer"});
  if (!take_quoted(rest, text)) return {};
  put(writer, unescape(text, arena), {"cs-user-agent", "cs(User-Agent)", "user_agent.original"});
  if (!take_quoted(rest, text)) return {};
  put(writer, unescape(text, arena), {"x-forwarded-for"});
  return {};
}

}  // namespace vedette::formats::logs
