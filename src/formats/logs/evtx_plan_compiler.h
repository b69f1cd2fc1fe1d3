// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/logs/evtx_plan.h"

namespace vedette::formats::logs::evtx {

// Turns a template's tree into a Plan; used by PlanCache. Fields mean what XmlFieldWriter says;
// what a plan cannot express makes it irregular, but only where a rule looks.
class PlanCompiler {
 public:
  // Static values are copied into `texts`.
  PlanCompiler(const event::FieldTree& tree, const XmlTree& xml, Arena& texts, Arena& scratch,
               Plan& plan)
      : tree_(tree), xml_(xml), texts_(texts), scratch_(scratch), plan_(plan) {}

  void compile(const PlanPlace& place, std::string_view outer_text);

 private:
  using Node = event::FieldTree::Node;
  enum class DataKeys : std::uint8_t { kOrdinary, kNamed, kPositional };
  struct Info {
    Node node = event::FieldTree::kNone;
    DataKeys data_keys = DataKeys::kOrdinary;
    bool all_required = false;  // of the elements in it
  };
  // What stands in an element or an attribute's value.
  struct Content {
    std::size_t elements = 0;
    std::size_t texts = 0;
    std::size_t substitutions = 0;
    std::uint16_t substitution = 0;  // the last one
  };

  bool wanted(Node node) const;
  bool has_targets(Node node) const;
  Node child(Node node, std::string_view key) const;
  Content content_of(std::uint32_t first) const;
  std::uint32_t name_pieces(const XmlNode& element) const;
  std::uint32_t repetition(std::uint32_t parent, std::string_view name, std::uint64_t kind);

  void compile_root(const PlanPlace& place, const XmlNode& element, std::uint32_t index);
  void compile_element(std::uint32_t index, const XmlNode& element, Node node);
  void compile_data(std::uint32_t index, const XmlNode& element, Info parent);
  void compile_ordinary(std::uint32_t index, const XmlNode& element, Info parent);
  void compile_attributes(const XmlNode& element, Node node);
  void finish_steps();
  void require_all(std::uint32_t parent);
  void require_an_element(const XmlNode& element);
  void compile_leaf(std::uint32_t index, const XmlNode& element, Node node, const Content& content);
  void add_attribute_values(PlanStep& step, const XmlNode& element, Node text_node);
  void compile_dependency(const XmlNode& element, const Content& content, PlanStep* step);
  DataKeys data_keys(const XmlNode& element, Node node);
  std::uint32_t add_place(std::uint32_t index, const XmlNode& element, Node node);
  PlanStep& add_step(std::uint16_t substitution);
  void add_targets(PlanStep& step, Node node);
  void add_static(Node node, event::Value value);
  event::Value static_text(std::uint32_t first);
  void collect_text(std::string_view outer_text);

  const event::FieldTree& tree_;
  const XmlTree& xml_;
  Arena& texts_;
  Arena& scratch_;
  Plan& plan_;
  std::vector<Info> infos_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

}  // namespace vedette::formats::logs::evtx
