// SPDX-License-Identifier: Apache-2.0
// CSAF 2.0, sections 3.2.2 (product tree) and 3.2.3 (vulnerabilities). What is said of a product in
// a status, in flags, threats and remediations is brought together again.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "formats/vex/readers.h"

namespace vedette::formats::vex {

using event::VexStatus;
using packages::Member;
using packages::Node;

namespace {

// Steps from what a product is in to its innermost part.
constexpr std::size_t kRelationsMax = 8;

struct StatusRow {
  std::string_view key;
  VexStatus status;
};
// `recommended` says nothing of the vulnerability.
constexpr std::array<StatusRow, 7> kStatuses = {
    {{"under_investigation", VexStatus::kUnderInvestigation},
     {"first_affected", VexStatus::kAffected},
     {"known_affected", VexStatus::kAffected},
     {"last_affected", VexStatus::kAffected},
     {"known_not_affected", VexStatus::kNotAffected},
     {"first_fixed", VexStatus::kFixed},
     {"fixed", VexStatus::kFixed}}};

// A product id to what it is; of a relationship to what it is made of.
struct CsafProduct {
  VexIdentity identity;
  std::string_view outer;  // what it is in; empty: it stands for itself
  std::string_view inner;
};

class ProductTree {
 public:
  explicit ProductTree(const Node& tree) {
    for (const Member& one : tree["full_product_names"].members) add(one.value, {});
    // Branches in branches, without recursion.
    std::vector<std::pair<const Node*, std::string_view>> open = {{&tree["branches"], {}}};
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto [branches, above] = open[i];
      for (const Member& one : branches->members) {
        const Node& branch = one.value;
        const bool is_range = branch["category"].text == "product_version_range";
        const std::string_view range = is_range ? branch["name"].text : above;
        if (branch["product"].is_table()) add(branch["product"], range);
        if (branch["branches"].is_list()) open.emplace_back(&branch["branches"], range);
      }
    }
    for (const Member& one : tree["relationships"].members) add_relation(one.value);
    for (const Member& group : tree["product_groups"].members) {
      std::vector<std::string_view>& ids = groups_[group.value["group_id"].text];
      for (const Member& id : group.value["product_ids"].members) ids.push_back(id.value.text);
    }
  }

  // Product ids that a flag, threat or remediation is about.
  void for_each_of(const Node& node, auto&& function) const {
    for (const Member& id : node["product_ids"].members) function(id.value.text);
    for (const Member& group : node["group_ids"].members) {
      const auto found = groups_.find(group.value.text);
      if (found == groups_.end()) continue;
      for (const std::string_view id : found->second) function(id);
    }
  }

  // False where nothing is known by this id.
  bool make(std::string_view id, VexProduct& product) const {
    const CsafProduct* at = find(id);
    if (at == nullptr) return false;
    std::vector<const CsafProduct*> inner;
    for (std::size_t step = 0; at != nullptr && !at->outer.empty(); ++step) {
      const CsafProduct* const part = find(at->inner);
      if (part == nullptr || step == kRelationsMax) return false;
      inner.push_back(part);
      at = find(at->outer);
    }
    if (at == nullptr) return false;
    product.identity = at->identity;
    // The innermost part is what it is about: a package of a module of a system.
    if (!inner.empty()) product.parts.push_back(inner.front()->identity);
    return true;
  }

 private:
  const CsafProduct* find(std::string_view id) const {
    const auto found = products_.find(id);
    return found == products_.end() ? nullptr : &found->second;
  }

  void add(const Node& node, std::string_view range) {
    CsafProduct product;
    VexIdentity& identity = product.identity;
    identity.name = node["name"].text;
    identity.range = range;
    const Node& helper = node["product_identification_helper"];
    if (helper["purl"].is_text()) identity.purls.emplace_back(helper["purl"].text);
    for (const Member& purl : helper["purls"].members) identity.purls.emplace_back(purl.value.text);
    if (helper["cpe"].is_text()) identity.cpes.emplace_back(helper["cpe"].text);
    for (const Member& file : helper["hashes"].members) {
      for (const Member& hash : file.value["file_hashes"].members)
        identity.hashes.push_back(
            hash_text(hash.value["algorithm"].text, hash.value["value"].text));
    }
    products_.try_emplace(node["product_id"].text, std::move(product));
  }

  void add_relation(const Node& node) {
    CsafProduct product;
    const Node& name = node["full_product_name"];
    product.identity.name = name["name"].text;
    product.outer = node["relates_to_product_reference"].text;
    product.inner = node["product_reference"].text;
    if (product.outer.empty() || product.inner.empty()) return;
    products_.try_emplace(name["product_id"].text, std::move(product));
  }

  // Views of the document's tree.
  std::unordered_map<std::string_view, CsafProduct> products_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> groups_;
};

// What is said of a product besides its status.
struct Remarks {
  std::string justification;
  std::string impact;
  std::string action;
  auto operator<=>(const Remarks&) const = default;
};

class CsafReader {
 public:
  CsafReader(std::string_view path, const Node& root)
      : path_(path), root_(root), products_(root["product_tree"]) {}

  VexDocument read() {
    const Node& document = root_["document"];
    document_.format = VexFormat::kCsaf;
    document_.id = document["tracking"]["id"].text;
    document_.author = document["publisher"]["name"].text;
    time_ = time_of(document["tracking"]["current_release_date"].text);
    for (const Member& one : root_["vulnerabilities"].members) add(one.value);
    return std::move(document_);
  }

 private:
  void add(const Node& node) {
    std::vector<std::string> names;
    if (node["cve"].is_text()) names.emplace_back(node["cve"].text);
    for (const Member& id : node["ids"].members) names.emplace_back(id.value["text"].text);
    if (names.empty())
      return add_problem(path_, node.line, "expected a cve or ids of a vulnerability, found none",
                         document_);
    const auto remarks = remarks_of(node);
    std::map<std::tuple<VexStatus, Remarks>, std::size_t> statements;
    for (const StatusRow& row : kStatuses) {
      for (const Member& id : node["product_status"][row.key].members) {
        VexProduct product;
        if (++count_ > kProductsMax) return;
        if (!products_.make(id.value.text, product)) {
          add_problem(
              path_, id.line,
              "expected a product of the product tree, found \"" + std::string(id.value.text) + '"',
              document_);
          continue;
        }
        const auto found = remarks.find(id.value.text);
        const Remarks said = found == remarks.end() ? Remarks() : found->second;
        const auto [at, is_new] =
            statements.try_emplace(std::tuple(row.status, said), document_.statements.size());
        if (is_new)
          document_.statements.push_back(
              {names, {}, row.status, said.justification, said.impact, said.action, time_});
        document_.statements[at->second].products.push_back(std::move(product));
      }
    }
  }

  std::unordered_map<std::string_view, Remarks> remarks_of(const Node& node) const {
    std::unordered_map<std::string_view, Remarks> remarks;
    for (const Member& flag : node["flags"].members) {
      products_.for_each_of(flag.value, [&](std::string_view id) {
        remarks[id].justification = flag.value["label"].text;
      });
    }
    for (const Member& threat : node["threats"].members) {
      if (threat.value["category"].text != "impact") continue;
      products_.for_each_of(threat.value, [&](std::string_view id) {
        append_sentence(threat.value["details"].text, remarks[id].impact);
      });
    }
    for (const Member& remediation : node["remediations"].members) {
      products_.for_each_of(remediation.value, [&](std::string_view id) {
        append_sentence(remediation.value["details"].text, remarks[id].action);
      });
    }
    return remarks;
  }

  std::string_view path_;  // the caller's
  const Node& root_;       // the caller's
  ProductTree products_;
  VexDocument document_;
  TimeNs time_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

VexDocument read_csaf(std::string_view path, const packages::Tree& tree) {
  return CsafReader(path, tree.root).read();
}

}  // namespace vedette::formats::vex
