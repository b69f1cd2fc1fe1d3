// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/auditd_record.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

// auditd ENRICHED puts this byte between the kernel's fields and its own.
constexpr char kEnrichment = '\x1D';

struct TypeRow {
  std::string_view number;
  std::string_view name;
};
// linux/audit.h and libaudit.h: what a kernel without auditd prints as a number.
constexpr auto kTypes = std::to_array<TypeRow>({
    {"1100", "USER_AUTH"},    {"1101", "USER_ACCT"},
    {"1103", "CRED_ACQ"},     {"1104", "CRED_DISP"},
    {"1105", "USER_START"},   {"1106", "USER_END"},
    {"1107", "USER_AVC"},     {"1108", "USER_CHAUTHTOK"},
    {"1109", "USER_ERR"},     {"1112", "USER_LOGIN"},
    {"1113", "USER_LOGOUT"},  {"1114", "ADD_USER"},
    {"1115", "DEL_USER"},     {"1116", "ADD_GROUP"},
    {"1117", "DEL_GROUP"},    {"1123", "USER_CMD"},
    {"1124", "USER_TTY"},     {"1130", "SERVICE_START"},
    {"1131", "SERVICE_STOP"}, {"1300", "SYSCALL"},
    {"1302", "PATH"},         {"1303", "IPC"},
    {"1304", "SOCKETCALL"},   {"1305", "CONFIG_CHANGE"},
    {"1306", "SOCKADDR"},     {"1307", "CWD"},
    {"1309", "EXECVE"},       {"1318", "OBJ_PID"},
    {"1319", "TTY"},          {"1320", "EOE"},
    {"1321", "BPRM_FCAPS"},   {"1322", "CAPSET"},
    {"1323", "MMAP"},         {"1325", "NETFILTER_CFG"},
    {"1326", "SECCOMP"},      {"1327", "PROCTITLE"},
    {"1330", "KERN_MODULE"},  {"1331", "FANOTIFY"},
    {"1334", "BPF"},          {"1336", "URINGOP"},
    {"1400", "AVC"},          {"1701", "ANOM_ABEND"},
    {"1702", "ANOM_LINK"},    {"1700", "ANOM_PROMISCUOUS"},
});

std::string_view type_name(std::string_view type) {
  std::string_view number = type;
  if (number.starts_with("UNKNOWN[") && number.ends_with(']')) {
    number = number.substr(8, number.size() - 9);
  }
  if (number.empty() || !is_digit(number.front())) return type;
  for (const TypeRow& row : kTypes) {
    if (row.number == number) return row.name;
  }
  return type;
}

bool is_key_char(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '[' || c == ']';
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "11/14/23 22:13:20.123" or "11/14/2023 22:13:20.123", as ISO 8601 for parse_time().
std::optional<TimeNs> american_time(std::string_view text) {
  const std::size_t blank = text.find(' ');
  const bool two_digits = blank == 8;
  if ((!two_digits && blank != 10) || text[2] != '/' || text[5] != '/') return std::nullopt;
  const std::string_view clock = text.substr(blank + 1);
  std::array<char, 48> iso{};
  if (clock.size() > 24) return std::nullopt;
  char* out = iso.data();
  const auto add = [&out](std::string_view part) {
    out = std::copy(part.begin(), part.end(), out);
  };
  if (two_digits) add("20");
  add(text.substr(6, blank - 6));
  add("-");
  add(text.substr(0, 2));
  add("-");
  add(text.substr(3, 2));
  add("T");
  add(clock);
  return parse_time({iso.data(), static_cast<std::size_t>(out - iso.data())});
}

}  // namespace

std::optional<AuditRecord> split_audit_record(std::string_view line) {
  AuditRecord record;
  if (take_prefix(line, "node=")) record.node = take_until(line, ' ');
  if (!take_prefix(line, "type=")) return std::nullopt;
  record.type = type_name(take_until(line, ' '));
  take_prefix(line, "msg=");
  if (record.type.empty() || !take_prefix(line, "audit(")) return std::nullopt;
  const std::size_t close = find_or_end(line, ')');
  if (close == line.size()) return std::nullopt;
  record.stamp = line.substr(0, close);
  if (audit_serial(record.stamp).empty()) return std::nullopt;
  line.remove_prefix(close + 1);
  record.interpreted = take_prefix(line, " :");
  if (!record.interpreted && !take_prefix(line, ":")) return std::nullopt;
  record.body = trim(line);
  return record;
}

bool is_audit_separator(std::string_view line) {
  return line.starts_with("----") || line.starts_with("time->") ||
         line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string_view audit_serial(std::string_view stamp) {
  const std::size_t colon = stamp.rfind(':');
  return colon == std::string_view::npos ? std::string_view() : stamp.substr(colon + 1);
}

std::optional<TimeNs> audit_time(std::string_view stamp) {
  const std::size_t colon = stamp.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view time = stamp.substr(0, colon);
  if (const auto parsed = parse_time(time)) return parsed;
  return american_time(time);
}

std::size_t AuditPairs::key_start(std::size_t equals, std::size_t floor) const {
  std::size_t start = equals;
  while (start > floor && is_key_char(body_[start - 1])) --start;
  return start;
}

std::size_t AuditPairs::enrichment_behind(std::size_t start) {
  if (!enrichment_known_ || enrichment_ < start) {
    enrichment_ = find_or_end(body_, kEnrichment, start);
    enrichment_known_ = true;
  }
  return enrichment_;
}

std::size_t AuditPairs::end_of_bare(std::size_t start) {
  const std::size_t stop = enrichment_behind(start);
  if (ending_ == Ending::kLine) return stop;
  if (ending_ == Ending::kBlank) return std::min(stop, find_or_end(body_, ' ', start));
  for (std::size_t from = start; from < stop;) {
    const std::size_t equals = find_or_end(body_, '=', from);
    if (equals >= stop) break;
    const std::size_t key = key_start(equals, from);
    from = equals + 1;
    if (key == equals || key == start || body_[key - 1] != ' ') continue;
    if (ending_ == Ending::kNextArgument) {
      std::uint32_t number = 0;
      const char* const end = body_.data() + equals;
      const auto parsed = std::from_chars(body_.data() + key + 1, end, number);
      if (body_[key] != 'a' || parsed.ptr != end || number != argument_) continue;
    }
    return key;
  }
  return stop;
}

bool AuditPairs::next(AuditPair& pair) {
  while (at_ < body_.size()) {
    const std::size_t equals = find_or_end(body_, '=', at_);
    if (equals == body_.size()) break;
    const std::size_t key = key_start(equals, at_);
    at_ = equals + 1;
    if (key == equals) continue;
    pair.key = body_.substr(key, equals - key);
    pair.form = AuditPair::Form::kBare;
    if (ending_ == Ending::kNextArgument && pair.key != "argc") ++argument_;
    std::size_t start = at_;
    std::size_t end = start;
    const char first = start < body_.size() ? body_[start] : ' ';
    if (first == '"') {
      pair.form = AuditPair::Form::kQuoted;
      end = find_or_end(body_, '"', ++start);
    } else if (first == '\'') {
      pair.form = AuditPair::Form::kNested;
      const std::size_t stop = enrichment_behind(++start);
      const std::size_t close = body_.substr(start, stop - start).rfind('\'');
      end = close == std::string_view::npos ? stop : start + close;
    } else if (first == '{') {
      pair.form = AuditPair::Form::kBraced;
      end = find_or_end(body_, '}', ++start);
    } else {
      end = end_of_bare(start);
    }
    const bool bare = pair.form == AuditPair::Form::kBare;
    pair.value = body_.substr(start, end - start);
    if (bare || pair.form == AuditPair::Form::kBraced) pair.value = trim(pair.value);
    at_ = std::min(bare ? end : end + 1, body_.size());
    return true;
  }
  return false;
}

}  // namespace vedette::formats::logs
