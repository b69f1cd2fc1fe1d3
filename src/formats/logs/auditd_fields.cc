// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/auditd_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "formats/logs/auditd_socket.h"
#include "formats/logs/auditd_syscalls.h"
#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

using Ending = AuditPairs::Ending;
using Form = AuditPair::Form;

// Fields that the audit system writes as hexadecimal digits, without quotes, when they hold blanks,
// quotes or bytes outside of printable ASCII (audit_log_untrustedstring() in the kernel,
// audit_encode_nv_string() in libaudit; the list is libauparse's of escaped fields).
constexpr auto kEncoded = std::to_array<std::string_view>(
    {"acct",      "cgroup",    "cmd",     "comm",     "cwd",    "data", "device",
     "dir",       "exe",       "file",    "grp",      "key",    "name", "new-disk",
     "new-fs",    "new_group", "ocomm",   "old-disk", "old-fs", "path", "profile",
     "proctitle", "root_dir",  "srcname", "sw",       "vm",     "watch"});

bool is_encoded(std::string_view key) {
  return std::find(kEncoded.begin(), kEncoded.end(), key) != kEncoded.end();
}

// The encoder writes upper case only, so a word such as "cafe" is not taken for bytes.
bool looks_encoded(std::string_view value) {
  if (value.empty() || value.size() % 2 != 0) return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

bool is_register(std::string_view key) {
  return key.size() == 2 && key[0] == 'a' && key[1] >= '0' && key[1] <= '3';
}

struct Alias {
  std::string_view key;
  std::string_view name;
};
// The parts of a socket address that ausearch and ENRICHED logs have decoded already.
constexpr auto kSocketAliases = std::to_array<Alias>({{"fam", "saddr_fam"},
                                                      {"fam", "family"},
                                                      {"saddr_fam", "family"},
                                                      {"laddr", "addr"},
                                                      {"lport", "port"}});

// "(hostname=host, addr=192.0.2.1, res=success)": messages of programs before PAM's op= form.
std::string_view without_punctuation(std::string_view value) {
  if (value.ends_with(',')) value.remove_suffix(1);
  const bool opened = value.find('(') != std::string_view::npos;
  if (!opened && value.ends_with(')')) value.remove_suffix(1);
  return value;
}

Ending ending_of(const AuditRecord& record) {
  if (!record.interpreted) return Ending::kBlank;
  if (record.type == "EXECVE") return Ending::kNextArgument;
  return record.type == "PROCTITLE" ? Ending::kLine : Ending::kNextKey;
}

}  // namespace

void AuditFields::start(event::FieldWriter& writer, bool has_execve) {
  writer_ = &writer;
  has_execve_ = has_execve;
  values_ = 0;
  arguments_.clear();
  record_ = {};
  command_ = image_ = folder_ = {};
}

std::string_view AuditFields::dotted(std::string_view key) {
  const std::size_t size = record_.type.size() + 1 + key.size();
  char* const name = writer_->arena().allocate(size);
  std::memcpy(name, record_.type.data(), record_.type.size());
  name[record_.type.size()] = '.';
  std::memcpy(name + record_.type.size() + 1, key.data(), key.size());
  return {name, size};
}

void AuditFields::write(std::string_view key, std::string_view value, event::Kind kind) {
  if (++values_ > values_max_) return;
  writer_->append(key, event::plain(value, kind));
  if (wants_dotted_) writer_->append(dotted(key), event::plain(value, kind));
}

void AuditFields::write_stamp(const AuditRecord& record) {
  if (!record.node.empty()) writer_->put("node", record.node);
  const std::string_view serial = audit_serial(record.stamp);
  writer_->put("serial", serial, kind_of_number(serial));
  if (!writer_->wants("EventTime")) return;
  if (const auto time = audit_time(record.stamp)) {
    writer_->put("EventTime", time_text(*time, writer_->arena()));
  }
}

void AuditFields::add(const AuditRecord& record) {
  if (record_.type.empty()) write_stamp(record);
  record_ = record;
  wants_dotted_ = writer_->wants_below(record.type);
  architecture_ = syscall_ = syscall_name_ = {};
  ++values_;
  writer_->append("type", event::plain(record.type));
  add_pairs(record.body, ending_of(record), 0);
  if (!syscall_.empty()) add_syscall_name();
}

void AuditFields::add_pairs(std::string_view body, Ending ending, int depth) {
  if (body.starts_with("avc:")) add_access_vector(body);
  AuditPairs pairs(body, ending);
  AuditPair pair;
  while (values_ <= values_max_ && pairs.next(pair)) add_pair(pair, ending, depth);
}

void AuditFields::add_pair(const AuditPair& pair, Ending ending, int depth) {
  constexpr int kDepthMax = 2;  // msg='… saddr={ … }'
  if (record_.type == "EXECVE" && add_argument(pair)) return;
  if (pair.form == Form::kNested || pair.form == Form::kBraced) {
    write(pair.key, pair.value);
    const bool repeats = pair.key == "SADDR";  // of ENRICHED logs, beside saddr
    if (depth < kDepthMax && !repeats) add_pairs(pair.value, ending, depth + 1);
    return;
  }
  std::string_view value = decoded(pair);
  const std::string_view key = pair.key;
  if (depth > 0 && pair.form == Form::kBare) value = without_punctuation(value);
  if (value == "(null)" && pair.form == Form::kBare) return write(key, "", event::Kind::kNull);
  if (key == "key") return add_keys(value);
  if (key == "arch") {
    architecture_ = value;
    return write(key, value);
  }
  if (key == "syscall") syscall_ = value;
  if (key == "SYSCALL") syscall_name_ = value;
  if (key == "proctitle") command_ = value;
  if (key == "exe" && image_.empty()) image_ = value;
  if (key == "cwd" && folder_.empty()) folder_ = value;
  if (key == "saddr") add_socket_address(value);
  if (record_.type == "SOCKADDR") add_socket_alias(key, value);
  if (is_register(key) && record_.type == "SYSCALL") {
    // Registers are hexadecimal, so they are text even where they look like decimal numbers.
    if (!has_execve_) return write(key, value);
    if (wants_dotted_) writer_->append(dotted(key), event::plain(value));
    return;
  }
  write(key, value, pair.form == Form::kBare ? kind_of_number(value) : event::Kind::kString);
}

std::string_view AuditFields::decoded(const AuditPair& pair) {
  if (record_.interpreted || pair.form != Form::kBare) return pair.value;
  if (!looks_encoded(pair.value) || !is_encoded(pair.key)) return pair.value;
  const std::size_t size = pair.value.size() / 2;
  char* const bytes = writer_->arena().allocate(size);
  decode_hex(pair.value, bytes);
  std::string_view text(bytes, size);
  if (pair.key == "proctitle") {
    while (text.ends_with('\0')) text.remove_suffix(1);
    std::replace(bytes, bytes + text.size(), '\0', ' ');
  }
  return text;
}

// "a1" or, for an argument in pieces, "a1[0]". Pieces follow one another, maybe in the next record;
// they are put together at the end.
bool AuditFields::add_argument(const AuditPair& pair) {
  const std::string_view key = pair.key;
  if (key.size() < 2 || key[0] != 'a' || !is_digit(key[1])) return false;
  std::uint32_t number = 0;
  const char* const end = key.data() + key.size();
  const auto parsed = std::from_chars(key.data() + 1, end, number);
  if (parsed.ec != std::errc() || (parsed.ptr != end && *parsed.ptr != '[')) return false;
  std::string_view text = pair.value;
  if (!record_.interpreted && pair.form == Form::kBare && looks_encoded(text)) {
    char* const bytes = writer_->arena().allocate(text.size() / 2);
    decode_hex(text, bytes);
    text = {bytes, text.size() / 2};
  }
  ++values_;
  arguments_.push_back({number, text});
  return true;
}

void AuditFields::add_keys(std::string_view keys) {
  while (!keys.empty() && values_ <= values_max_) write("key", take_until(keys, '\x01'));
}

void AuditFields::add_access_vector(std::string_view body) {
  std::string_view rest = trim(body.substr(4));
  const std::size_t open = find_or_end(rest, '{');
  const std::string_view result = trim(rest.substr(0, open));
  if (open == rest.size() || result.size() > 16) return;
  write("seresult", result);
  rest.remove_prefix(open + 1);
  for (std::string_view inside = take_until(rest, '}'); !inside.empty();) {
    const std::string_view permission = take_until(inside, ' ');
    if (values_ > values_max_) return;
    if (!permission.empty()) write("seperms", permission);
  }
}

void AuditFields::add_socket_address(std::string_view bytes) {
  const AuditSocket socket = decode_audit_socket(bytes, writer_->arena());
  if (socket.family.empty()) return;
  for (const std::string_view key : {"saddr_fam", "family"}) write(key, socket.family);
  if (!socket.address.empty()) {
    for (const std::string_view key : {"laddr", "addr"}) write(key, socket.address);
  }
  if (!socket.port.empty()) {
    for (const std::string_view key : {"lport", "port"}) {
      write(key, socket.port, event::Kind::kNumber);
    }
  }
  if (!socket.path.empty()) write("path", socket.path);
}

void AuditFields::add_socket_alias(std::string_view key, std::string_view value) {
  for (const Alias& alias : kSocketAliases) {
    if (alias.key == key) write(alias.name, value, kind_of_number(value));
  }
}

void AuditFields::add_syscall_name() {
  const bool enriched = !syscall_name_.empty();
  std::string_view name = syscall_name_;
  if (!enriched && !is_digit(syscall_.front())) name = syscall_;
  if (name.empty()) name = syscall_name(architecture_, syscall_);
  if (name.empty()) return;
  if (!enriched) write("SYSCALL", name);
  if (name != syscall_) write("syscall", name);
}

// The arguments in the order of the log, pieces of one joined; and all of them as one command line.
void AuditFields::write_arguments() {
  std::size_t total = 0;
  for (const Argument& argument : arguments_) total += argument.text.size() + 1;
  char* const line = writer_->arena().allocate(total);
  char* out = line;
  record_.type = "EXECVE";
  wants_dotted_ = writer_->wants_below("EXECVE");
  for (std::size_t i = 0; i < arguments_.size();) {
    const std::uint32_t number = arguments_[i].number;
    if (out != line) *out++ = ' ';
    const char* const start = out;
    for (; i < arguments_.size() && arguments_[i].number == number; ++i) {
      const std::string_view text = arguments_[i].text;
      if (!text.empty()) std::memcpy(out, text.data(), text.size());
      out += text.size();
    }
    char* const name = writer_->arena().allocate(11);
    name[0] = 'a';
    const char* const name_end = std::to_chars(name + 1, name + 11, number).ptr;
    write({name, static_cast<std::size_t>(name_end - name)},
          {start, static_cast<std::size_t>(out - start)});
  }
  command_ = {line, static_cast<std::size_t>(out - line)};
}

Result<void> AuditFields::finish() {
  const bool cut_short = values_ > values_max_;
  values_ -= std::min(values_, arguments_.size());  // counted once when met, once when written
  if (!arguments_.empty()) write_arguments();
  if (!command_.empty()) writer_->put("CommandLine", command_);
  if (!image_.empty()) writer_->put("Image", image_);
  if (!folder_.empty()) writer_->put("CurrentDirectory", folder_);
  if (!cut_short && values_ <= values_max_) return {};
  return failure(ErrorCode::kLimit, "the audit event holds more values than one event may");
}

}  // namespace vedette::formats::logs
