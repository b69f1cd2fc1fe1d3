// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"
#include "policy/clause.h"
#include "policy/gate_policy.h"

namespace vedette::policy {
namespace {

class Schema {
 public:
  std::string write() {
    json_.begin_object().key("$schema").string("https://json-schema.org/draft/2020-12/schema");
    json_.key("title").string("vedette.yaml").key("type").string("object");
    json_.key("additionalProperties").boolean(false);
    json_.key("required").begin_array().string("version").end_array();
    json_.key("properties").begin_object();
    json_.key("version").begin_object().key("const").number(1).end_object();
    reference("gate", "gate");
    json_.end_object().key("$defs").begin_object();
    definitions();
    json_.end_object().end_object();
    out_ += '\n';
    return std::move(out_);
  }

 private:
  void reference(std::string_view key, std::string_view definition) {
    json_.key(key).begin_object().key("$ref").string("#/$defs/" + std::string(definition));
    json_.end_object();
  }
  void type(std::string_view key, std::string_view name) {
    json_.key(key).begin_object().key("type").string(name).end_object();
  }
  void pattern(std::string_view key, std::string_view text) {
    json_.key(key).begin_object().key("type").begin_array().string("string").string("integer");
    json_.end_array().key("pattern").string(text).end_object();
  }
  void list_of(std::string_view key, std::string_view definition) {
    json_.key(key).begin_object().key("type").string("array").key("items").begin_object();
    json_.key("$ref").string("#/$defs/" + std::string(definition)).end_object().end_object();
  }
  // A value, or a list of such.
  template <typename Write>
  void one_or_many(std::string_view key, Write write) {
    json_.key(key).begin_object().key("oneOf").begin_array().begin_object();
    write();
    json_.end_object().begin_object().key("type").string("array").key("minItems").number(1);
    json_.key("items").begin_object();
    write();
    json_.end_object().end_object().end_array().end_object();
  }
  void begin(std::string_view key, std::initializer_list<std::string_view> required) {
    json_.key(key).begin_object().key("type").string("object");
    json_.key("additionalProperties").boolean(false).key("required").begin_array();
    for (const std::string_view one : required) json_.string(one);
    json_.end_array().key("properties").begin_object();
  }
  void end() { json_.end_object().end_object(); }
  template <typename Names>
  void choice(std::string_view key, const Names& names) {
    json_.key(key).begin_object().key("enum").begin_array();
    for (const std::string_view one : names) json_.string(one);
    json_.end_array().end_object();
  }

  void definitions() {
    choice("verdict", event::kVerdictNames);
    clause();
    begin("tier", {"name", "verdict", "when"});
    type("name", "string");
    reference("verdict", "verdict");
    reference("when", "clause");
    one_or_many("unless", [this] { json_.key("$ref").string("#/$defs/clause"); });
    end();
    begin("rollout", {"name", "when", "mode"});
    type("name", "string");
    reference("when", "clause");
    choice("mode", std::initializer_list<std::string_view>{"observe", "warn", "block"});
    type("warn_from", "string");
    type("block_from", "string");
    end();
    begin("grace", {"name", "days"});
    type("name", "string");
    pattern("days", "^[0-9]+ *[dw]?$");
    reference("when", "clause");
    reference("at_most", "verdict");
    end();
    begin("budget", {"name", "allowed"});
    type("name", "string");
    type("allowed", "integer");
    reference("when", "clause");
    reference("verdict", "verdict");
    end();
    begin("approvers", {"who"});
    reference("when", "clause");
    one_or_many("who", [this] { json_.key("type").string("string"); });
    type("signed", "boolean");
    end();
    begin("waivers", {});
    type("file", "string");
    pattern("days_max", "^[0-9]+ *[dw]?$");
    type("ticket", "boolean");
    type("signers", "string");
    list_of("approvers", "approvers");
    end();
    begin("gate", {});
    list_of("tiers", "tier");
    reference("otherwise", "verdict");
    list_of("rollout", "rollout");
    list_of("grace", "grace");
    list_of("budgets", "budget");
    reference("known_at_most", "verdict");
    reference("waivers", "waivers");
    end();
  }

  void clause() {
    begin("clause", {});
    for (const Key& key : keys()) {
      one_or_many(key.name, [&] {
        json_.key("description").string(key.help);
        if (key.type == KeyType::kAnswer) {
          json_.key("enum").begin_array().boolean(true).boolean(false).string("unknown");
          json_.end_array();
        } else {
          json_.key("type").string("string");
          if (key.type == KeyType::kNumber)
            json_.key("pattern").string("^(unknown|(>=|<=|>|<|=) *[0-9.]+ *%?)$");
          if (key.type == KeyType::kDays)
            json_.key("pattern").string("^(unknown|(>=|<=|>|<|=) *[0-9.]+ *[dw]?)$");
          if (key.type == KeyType::kLevel)
            json_.key("pattern").string(
                "^(>=|<=|>|<|=)? *(critical|high|medium|low|informational)$");
          if (key.type == KeyType::kConfidence)
            json_.key("pattern").string("^(>=|<=|>|<|=)? *(high|medium|low)$");
        }
      });
    }
    end();
  }

  std::string out_;
  JsonWriter json_{out_};
};

}  // namespace

std::string policy_schema() { return Schema().write(); }

}  // namespace vedette::policy
