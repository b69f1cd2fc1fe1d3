// SPDX-License-Identifier: Apache-2.0
// OpenVEX specification 0.2.0, and 0.0.x, where products and the vulnerability were plain texts.
#include <algorithm>
#include <string>
#include <utility>

#include "formats/vex/readers.h"

namespace vedette::formats::vex {

using packages::Member;
using packages::Node;

namespace {

VexIdentity identity_of(const Node& node) {
  VexIdentity identity;
  const std::string_view id = node.is_text() ? node.text : node["@id"].text;
  identity.name = id;
  if (id.starts_with("pkg:")) identity.purls.emplace_back(id);
  if (id.starts_with("cpe:")) identity.cpes.emplace_back(id);
  for (const Member& one : node["identifiers"].members) {
    if (one.key == "purl" && one.value.text != id) identity.purls.emplace_back(one.value.text);
    if (one.key == "cpe22" || one.key == "cpe23") identity.cpes.emplace_back(one.value.text);
  }
  for (const Member& one : node["hashes"].members)
    identity.hashes.push_back(hash_text(one.key, one.value.text));
  return identity;
}

bool is_named(const VexIdentity& identity) {
  return !identity.purls.empty() || !identity.cpes.empty() || !identity.hashes.empty();
}

class OpenVexReader {
 public:
  OpenVexReader(std::string_view path, const Node& root) : path_(path), root_(root) {}

  VexDocument read() {
    document_.format = VexFormat::kOpenVex;
    document_.id = root_["@id"].text;
    document_.author = root_["author"].text;
    for (const Member& statement : root_["statements"].members) add(statement.value);
    return std::move(document_);
  }

 private:
  void complain(const Node& node, std::string message) {
    add_problem(path_, node.line, std::move(message), document_);
  }

  void add(const Node& node) {
    VexStatement statement;
    const std::string_view status = node["status"].text;
    const auto* const row = std::ranges::find(event::kVexStatusNames, status);
    if (row == event::kVexStatusNames.end())
      return complain(node, "expected a status of OpenVEX, found \"" + std::string(status) +
                                "\"; the statement is passed over");
    statement.status = static_cast<event::VexStatus>(row - event::kVexStatusNames.begin());
    add_names(node["vulnerability"], statement);
    if (statement.vulnerabilities.empty())
      return complain(node,
                      "expected the name of a vulnerability, found none; the statement is "
                      "passed over");
    add_products(node, statement);
    statement.justification = node["justification"].text;
    statement.impact = node["impact_statement"].text;
    append_sentence(node["status_notes"].text, statement.impact);
    statement.action = node["action_statement"].text;
    if (statement.status == event::VexStatus::kNotAffected && statement.justification.empty() &&
        statement.impact.empty())
      complain(node,
               "expected a justification or an impact_statement beside not_affected, found "
               "neither; the statement is taken all the same");
    // Times are inherited from the document; an update of the statement counts.
    for (const std::string_view text : {node["last_updated"].text, node["timestamp"].text,
                                        root_["last_updated"].text, root_["timestamp"].text}) {
      if (statement.time == 0) statement.time = time_of(text);
    }
    if (!statement.products.empty()) document_.statements.push_back(std::move(statement));
  }

  static void add_names(const Node& node, VexStatement& statement) {
    const auto add = [&statement](std::string_view name) {
      // The id may be the page of the vulnerability, whose last part is its name.
      if (name.find("://") != std::string_view::npos) name = name.substr(name.rfind('/') + 1);
      if (!name.empty()) statement.vulnerabilities.emplace_back(name);
    };
    if (node.is_text()) return add(node.text);
    if (const std::string_view name = node["name"].text; !name.empty()) {
      add(name);
    } else {
      add(node["@id"].text);
    }
    for (const Member& alias : node["aliases"].members) add(alias.value.text);
  }

  void add_products(const Node& node, VexStatement& statement) {
    for (const Member& one : node["products"].members) {
      VexProduct product;
      product.identity = identity_of(one.value);
      const Node& parts =
          one.value.has("subcomponents") ? one.value["subcomponents"] : node["subcomponents"];
      for (const Member& part : parts.members) product.parts.push_back(identity_of(part.value));
      products_ += 1 + product.parts.size();
      if (products_ > kProductsMax)
        return complain(node, "too many products; the rest is not read");
      if (!is_named(product.identity))
        complain(one.value, "expected a Package URL, a CPE or a hash of the product, found \"" +
                                product.identity.name + "\", which nothing can be known by");
      statement.products.push_back(std::move(product));
    }
    if (statement.products.empty())
      complain(node, "expected products, found none; the statement is passed over");
  }

  std::string_view path_;  // the caller's
  const Node& root_;       // the caller's
  VexDocument document_;
  std::size_t products_ = 0;
};

}  // namespace

VexDocument read_openvex(std::string_view path, const packages::Tree& tree) {
  return OpenVexReader(path, tree.root).read();
}

}  // namespace vedette::formats::vex
