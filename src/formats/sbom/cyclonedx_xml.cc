// SPDX-License-Identifier: Apache-2.0
// CycloneDX in XML as the same in JSON: the two forms say the same with other names
// (bom-1.6.xsd, bom-1.6.schema.json), so that one reader knows what they mean.
#include <vector>

#include "base/json_writer.h"
#include "formats/sbom/readers.h"

namespace vedette::formats::sbom {
namespace {

using packages::Member;
using packages::Node;

constexpr std::string_view kSpace = "http://cyclonedx.org/schema/bom/";

class Writer {
 public:
  std::string write(const Node& bom) {
    json_.begin_object().key("bomFormat").string("CycloneDX");
    std::string_view version = bom["@xmlns"].text;
    if (version.starts_with(kSpace)) version.remove_prefix(kSpace.size());
    json_.key("specVersion").string(version);
    if (const Node& subject = bom["metadata"]["component"]; subject.is_table()) {
      json_.key("metadata").begin_object().key("component");
      component(subject);
      json_.end_object();
    }
    components(bom);
    dependencies(bom["dependencies"]);
    json_.end_object();
    return std::move(out_);
  }

 private:
  // Lines of the JSON become those of the XML, so that places are right.
  void move_to(std::uint32_t line) {
    for (; line_ < line; ++line_) out_ += '\n';
  }

  void text(std::string_view key, const Node& node) {
    if (!node.text.empty()) json_.key(key).string(node.text);
  }

  // Components inside of others count as others do, so that all become one list. No recursion.
  void components(const Node& bom) {
    json_.key("components").begin_array();
    // In the order of the document, or lines would go back.
    struct Open {
      const Node* list = nullptr;
      std::size_t next = 0;
    };
    std::vector<Open> open = {{&bom["components"], 0},
                              {&bom["metadata"]["component"]["components"], 0}};
    while (!open.empty()) {
      Open& last = open.back();
      if (last.next == last.list->members.size()) {
        open.pop_back();
        continue;
      }
      const Member& one = last.list->members[last.next++];
      if (one.key != "component") continue;
      component(one.value);
      open.push_back({&one.value["components"], 0});
    }
    json_.end_array();
  }

  void component(const Node& node) {
    move_to(node.line);
    json_.begin_object();
    text("type", node["@type"]);
    text("bom-ref", node["@bom-ref"]);
    for (const std::string_view key : {"group", "name", "version", "purl", "scope"})
      text(key, node[key]);
    licenses(node["licenses"]);
    hashes(node["hashes"]);
    properties(node["properties"]);
    json_.end_object();
  }

  void licenses(const Node& list) {
    if (!list.is_table()) return;
    json_.key("licenses").begin_array();
    for (const Member& one : list.members) {
      if (one.key == "expression") {
        json_.begin_object().key("expression").string(one.value.text).end_object();
      } else if (one.key == "license") {
        json_.begin_object().key("license").begin_object();
        text("id", one.value["id"]);
        text("name", one.value["name"]);
        json_.end_object().end_object();
      }
    }
    json_.end_array();
  }

  void hashes(const Node& list) {
    if (!list.is_table()) return;
    json_.key("hashes").begin_array();
    for (const Member& one : list.members) {
      if (one.key != "hash") continue;
      json_.begin_object();
      text("alg", one.value["@alg"]);
      text("content", one.value);
      json_.end_object();
    }
    json_.end_array();
  }

  void properties(const Node& list) {
    if (!list.is_table()) return;
    json_.key("properties").begin_array();
    for (const Member& one : list.members) {
      if (one.key != "property") continue;
      json_.begin_object();
      text("name", one.value["@name"]);
      text("value", one.value);
      json_.end_object();
    }
    json_.end_array();
  }

  void dependencies(const Node& list) {
    if (!list.is_table()) return;
    json_.key("dependencies").begin_array();
    for (const Member& one : list.members) {
      if (one.key != "dependency") continue;
      json_.begin_object();
      text("ref", one.value["@ref"]);
      json_.key("dependsOn").begin_array();
      for (const Member& needed : one.value.members) {
        if (needed.key == "dependency") json_.string(needed.value["@ref"].text);
      }
      json_.end_array().end_object();
    }
    json_.end_array();
  }

  std::string out_;
  JsonWriter json_{out_};
  std::uint32_t line_ = 1;
};

}  // namespace

Result<Sbom> read_cyclonedx_xml(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  const packages::Tree xml = packages::read_xml(path, bytes, limits);
  const Node& bom = xml.root["bom"];
  if (!xml.problems.empty())
    return failure(ErrorCode::kInvalid,
                   to_string(xml.problems.front().place) + ": " + xml.problems.front().message);
  if (!bom.is_table() || !bom["@xmlns"].text.starts_with(kSpace))
    return failure(ErrorCode::kInvalid,
                   std::string(path) + ": expected CycloneDX in XML, found another document");
  const std::string json = Writer().write(bom);
  packages::Tree tree = packages::read_json(path, json, limits);
  return read_cyclonedx(path, tree);
}

}  // namespace vedette::formats::sbom
