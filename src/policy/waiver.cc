// SPDX-License-Identifier: Apache-2.0
#include "policy/waiver.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/json_writer.h"
#include "policy/clause_reader.h"

namespace vedette::policy {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

constexpr std::size_t kIdentityDigits = 32;
constexpr std::array<std::string_view, 3> kKinds = {"accepted", "false-positive", "mitigated"};
constexpr std::array<std::string_view, 4> kScopeKeys = {"rule", "package", "path", "image"};
constexpr std::string_view kHead =
    "# Accepted exceptions, one a line; docs/waivers.md of Vedette. Merges by union.\n";

bool is_identity(std::string_view text) {
  return text.size() == kIdentityDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// A date where it is midnight, else the whole time.
std::string date_text(TimeNs time) {
  std::string text = format_time(time);
  constexpr std::string_view kMidnight = "T00:00:00Z";
  return text.ends_with(kMidnight) ? text.substr(0, text.size() - kMidnight.size()) : text;
}

// JSON's strings are YAML's double-quoted ones.
std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

struct Field {
  std::string_view key;
  std::string value;
};

std::string patterns_text(const Condition& condition) {
  if (condition.patterns.size() == 1) return in_quotes(condition.patterns[0]);
  std::string out = "[";
  for (const std::string& pattern : condition.patterns)
    (out += out.size() == 1 ? "" : ", ") += in_quotes(pattern);
  return out + "]";
}

std::vector<Field> subject_fields(const Waiver& waiver) {
  std::vector<Field> out;
  if (!waiver.finding.empty()) out.push_back({"finding", in_quotes(waiver.finding)});
  for (const std::string_view key : kScopeKeys) {
    for (const Condition& condition : waiver.scope.conditions) {
      if (keys()[condition.key].name == key) out.push_back({key, patterns_text(condition)});
    }
  }
  return out;
}

std::vector<Field> fields_of(const Waiver& waiver) {
  std::vector<Field> out = subject_fields(waiver);
  const auto add = [&out](std::string_view key, const std::string& value) {
    if (!value.empty()) out.push_back({key, in_quotes(value)});
  };
  add("reason", waiver.reason);
  if (waiver.kind != kKinds[0]) out.push_back({"kind", waiver.kind});
  add("ticket", waiver.ticket);
  add("approver", waiver.approver);
  out.push_back({"created", date_text(waiver.created)});
  out.push_back({"expires", date_text(waiver.expires)});
  if (waiver.revoked) out.push_back({"revoked", date_text(*waiver.revoked)});
  return out;
}

class Reader {
 public:
  explicit Reader(const std::string& name) : yaml_(name) {}

  WaiverFile read(std::string_view text) {
    WaiverFile file;
    const Node* const root = yaml_.parse(text);
    const bool is_nothing =
        root != nullptr && root->kind == NodeKind::kScalar && root->text.empty();
    if (root != nullptr && !is_nothing) {
      if (root->kind != NodeKind::kSequence || root->elements.size() > YamlReader::kElementsMax) {
        yaml_.wrong(*root, "a list of waivers (- {finding: …, reason: …, approver: …})");
      } else {
        for (const Node* element : root->elements) read_entry(*element, file);
      }
    }
    file.problems = yaml_.take_problems();
    return file;
  }

 private:
  struct KeyRow {
    std::string_view name;
    void (Reader::*read)(const Node& value, Waiver& waiver);
    bool required = false;
  };
  static std::span<const KeyRow> rows();

  void read_entry(const Node& node, WaiverFile& file) {
    const std::size_t before = yaml_.error_count();
    std::vector<std::string> known;
    for (const KeyRow& row : rows()) known.emplace_back(row.name);
    Waiver waiver;
    waiver.place = yaml_.place(node);
    if (!yaml_.check_keys(node, "a waiver", known)) return;
    for (const KeyRow& row : rows()) {
      const Node* const value = node.find(row.name);
      if (value != nullptr) {
        (this->*row.read)(*value, waiver);
      } else if (row.required) {
        yaml_.problem(node, fmt::format("expected \"{}\" in a waiver, found none", row.name));
      }
    }
    if (yaml_.error_count() != before) return;
    if (waiver.finding.empty() && waiver.scope.conditions.empty()) {
      yaml_.problem(node, "expected what the waiver is about, found nothing",
                    "name a finding, or two of rule, package, path and image");
    } else if (!waiver.finding.empty() && !waiver.scope.conditions.empty()) {
      yaml_.problem(node, "expected a finding or a scope, found both", "remove one of them");
    } else if (waiver.expires < waiver.created) {
      yaml_.problem(node, "expected \"expires\" after \"created\", found it before");
    }
    if (yaml_.error_count() == before) file.waivers.push_back(std::move(waiver));
  }

  void read_finding(const Node& value, Waiver& waiver) {
    if (is_identity(value.text)) {
      waiver.finding = value.text;
    } else {
      yaml_.wrong(value, "the identity of a finding, 32 digits");
    }
  }
  void read_condition(std::string_view key, const Node& value, Waiver& waiver) {
    Node name;
    name.text = key;
    if (auto condition = yaml_.condition(name, value))
      waiver.scope.conditions.push_back(std::move(*condition));
  }
  void read_rule(const Node& value, Waiver& waiver) { read_condition("rule", value, waiver); }
  void read_package(const Node& value, Waiver& waiver) { read_condition("package", value, waiver); }
  void read_path(const Node& value, Waiver& waiver) { read_condition("path", value, waiver); }
  void read_image(const Node& value, Waiver& waiver) { read_condition("image", value, waiver); }
  void read_reason(const Node& value, Waiver& waiver) {
    waiver.reason = yaml_.text(value, "a reason");
  }
  void read_ticket(const Node& value, Waiver& waiver) {
    waiver.ticket = yaml_.text(value, "a ticket");
  }
  void read_approver(const Node& value, Waiver& waiver) {
    waiver.approver = yaml_.text(value, "who approves");
  }
  void read_kind(const Node& value, Waiver& waiver) {
    waiver.kind = value.text;
    if (!is_waiver_kind(value.text)) yaml_.wrong(value, "accepted, false-positive or mitigated");
  }
  void read_created(const Node& value, Waiver& waiver) {
    waiver.created = yaml_.date(value).value_or(0);
  }
  void read_expires(const Node& value, Waiver& waiver) {
    waiver.expires = yaml_.date(value).value_or(0);
  }
  void read_revoked(const Node& value, Waiver& waiver) { waiver.revoked = yaml_.date(value); }
  void read_signature(const Node& value, Waiver& waiver) {
    waiver.signature = yaml_.text(value, "a signature");
  }

  YamlReader yaml_;
};

std::span<const Reader::KeyRow> Reader::rows() {
  static constexpr auto kRows = std::to_array<KeyRow>({
      {"finding", &Reader::read_finding},
      {"rule", &Reader::read_rule},
      {"package", &Reader::read_package},
      {"path", &Reader::read_path},
      {"image", &Reader::read_image},
      {"reason", &Reader::read_reason, true},
      {"kind", &Reader::read_kind},
      {"ticket", &Reader::read_ticket},
      {"approver", &Reader::read_approver, true},
      {"created", &Reader::read_created, true},
      {"expires", &Reader::read_expires, true},
      {"revoked", &Reader::read_revoked},
      {"signature", &Reader::read_signature},
  });
  return kRows;
}

bool is_marker(std::string_view line) {
  for (const std::string_view marker : {"<<<<<<<", "|||||||", "=======", ">>>>>>>"}) {
    if (line.starts_with(marker) && (line.size() == marker.size() || line[marker.size()] == ' '))
      return true;
  }
  return false;
}

template <typename Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

bool is_waiver_kind(std::string_view kind) {
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

std::string Waiver::subject() const {
  std::string out;
  for (const Field& field : subject_fields(*this))
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", field.key, field.value);
  return out;
}

std::string Waiver::line() const {
  std::string out = "- {";
  for (const Field& field : fields_of(*this))
    out += fmt::format("{}{}: {}", out.ends_with('{') ? "" : ", ", field.key, field.value);
  if (!signature.empty()) out += ", signature: " + in_quotes(signature);
  return out + "}";
}

std::string Waiver::signed_text() const {
  std::string out = "vedette-waiver-1\n";
  for (const Field& field : fields_of(*this))
    out += fmt::format("{}: {}\n", field.key, field.value);
  return out;
}

WaiverFile read_waivers(std::string_view text, const std::string& name) {
  // Marks become comments, so that places stay right.
  std::string merged;
  merged.reserve(text.size());
  each_line(text, [&merged](std::string_view line) {
    if (is_marker(line)) merged += '#';
    merged.append(line).append("\n");
  });
  return Reader(name).read(merged);
}

std::string with_waiver(std::string_view text, const Waiver& waiver) {
  const std::string added = waiver.line();
  std::string out = text.empty() ? std::string(kHead) : std::string();
  bool done = false;
  each_line(text, [&](std::string_view line) {
    if (!done && line.starts_with("- ") && line > added) {
      out.append(added).append("\n");
      done = true;
    }
    out.append(line).append("\n");
  });
  if (!done) out.append(added).append("\n");
  return out;
}

}  // namespace vedette::policy
