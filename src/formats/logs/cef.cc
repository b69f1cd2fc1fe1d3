// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/cef.h"

#include <algorithm>
#include <array>

#include "formats/logs/field_text.h"
#include "formats/logs/syslog_header.h"

namespace vedette::formats::logs {
namespace {

constexpr auto kHeaderNames = std::to_array<std::string_view>(
    {"DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Name", "Severity"});
constexpr std::size_t kLabelsMax = 64;

// Undoes "\|", "\\", "\=", "\n" and "\r"; a backslash before anything else stays.
std::string_view unescape(std::string_view text, Arena& arena) {
  if (find_or_end(text, '\\') == text.size()) return text;
  char* const start = arena.allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n' || next == 'r') {
      *out++ = next == 'n' ? '\n' : '\r';
      ++i;
    } else if (next == '\\' || next == '=' || next == '|') {
      *out++ = next;
      ++i;
    } else {
      *out++ = text[i];
    }
  }
  return {start, static_cast<std::size_t>(out - start)};
}

// The position of the next `wanted` without a backslash before it, or text.size().
std::size_t find_unescaped(std::string_view text, char wanted, std::size_t from) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == wanted) {
      return i;
    }
  }
  return text.size();
}

bool is_key_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("_-.[]").find(c) != std::string_view::npos;
}

// Walks "key=value key=value": a value ends before the last blanks in front of the next key.
class Extension {
 public:
  explicit Extension(std::string_view text) : text_(text) {
    equals_ = find_unescaped(text_, '=', 0);
    key_ = key_before(equals_, 0);
  }

  bool next(std::string_view& key, std::string_view& value) {
    while (equals_ < text_.size()) {
      key = text_.substr(key_, equals_ - key_);
      const std::size_t start = equals_ + 1;
      std::size_t end = text_.size();
      equals_ = find_unescaped(text_, '=', start);
      while (equals_ < text_.size()) {
        key_ = key_before(equals_, start);
        if (key_ > start && key_ < equals_ && text_[key_ - 1] == ' ') {
          end = key_;
          break;
        }
        // An '=' that no key stands before should have been escaped, but it is part of the value.
        equals_ = find_unescaped(text_, '=', equals_ + 1);
      }
      value = trim(text_.substr(start, end - start));
      if (!key.empty()) return true;
    }
    return false;
  }

 private:
  std::size_t key_before(std::size_t equals, std::size_t floor) const {
    std::size_t start = equals;
    while (start > floor && is_key_char(text_[start - 1])) --start;
    return start;
  }

  std::string_view text_;   // the caller's
  std::size_t equals_ = 0;  // behind the key that comes next
  std::size_t key_ = 0;
};

struct Label {
  std::string_view key;   // "cs1"
  std::string_view name;  // "Rule name"
};

void write_extension(std::string_view text, event::FieldWriter& writer) {
  std::array<Label, kLabelsMax> labels;
  std::size_t label_count = 0;
  std::string_view received;
  std::string_view ended;
  std::string_view started;
  std::string_view key;
  std::string_view value;
  for (Extension pairs(text); pairs.next(key, value);) {
    const std::string_view plain = unescape(value, writer.arena());
    writer.put(key, plain, kind_of_number(plain));
    if (key.ends_with("Label") && !plain.empty() && label_count < kLabelsMax) {
      labels[label_count++] = {key.substr(0, key.size() - 5), plain};
    }
    if (key == "rt") received = plain;
    if (key == "end") ended = plain;
    if (key == "start") started = plain;
  }
  const std::string_view time = !received.empty() ? received : !ended.empty() ? ended : started;
  const std::string_view readable = readable_time(time, writer.arena());
  if (!readable.empty()) writer.put("EventTime", readable);
  if (label_count == 0) return;
  const auto end = labels.begin() + static_cast<std::ptrdiff_t>(label_count);
  for (Extension pairs(text); pairs.next(key, value);) {
    const auto label =
        std::find_if(labels.begin(), end, [key](const Label& row) { return row.key == key; });
    if (label == end) continue;
    const std::string_view plain = unescape(value, writer.arena());
    writer.put(label->name, plain, kind_of_number(plain));
  }
}

}  // namespace

Result<void> parse_cef_message(std::string_view message, event::FieldWriter& writer) {
  constexpr std::string_view kMark = "CEF:";
  if (!message.starts_with(kMark)) {
    return failure(ErrorCode::kInvalid, "expected a CEF record, CEF:0|vendor|product|…");
  }
  std::array<std::string_view, kHeaderNames.size() + 1> fields;
  std::size_t end = kMark.size() - 1;
  for (std::string_view& field : fields) {
    if (end == message.size()) {
      return failure(ErrorCode::kTruncated,
                     "the CEF header ends before its seventh field; expected "
                     "CEF:version|vendor|product|version|id|name|severity|");
    }
    const std::size_t start = end + 1;
    end = find_unescaped(message, '|', start);
    field = message.substr(start, end - start);
  }
  writer.put("CefVersion", trim(fields[0]));
  for (std::size_t i = 0; i < kHeaderNames.size(); ++i) {
    const std::string_view text = unescape(fields[i + 1], writer.arena());
    writer.put(kHeaderNames[i], text);
    if (kHeaderNames[i] == "DeviceEventClassID") writer.put("SignatureID", text);
  }
  if (end < message.size()) write_extension(message.substr(end + 1), writer);
  return {};
}

Result<void> parse_cef(std::string_view line, event::FieldWriter& writer) {
  const std::size_t start = line.find("CEF:");
  if (start == std::string_view::npos) {
    return failure(ErrorCode::kInvalid, "expected a CEF record, CEF:0|vendor|product|…");
  }
  if (start != 0) {
    // Some senders put words of their own before the record; those cost nothing but themselves.
    if (const auto header = split_syslog(line)) write_syslog(*header, writer, 0);
  }
  return parse_cef_message(line.substr(start), writer);
}

}  // namespace vedette::formats::logs
