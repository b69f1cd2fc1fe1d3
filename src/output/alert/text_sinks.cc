// SPDX-License-Identifier: Apache-2.0
#include "output/alert/text_sinks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "output/alert/alert_json.h"
#include "output/csv.h"

namespace vedette::output {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

void append_plain(std::string_view text, std::string& out) {
  const std::size_t start = out.size();
  out += text;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_control, '?');
}

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

class TsvSink : public event::Sink {
 public:
  explicit TsvSink(const SinkOptions& options) : writer_(options.writer) {}

  Result<void> write(const event::Alert& alert) override {
    std::string& out = writer_.buffer();
    append_plain(alert.input, out);
    out += '\t';
    append_number(alert.record, out);
    out += '\t';
    append_plain(alert.rule->id, out);
    out += '\n';
    return writer_.settle();
  }
  Result<void> finish(const event::Summary& /*summary*/) override { return writer_.finish(); }
  bool wants_details() const override { return false; }

 private:
  Writer& writer_;  // the caller's, see SinkOptions
};

template <typename Range, typename Append>
void append_list(const Range& range, std::string_view separator, std::string& out, Append append) {
  bool first = true;
  for (const auto& entry : range) {
    if (!first) out += separator;
    first = false;
    append(entry);
  }
}

class CsvSink : public event::Sink {
 public:
  explicit CsvSink(const SinkOptions& options) : writer_(options.writer) {
    std::string& out = writer_.buffer();
    out += "time,level,rule_id,rule_title,tags,input,record";
    for (const std::string_view name : event::kRoleNames) (out += ',') += name;
    out += ",matched,group,value,event_count,first_time\r\n";
  }

  Result<void> write(const event::Alert& alert) override {
    std::string& out = writer_.buffer();
    if (alert.has_time) out += format_time(alert.time);
    (out += ',') += event::to_string(alert.rule->level);
    cell(alert.rule->id);
    cell(alert.rule->title);
    scratch_.clear();
    append_list(alert.rule->tags, " ", scratch_, [&](const auto& tag) { scratch_ += tag; });
    cell(scratch_);
    cell(alert.input);
    append_number(alert.record, out += ',');
    for (const std::string_view role : alert.roles) cell(role);
    scratch_.clear();
    append_list(alert.matched, "; ", scratch_, [&](const event::MatchedField& leaf) {
      ((scratch_ += leaf.field.empty() ? leaf.selection : leaf.field) += '=') += leaf.value;
    });
    cell(scratch_);
    write_folded(alert);
    out += "\r\n";
    return writer_.settle();
  }
  Result<void> finish(const event::Summary& /*summary*/) override { return writer_.finish(); }

 private:
  void cell(std::string_view text) { append_csv_cell(text, writer_.buffer() += ','); }

  void write_folded(const event::Alert& alert) {
    scratch_.clear();
    append_list(alert.group, "; ", scratch_, [&](const event::AlertField& field) {
      ((scratch_ += field.name) += '=') += field.value;
    });
    cell(scratch_);
    std::string& out = writer_.buffer();
    out += ',';
    if (alert.rule->correlation) out += fmt::format("{}", alert.value);
    append_number(alert.event_count, out += ',');
    out += ',';
    if (is_folded(alert) && alert.has_time) out += format_time(alert.first_time);
  }

  Writer& writer_;  // the caller's, see SinkOptions
  std::string scratch_;
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_tsv_sink(const SinkOptions& options) {
  return std::make_unique<TsvSink>(options);
}

Result<std::unique_ptr<event::Sink>> make_csv_sink(const SinkOptions& options) {
  return std::make_unique<CsvSink>(options);
}

}  // namespace vedette::output
