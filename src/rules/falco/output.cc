// SPDX-License-Identifier: Apache-2.0
#include "rules/falco/output.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "rules/falco/condition.h"
#include "rules/falco/fields.h"

namespace vedette::rules::falco {
namespace {

constexpr std::uint32_t kWidthMax = 4096;

event::Kind kind_of(FieldType type) {
  switch (type) {
    case FieldType::kNumber:
      return event::Kind::kNumber;
    case FieldType::kBoolean:
      return event::Kind::kBoolean;
    case FieldType::kAny:
      return event::Kind::kAbsent;
    default:
      return event::Kind::kString;
  }
}

class OutputParser {
 public:
  OutputParser(std::string_view text, const std::string& source, event::RuleInfo& info)
      : text_(text), source_(source), info_(info) {}

  Parsed<void> run() {
    if (text_.starts_with('*')) text_.remove_prefix(1);
    while (!text_.empty()) {
      const std::size_t percent = std::min(text_.find('%'), text_.size());
      part_.text += text_.substr(0, percent);
      text_.remove_prefix(percent);
      if (text_.empty()) break;
      text_.remove_prefix(1);
      if (text_.starts_with('%')) {
        part_.text += '%';
        text_.remove_prefix(1);
        continue;
      }
      TRY_VOID(field());
    }
    if (!part_.text.empty()) info_.output.push_back(std::move(part_));
    return {};
  }

 private:
  // Behind the percent sign.
  Parsed<void> field() {
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data(), end, part_.width);
    if (error == std::errc()) {
      text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()));
      part_.width = std::min(part_.width, kWidthMax);
    }
    if (text_.empty()) return refuse("the output ends behind a '%'", "output");
    if (starts_with_transformer(text_)) {
      return refuse("transformers are not supported in outputs", std::string(text_.substr(0, 32)));
    }
    auto leading = parse_leading_field(text_);
    if (!leading.has_value()) {
      return refuse(
          fmt::format("expected the name of a field behind '%', found '{}'", text_.substr(0, 32)),
          std::string(text_.substr(0, 32)), Problem::Cause::kUnknownField);
    }
    shorten(*leading);
    TRY(KnownField known, find_field(source_, leading->name, leading->argument));
    part_.field = index_of(std::move(known));
    info_.output.push_back(std::move(part_));
    part_ = {};
    text_.remove_prefix(leading->size);
    return {};
  }

  // A name is as long as a known field allows: a sentence may go on behind it with a dot.
  void shorten(LeadingField& field) const {
    std::string name = field.name;
    while (!is_field(source_, name)) {
      const std::size_t dot = name.rfind('.');
      if (dot == std::string::npos) return;
      name.resize(dot);
    }
    if (name.size() == field.name.size()) return;
    field.size = name.size();
    field.name = std::move(name);
    field.argument.reset();
  }

  std::uint32_t index_of(KnownField known) {
    std::vector<std::string>& fields = info_.output_fields;
    const auto found = std::ranges::find(fields, known.name);
    const auto index = static_cast<std::uint32_t>(found - fields.begin());
    if (found == fields.end()) {
      fields.push_back(std::move(known.name));
      info_.output_kinds.push_back(kind_of(known.type));
    }
    return index;
  }

  std::string_view text_;  // the caller's, like the two below
  const std::string& source_;
  event::RuleInfo& info_;
  event::OutputPart part_;
};

}  // namespace

Parsed<void> parse_output(std::string_view text, const std::string& source, event::RuleInfo& info) {
  info.output.clear();
  info.output_fields.clear();
  info.output_kinds.clear();
  return OutputParser(text, source, info).run();
}

}  // namespace vedette::rules::falco
