// SPDX-License-Identifier: Apache-2.0
// CycloneDX 1.4 to 1.6: vulnerabilities[].analysis, of components of the same document or, by
// BOM-Link, of another.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "formats/packages/purl_parts.h"
#include "formats/vex/readers.h"

namespace vedette::formats::vex {

using event::VexStatus;
using packages::Member;
using packages::Node;

namespace {

struct StateRow {
  std::string_view state;
  VexStatus status;
};
constexpr std::array<StateRow, 6> kStates = {{{"resolved", VexStatus::kFixed},
                                              {"resolved_with_pedigree", VexStatus::kFixed},
                                              {"exploitable", VexStatus::kAffected},
                                              {"in_triage", VexStatus::kUnderInvestigation},
                                              {"false_positive", VexStatus::kNotAffected},
                                              {"not_affected", VexStatus::kNotAffected}}};

class AnalysisReader {
 public:
  AnalysisReader(std::string_view path, const Node& root) : path_(path), root_(root) {}

  VexDocument read() {
    document_.format = VexFormat::kCycloneDx;
    document_.id = root_["serialNumber"].text;
    const Node& metadata = root_["metadata"];
    for (const std::string_view name :
         {metadata["supplier"]["name"].text, metadata["manufacture"]["name"].text,
          metadata["manufacturer"]["name"].text}) {
      if (document_.author.empty()) document_.author = name;
    }
    for (const Member& author : metadata["authors"].members) {
      if (document_.author.empty()) document_.author = author.value["name"].text;
    }
    know(metadata["component"]);
    std::vector<const Node*> open = {&root_["components"], &metadata["component"]["components"]};
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (const Member& component : open[i]->members) {
        know(component.value);
        if (component.value["components"].is_list()) open.push_back(&component.value["components"]);
      }
    }
    for (const Member& one : root_["vulnerabilities"].members) add(one.value);
    return std::move(document_);
  }

 private:
  void know(const Node& component) {
    const std::string_view reference = component["bom-ref"].text;
    if (!reference.empty()) components_.try_emplace(reference, &component);
  }

  // What an affects[].ref means: a component of here, or, by BOM-Link, of elsewhere, whose
  // reference mostly is its Package URL.
  VexIdentity identity_of(std::string_view reference) const {
    VexIdentity identity;
    identity.name = reference;
    std::string inner(reference);
    if (reference.starts_with("urn:cdx:")) {
      const std::size_t mark = reference.find('#');
      inner = mark == std::string_view::npos ? "" : reference.substr(mark + 1);
      // A fragment is escaped as a whole; some leave that.
      if (!inner.starts_with("pkg:")) inner = packages::percent_decoded(inner);
    }
    const auto found = components_.find(inner);
    if (found != components_.end()) {
      const Node& component = *found->second;
      identity.name = component["name"].text;
      if (component["purl"].is_text()) identity.purls.emplace_back(component["purl"].text);
      if (component["cpe"].is_text()) identity.cpes.emplace_back(component["cpe"].text);
      for (const Member& hash : component["hashes"].members)
        identity.hashes.push_back(hash_text(hash.value["alg"].text, hash.value["content"].text));
    }
    if (identity.purls.empty() && inner.starts_with("pkg:")) identity.purls.push_back(inner);
    return identity;
  }

  void add(const Node& node) {
    const Node& analysis = node["analysis"];
    if (!analysis.is_table()) return;  // known, and nobody has judged it
    VexStatement statement;
    const std::string_view state = analysis["state"].text;
    const std::optional<VexStatus> status = cyclonedx_status(state);
    if (!status) {
      if (!state.empty())
        add_problem(path_, node.line,
                    "expected a state of CycloneDX, found \"" + std::string(state) +
                        "\"; the analysis is passed over",
                    document_);
      return;
    }
    statement.status = *status;
    if (node["id"].is_text()) statement.vulnerabilities.emplace_back(node["id"].text);
    for (const Member& reference : node["references"].members) {
      if (reference.value["id"].is_text())
        statement.vulnerabilities.emplace_back(reference.value["id"].text);
    }
    if (statement.vulnerabilities.empty())
      return add_problem(path_, node.line, "expected the id of a vulnerability, found none",
                         document_);
    statement.justification = analysis["justification"].text;
    if (state == "false_positive" && statement.justification.empty())
      statement.justification = state;
    statement.impact = analysis["detail"].text;
    for (const Member& response : analysis["response"].members)
      append_sentence(response.value.text, statement.action);
    append_sentence(node["recommendation"].text, statement.action);
    append_sentence(node["workaround"].text, statement.action);
    for (const std::string_view text :
         {analysis["lastUpdated"].text, analysis["firstIssued"].text, node["updated"].text,
          root_["metadata"]["timestamp"].text}) {
      if (statement.time == 0) statement.time = time_of(text);
    }
    add_products(node, std::move(statement));
  }

  // A version that is told to be unaffected is so, whatever the analysis says of the others.
  void add_products(const Node& node, VexStatement statement) {
    VexStatement unaffected = statement;
    unaffected.status = VexStatus::kNotAffected;
    for (const Member& one : node["affects"].members) {
      const VexIdentity identity = identity_of(one.value["ref"].text);
      const Node& versions = one.value["versions"];
      if (versions.members.empty()) add_product(identity, statement);
      for (const Member& version : versions.members) {
        VexIdentity exact = identity;
        exact.range = version.value["range"].text;
        if (version.value["version"].is_text())
          exact.range = "vers:generic/" + std::string(version.value["version"].text);
        const std::string_view status = version.value["status"].text;
        if (status == "unknown") continue;
        add_product(exact, status == "unaffected" ? unaffected : statement);
      }
    }
    if (!statement.products.empty()) document_.statements.push_back(std::move(statement));
    if (!unaffected.products.empty()) document_.statements.push_back(std::move(unaffected));
  }

  void add_product(const VexIdentity& identity, VexStatement& statement) {
    if (++products_ <= kProductsMax) statement.products.push_back({identity, {}});
  }

  std::string_view path_;  // the caller's
  const Node& root_;       // the caller's
  VexDocument document_;
  std::unordered_map<std::string_view, const Node*> components_;  // of root_
  std::size_t products_ = 0;
};

}  // namespace

std::optional<event::VexStatus> cyclonedx_status(std::string_view state) {
  const auto* const row = std::ranges::find(kStates, state, &StateRow::state);
  return row == kStates.end() ? std::nullopt : std::optional(row->status);
}

VexDocument read_cyclonedx(std::string_view path, const packages::Tree& tree) {
  return AnalysisReader(path, tree.root).read();
}

}  // namespace vedette::formats::vex
