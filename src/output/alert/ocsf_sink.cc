// SPDX-License-Identifier: Apache-2.0
#include "output/alert/ocsf_sink.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

#include "output/alert/alert_json.h"
#include "output/attack.h"
#include "output/ocsf_text.h"

namespace vedette::output {
namespace {

using event::Alert;
using event::Role;

constexpr std::string_view kAttackVersion = "19";
constexpr std::string_view kAtlasVersion = "5.6.0";

// Process ids are decimal in most logs and hexadecimal ("0x1f4") in Windows' Security log.
std::optional<std::int64_t> process_id(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, base);
  if (error != std::errc() || end != text.data() + text.size() || id > 0x7FFFFFFF) {
    return std::nullopt;
  }
  return id;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_ip_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  const std::string address(text.substr(0, INET6_ADDRSTRLEN));
  std::array<unsigned char, 16> bytes;
  return inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

struct ProcessRoles {
  Role path;
  Role id;
  Role guid;
  Role command_line;
};
constexpr ProcessRoles kOwn{Role::kProcess, Role::kProcessId, Role::kProcessGuid,
                            Role::kCommandLine};
constexpr ProcessRoles kParent{Role::kParent, Role::kParentId, Role::kParentGuid,
                               Role::kParentCommandLine};

// The schema wants a pid or uid of every process.
bool has_process(const Alert& alert, const ProcessRoles& roles) {
  return process_id(alert.role(roles.id)).has_value() || !alert.role(roles.guid).empty();
}

// The members of a process object, without its braces.
void append_process_members(const Alert& alert, const ProcessRoles& roles, JsonWriter& json) {
  if (const auto id = process_id(alert.role(roles.id)); id.has_value()) json.key("pid").number(*id);
  if (!alert.role(roles.guid).empty()) json.key("uid").string(alert.role(roles.guid));
  if (!alert.role(roles.command_line).empty()) {
    json.key("cmd_line").string(alert.role(roles.command_line));
  }
  const std::string_view path = alert.role(roles.path);
  const std::string_view name = base_name(path);
  if (name.empty()) return;
  json.key("name").string(name);
  json.key("file").begin_object().key("name").string(name);
  if (name.size() != path.size()) json.key("path").string(path);
  json.key("type_id").number(1).key("type").string("Regular File").end_object();
}

void append_actor(const Alert& alert, JsonWriter& json) {
  const std::string_view user = alert.role(Role::kUser);
  if (user.empty() && !has_process(alert, kOwn)) return;
  json.key("actor").begin_object();
  if (has_process(alert, kOwn)) {
    json.key("process").begin_object();
    append_process_members(alert, kOwn, json);
    if (has_process(alert, kParent)) {
      json.key("parent_process").begin_object();
      append_process_members(alert, kParent, json);
      json.end_object();
    }
    json.end_object();
  }
  if (!user.empty()) {
    const std::size_t slash = user.find('\\');
    json.key("user").begin_object();
    if (slash != std::string_view::npos && slash + 1 < user.size()) {
      json.key("domain").string(user.substr(0, slash)).key("name").string(user.substr(slash + 1));
    } else {
      json.key("name").string(user);
    }
    json.end_object();
  }
  json.end_object();
}

// Why the rule matched, and the roles that the schema has no sure place for.
void append_evidences(const Alert& alert, JsonWriter& json) {
  json.key("evidences").begin_array().begin_object();
  append_actor(alert, json);
  if (!alert.role(Role::kContainer).empty()) {
    json.key("container").begin_object().key("name").string(alert.role(Role::kContainer));
    json.end_object();
  }
  json.key("data").begin_object().key("matched").begin_array();
  for (const event::MatchedField& leaf : alert.matched) {
    json.begin_object().key("selection").string(leaf.selection).key("field").string(leaf.field);
    json.key("value").string(leaf.value).key("test").string(leaf.test).end_object();
  }
  json.end_array();
  for (const Role role : {Role::kTarget, Role::kAddress, Role::kAction, Role::kPod}) {
    if (alert.role(role).empty()) continue;
    json.key(event::kRoleNames[static_cast<std::size_t>(role)]).string(alert.role(role));
  }
  if (!has_process(alert, kOwn)) {
    for (const Role role : {Role::kProcess, Role::kCommandLine}) {
      if (alert.role(role).empty()) continue;
      json.key(event::kRoleNames[static_cast<std::size_t>(role)]).string(alert.role(role));
    }
  }
  json.end_object().end_object().end_array();
}

void append_observable(int type_id, std::string_view type, std::string_view name,
                       std::string_view value, JsonWriter& json) {
  if (value.empty()) return;
  json.begin_object().key("name").string(name).key("type_id").number(type_id);
  json.key("type").string(type).key("value").string(value).end_object();
}

void append_observables(const Alert& alert, JsonWriter& json) {
  json.key("observables").begin_array();
  append_observable(1, "Hostname", "device.hostname", alert.role(Role::kHost), json);
  append_observable(27, "Container", "evidences[0].container", alert.role(Role::kContainer), json);
  const std::string_view user = alert.role(Role::kUser);
  const std::size_t slash = user.find('\\');
  append_observable(
      4, "User Name", "evidences[0].actor.user.name",
      slash != std::string_view::npos && slash + 1 < user.size() ? user.substr(slash + 1) : user,
      json);
  if (has_process(alert, kOwn)) {
    append_observable(9, "Process Name", "evidences[0].actor.process.name",
                      base_name(alert.role(Role::kProcess)), json);
    append_observable(13, "Command Line", "evidences[0].actor.process.cmd_line",
                      alert.role(Role::kCommandLine), json);
  }
  if (is_ip_address(alert.role(Role::kAddress))) {
    append_observable(2, "IP Address", "evidences[0].data.address", alert.role(Role::kAddress),
                      json);
  }
  json.end_array();
}

class OcsfSink : public event::Sink {
 public:
  explicit OcsfSink(const SinkOptions& options)
      : writer_(options.writer),
        version_(options.version),
        now_(options.now),
        fields_(options.include_event ? EventFields::kInclude : EventFields::kLeaveOut),
        techniques_(Techniques::of_content(options.content)) {}

  Result<void> write(const Alert& alert) override {
    JsonWriter json(writer_.buffer());
    const OcsfSeverity& severity = kOcsfSeverities[static_cast<std::size_t>(alert.rule->level)];
    const TimeNs made = now_ != 0 ? now_ : alert.time;
    json.begin_object().key("activity_id").number(1).key("activity_name").string("Create");
    json.key("category_uid").number(2).key("category_name").string("Findings");
    json.key("class_uid").number(2004).key("class_name").string("Detection Finding");
    json.key("type_uid").number(200401).key("type_name").string("Detection Finding: Create");
    json.key("severity_id").number(severity.id).key("severity").string(severity.caption);
    json.key("status_id").number(1).key("status").string("New").key("is_alert").boolean(true);
    if (is_blocked(alert)) {
      json.key("action_id").number(2).key("action").string("Denied");
      json.key("disposition_id").number(2).key("disposition").string("Blocked");
    }
    json.key("time").number(ocsf_time(made));
    append_times(alert, json);
    json.key("message").string(alert.rule->title);
    append_metadata(alert, json);
    append_finding_info(alert, ocsf_time(made), json);
    if (!alert.role(Role::kHost).empty()) {
      json.key("device").begin_object().key("hostname").string(alert.role(Role::kHost));
      json.key("type_id").number(0).key("type").string("Unknown").end_object();
    }
    append_evidences(alert, json);
    append_observables(alert, json);
    append_unmapped(alert, json);
    json.end_object();
    writer_.buffer() += '\n';
    return writer_.settle();
  }

  Result<void> finish(const event::Summary& /*summary*/) override { return writer_.finish(); }
  bool wants_event() const override { return fields_ == EventFields::kInclude; }

 private:
  static void append_times(const Alert& alert, JsonWriter& json) {
    if (is_folded(alert)) json.key("count").number(alert.event_count);
    if (!alert.has_time) return;
    const std::int64_t first = ocsf_time(is_folded(alert) ? alert.first_time : alert.time);
    json.key("start_time").number(first).key("end_time").number(ocsf_time(alert.time));
    if (is_folded(alert)) json.key("duration").number(ocsf_time(alert.time) - first);
  }

  void append_metadata(const Alert& alert, JsonWriter& json) const {
    json.key("metadata").begin_object().key("version").string(kOcsfVersion);
    json.key("product").begin_object().key("name").string("Vedette");
    json.key("vendor_name").string("Vedette");
    if (!version_.empty()) json.key("version").string(version_);
    json.end_object();
    if (is_blocked(alert))
      json.key("profiles").begin_array().string("security_control").end_array();
    if (alert.has_time) json.key("original_time").string(format_time(alert.time));
    json.key("log_source").string(alert.input).end_object();
  }

  void append_finding_info(const Alert& alert, std::int64_t made_ms, JsonWriter& json) {
    const event::RuleInfo& rule = *alert.rule;
    json.key("finding_info").begin_object();
    // The same rule at the same place is the same finding, however often the log is read.
    json.key("uid").string(fmt::format("{}:{}:{}", rule.id, alert.input, alert.record));
    json.key("title").string(rule.title);
    if (!rule.description.empty()) json.key("desc").string(rule.description);
    json.key("types").begin_array().string(rule.correlation ? "Correlation" : "Rule Match");
    json.end_array().key("created_time").number(made_ms);
    if (alert.has_time) {
      json.key("first_seen_time")
          .number(ocsf_time(is_folded(alert) ? alert.first_time : alert.time));
      json.key("last_seen_time").number(ocsf_time(alert.time));
    }
    if (is_folded(alert)) json.key("related_events_count").number(alert.event_count);
    json.key("data_sources").begin_array().string(alert.input).end_array();
    json.key("analytic").begin_object().key("type_id").number(1).key("type").string("Rule");
    json.key("uid").string(rule.id).key("name").string(rule.title);
    if (!rule.logsource.empty()) json.key("category").string(rule.logsource);
    json.end_object();
    if (const std::string& attacks = attacks_of(rule); attacks != "[]") {
      json.key("attacks").raw(attacks);
    }
    json.end_object();
  }

  void append_entity(std::string_view key, const std::string& id, JsonWriter& json) const {
    json.key(key).begin_object().key("uid").string(id);
    if (const Technique* known = techniques_.find(id); known != nullptr) {
      json.key("name").string(known->name);
    }
    json.end_object();
  }

  // The rule's place in the matrix, written once per rule.
  const std::string& attacks_of(const event::RuleInfo& rule) {
    const auto [entry, added] = attacks_.try_emplace(&rule);
    if (!added) return entry->second;
    JsonWriter json(entry->second);
    json.begin_array();
    for (const Placement& placement : place(parse_attack_tags(rule.tags), techniques_)) {
      const bool atlas = placement.technique.starts_with("AML.");
      json.begin_object();
      if (placement.tactic != nullptr) {
        const Tactic& tactic = *placement.tactic;
        const bool atlas_tactic = atlas && !tactic.atlas_id.empty();
        json.key("tactic").begin_object();
        json.key("uid").string(atlas_tactic ? tactic.atlas_id : tactic.id);
        json.key("name").string(tactic.name).end_object();
      }
      if (!placement.technique.empty()) {
        const std::size_t dot = placement.technique.find('.', atlas ? 4 : 0);
        append_entity("technique", placement.technique.substr(0, dot), json);
        if (dot != std::string::npos) append_entity("sub_technique", placement.technique, json);
      }
      json.key("version").string(atlas ? kAtlasVersion : kAttackVersion).end_object();
    }
    json.end_array();
    return entry->second;
  }

  void append_unmapped(const Alert& alert, JsonWriter& json) const {
    json.key("unmapped").begin_object();
    json.key("input").string(alert.input).key("record").number(alert.record);
    json.key("rule_tags").begin_array();
    for (const std::string& tag : alert.rule->tags) json.string(tag);
    json.end_array();
    if (alert.rule->correlation) {
      json.key("group");
      append_fields(alert.group, json);
      json.key("value").number(alert.value).key("rules").begin_array();
      for (const std::string_view title : alert.rules) json.string(title);
      json.end_array();
    }
    if (fields_ == EventFields::kInclude && !alert.event.empty()) {
      json.key("event");
      append_fields(alert.event, json);
    }
    json.end_object();
  }

  Writer& writer_;  // the caller's, see SinkOptions
  std::string version_;
  TimeNs now_;
  EventFields fields_;
  Techniques techniques_;
  std::unordered_map<const event::RuleInfo*, std::string> attacks_;
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_ocsf_sink(const SinkOptions& options) {
  return std::make_unique<OcsfSink>(options);
}

}  // namespace vedette::output
