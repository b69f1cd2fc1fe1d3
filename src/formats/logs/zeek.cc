// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/zeek.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

constexpr auto kNumberTypes =
    std::to_array<std::string_view>({"count", "int", "port", "double", "interval", "time"});
constexpr auto kDirectives = std::to_array<std::string_view>(
    {"#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#fields", "#types"});

bool is_one_of(std::string_view text, std::span<const std::string_view> rows) {
  return std::find(rows.begin(), rows.end(), text) != rows.end();
}

// "\x09" and "\\"; other backslashes stay.
std::string_view unescape(std::string_view text, Arena& arena) {
  if (find_or_end(text, '\\') == text.size()) return text;
  char* const start = arena.allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '\\') {
      *out++ = '\\';
      ++i;
    } else if (next == 'x' && i + 3 < text.size() && decode_hex(text.substr(i + 2, 2), out)) {
      ++out;
      i += 3;
    } else {
      *out++ = text[i];
    }
  }
  return {start, static_cast<std::size_t>(out - start)};
}

// The word of a header line, which ends with a blank ("#separator \x09") or the separator.
std::string_view directive_of(std::string_view line, char separator) {
  const std::size_t end = std::min(find_or_end(line, separator), find_or_end(line, ' '));
  return line.substr(0, end);
}

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void ZeekDecoder::start(const event::Batch& batch) {
  bytes_ = batch.buffer.view();
  at_ = 0;
  record_ = 0;
  problems_.clear();
  columns_.clear();
  separator_ = '\t';
  set_separator_ = ",";
  empty_ = "(empty)";
  unset_ = "-";
  path_ = {};
  path_node_ = tree_.child(event::FieldTree::kRoot, "_path");
  time_node_ = tree_.child(event::FieldTree::kRoot, "EventTime");
  if (batch.preamble == nullptr) return;
  for (std::string_view rest = *batch.preamble; !rest.empty();) {
    read_header(without_cr(take_until(rest, '\n')));
  }
}

void ZeekDecoder::read_header(std::string_view line) {
  const std::string_view directive = directive_of(line, separator_);
  const std::string_view value = line.substr(std::min(directive.size() + 1, line.size()));
  if (directive == "#separator") {
    // A new header: what it leaves out has its default.
    set_separator_ = ",";
    empty_ = "(empty)";
    unset_ = "-";
    path_ = {};
    char byte = '\t';
    if (value.size() == 4 && value.starts_with("\\x")) {
      decode_hex(value.substr(2), &byte);
    } else if (!value.empty()) {
      byte = value[0];
    }
    separator_ = byte;
  } else if (directive == "#set_separator") {
    set_separator_ = value;
  } else if (directive == "#empty_field") {
    empty_ = value;
  } else if (directive == "#unset_field") {
    unset_ = value;
  } else if (directive == "#path") {
    path_ = value;
  } else if (directive == "#fields") {
    set_columns(value);
  } else if (directive == "#types") {
    set_types(value);
  }
}

void ZeekDecoder::set_columns(std::string_view names) {
  columns_.clear();
  while (!names.empty() && columns_.size() < limits_.values_max) {
    Column column;
    column.name = take_until(names, separator_);
    column.node = tree_.child(event::FieldTree::kRoot, column.name);
    column.is_time = column.name == "ts";
    columns_.push_back(column);
  }
}

void ZeekDecoder::set_types(std::string_view types) {
  for (Column& column : columns_) {
    const std::string_view type = take_until(types, separator_);
    column.is_container = type.starts_with("set[") || type.starts_with("vector[");
    const std::size_t open = find_or_end(type, '[');
    const std::string_view element = column.is_container && type.ends_with(']')
                                         ? type.substr(open + 1, type.size() - open - 2)
                                         : type;
    column.is_number = is_one_of(element, kNumberTypes);
    column.is_time = column.is_time && type == "time";
  }
}

std::string_view ZeekDecoder::take_line() {
  const std::size_t end = find_or_end(bytes_, '\n', at_);
  const std::string_view line = bytes_.substr(at_, end - at_);
  at_ = end + 1;
  return without_cr(line);
}

bool ZeekDecoder::next(event::Event& event) {
  while (at_ < bytes_.size()) {
    const std::size_t start = at_;
    const std::string_view line = take_line();
    if (line.starts_with('#')) {
      read_header(line);
      continue;
    }
    if (line.empty()) continue;
    event.clear();
    event.raw = line;
    event.raw_text = event::RawText::kLine;
    event.offset = start;
    event.record = record_++;
    const Result<void> decoded = decode(line, {event, nullptr});
    if (decoded) return true;
    problems_.push_back({start, event.record, decoded.error().message});
  }
  return false;
}

void ZeekDecoder::everything(event::Event& event, std::vector<event::NamedValue>& out) {
  // The header is still that of the event: next() reads a new one only on its way to a later event.
  static_cast<void>(decode(event.raw, {event, &out}));
}

Result<void> ZeekDecoder::decode(std::string_view line, Target target) const {
  std::size_t values = 0;
  if (line.size() > limits_.record_bytes_max) {
    return failure(ErrorCode::kLimit, "the line is longer than the limit for one record");
  }
  if (columns_.empty()) {
    return failure(ErrorCode::kInvalid,
                   "expected Zeek's header lines (#fields …) before any record");
  }
  const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), separator_)) + 1;
  if (count != columns_.size()) {
    return failure(count < columns_.size() ? ErrorCode::kTruncated : ErrorCode::kInvalid,
                   "the line has another number of columns than its #fields line names");
  }
  if (!path_.empty()) write("_path", path_node_, event::plain(path_), target);
  std::string_view rest = line;
  for (const Column& column : columns_) {
    const std::string_view text = take_until(rest, separator_);
    const bool wanted = column.node != event::FieldTree::kNone || target.everything != nullptr;
    if (text == unset_) continue;
    if (wanted) values += write_column(column, text, target, limits_.values_max - values);
    if (values >= limits_.values_max) {
      return failure(ErrorCode::kLimit, "the line holds more values than one event may");
    }
    if (column.is_time)
      write("EventTime", time_node_, event::plain(text, kind_of_number(text)), target);
  }
  return {};
}

std::size_t ZeekDecoder::write_column(const Column& column, std::string_view text, Target target,
                                      std::size_t count_max) const {
  const auto write_one = [&](std::string_view part) {
    const std::string_view plain =
        part == empty_ ? std::string_view("") : unescape(part, target.event.arena());
    const event::Kind kind = column.is_number ? kind_of_number(plain) : event::Kind::kString;
    write(column.name, column.node, event::plain(plain, kind), target);
  };
  if (!column.is_container || set_separator_.size() != 1) {
    write_one(text);
    return 1;
  }
  std::size_t count = 0;
  for (std::size_t start = 0; start <= text.size() && count < count_max; ++count) {
    const std::size_t end = find_or_end(text, set_separator_[0], start);
    const std::string_view element = text.substr(start, end - start);
    if (element != unset_) write_one(element);
    start = end + 1;
  }
  return count;
}

void ZeekDecoder::write(std::string_view name, event::FieldTree::Node node,
                        const event::Value& value, Target target) const {
  if (target.everything != nullptr) {
    target.everything->push_back({name, value});
    return;  // the slots are filled already
  }
  if (node == event::FieldTree::kNone) return;
  for (const event::FieldTree::Target& wanted : tree_.targets(node)) {
    event::Value ranked = value;
    ranked.rank = wanted.rank;
    target.event.append(wanted.slot, ranked);
  }
}

std::string zeek_preamble(std::string_view bytes) {
  // '#' is rare in records, so the search for header lines goes from one to the one before.
  std::size_t limit = bytes.size();
  while (limit > 0) {
    const auto* mark = static_cast<const char*>(memrchr(bytes.data(), '#', limit));
    if (mark == nullptr) return {};
    std::size_t start = static_cast<std::size_t>(mark - bytes.data());
    limit = start;
    if (start != 0 && bytes[start - 1] != '\n') continue;
    const std::size_t end = std::min(find_or_end(bytes, '\n', start) + 1, bytes.size());
    bool is_header = false;
    // Back over the header lines before it, to #separator, which is the first of them.
    for (bool more = true; more;) {
      const std::string_view directive = directive_of(bytes.substr(start, end - start), '\t');
      is_header = is_header || is_one_of(directive, kDirectives);
      limit = start;
      const std::size_t before = start < 2 ? 0 : bytes.rfind('\n', start - 2) + 1;
      more = directive != "#separator" && start != 0 && bytes[before] == '#';
      if (more) start = before;
    }
    if (is_header) return std::string(bytes.substr(start, end - start));
  }
  return {};
}

}  // namespace vedette::formats::logs
