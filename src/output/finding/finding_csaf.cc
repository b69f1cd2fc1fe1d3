// SPDX-License-Identifier: Apache-2.0
// CSAF 2.0, profile csaf_vex (sections 4.5 and 6.1.27): one vulnerability after the other with what
// is said of each package.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/json_writer.h"
#include "output/finding/finding_formats.h"
#include "output/finding/finding_text.h"
#include "output/finding/vex_words.h"

namespace vedette::output {
namespace {

using event::VexStatus;

// By VexStatus.
constexpr std::array<std::string_view, 4> kGroups = {"under_investigation", "known_affected",
                                                     "known_not_affected", "fixed"};

// "CVE-2021-44228"; other names are told as ids.
bool is_cve(std::string_view name) {
  if (!name.starts_with("CVE-") || name.size() < 13 || name[8] != '-') return false;
  const auto digits = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  return digits(name.substr(4, 4)) && digits(name.substr(9));
}

struct Product {
  std::string id;
  VexStatus status = VexStatus::kUnderInvestigation;
  std::string justification;
  std::string impact;
  std::string action;
};

struct Vulnerability {
  std::string title;
  std::string description;
  std::vector<std::string> names;
  std::vector<Product> products;
};

class CsafSink : public event::FindingSink {
 public:
  explicit CsafSink(const FindingSinkOptions& options)
      : writer_(options.writer), version_(options.version), now_(options.now) {}

  Result<void> write(const event::Finding& finding) override {
    if (!finding.vulnerability) return {};
    const event::FindingVulnerability& one = *finding.vulnerability;
    for (const event::Evidence& evidence : finding.evidence) {
      if (evidence.name == "database-age") age_ = evidence.text;
    }
    Vulnerability& known = vulnerabilities_[finding.rule->id];
    if (known.names.empty()) {
      known.title = finding.rule->title;
      known.description = finding.rule->description;
      known.names = one.names;
      if (std::ranges::find(known.names, finding.rule->id) == known.names.end())
        known.names.insert(known.names.begin(), finding.rule->id);
    }
    Product product;
    product.id = product_of(one);
    const bool again = std::ranges::any_of(
        known.products, [&](const Product& other) { return other.id == product.id; });
    // One product is in one group only (6.1.6).
    if (again) return {};
    const event::FindingStatement said = one.statement.value_or(event::FindingStatement());
    product.status = one.statement       ? one.statement->status
                     : one.fixed.empty() ? VexStatus::kUnderInvestigation
                                         : VexStatus::kAffected;
    product.justification = openvex_justification(said.justification);
    product.impact = said.impact;
    if (said.impact.empty() && product.justification.empty())
      product.impact = statement_text(finding);
    product.action = said.action.empty() ? remediation_of(finding) : said.action;
    known.products.push_back(std::move(product));
    return {};
  }

  Result<void> finish(const event::ScanSummary& /*summary*/) override {
    std::string body;
    JsonWriter json(body);
    append_products(json.begin_object());
    append_vulnerabilities(json);
    json.end_object();
    std::string& out = writer_.buffer();
    JsonWriter head(out);
    head.begin_object();
    append_document(to_hexadecimal(sha256(body), 32), head);
    head.end_object();
    // The document first, then what was made of the findings.
    out.pop_back();
    out += ',';
    out.append(body, 1).append("\n");
    return writer_.finish();
  }

 private:
  std::string product_of(const event::FindingVulnerability& one) {
    const std::string name = fmt::format("{} {}", one.package, one.version);
    const std::string key = one.purl.empty() ? one.ecosystem + ' ' + name : one.purl;
    const auto [found, added] = products_.try_emplace(key);
    if (added) {
      found->second = {fmt::format("CSAFPID-{:04}", products_.size()), name, one.purl};
      order_.push_back(&found->second);
    }
    return found->second.id;
  }

  void append_document(const std::string& id, JsonWriter& json) const {
    const std::string time = format_time(now_ / kNsPerSecond * kNsPerSecond);
    json.key("document").begin_object().key("category").string("csaf_vex");
    json.key("csaf_version").string("2.0").key("lang").string("en");
    json.key("publisher").begin_object().key("category").string("other");
    json.key("name").string("Vedette").key("namespace").string("https://vedette.invalid");
    json.end_object().key("title").string("Vulnerabilities in packages, as scanned");
    if (!age_.empty()) {
      json.key("notes").begin_array().begin_object().key("category").string("general");
      json.key("text").string(age_).end_object().end_array();
    }
    json.key("tracking").begin_object().key("id").string("VEDETTE-" + id);
    json.key("status").string("final").key("version").string("1");
    json.key("initial_release_date").string(time).key("current_release_date").string(time);
    json.key("generator").begin_object().key("engine").begin_object();
    json.key("name").string("Vedette").key("version").string(version_).end_object().end_object();
    json.key("revision_history").begin_array().begin_object().key("date").string(time);
    json.key("number").string("1").key("summary").string("Made by a scan").end_object();
    json.end_array().end_object().end_object();
  }

  void append_products(JsonWriter& json) const {
    if (order_.empty()) return;
    json.key("product_tree").begin_object().key("full_product_names").begin_array();
    for (const Named* one : order_) {
      json.begin_object().key("name").string(one->name).key("product_id").string(one->id);
      if (!one->purl.empty()) {
        json.key("product_identification_helper").begin_object().key("purl").string(one->purl);
        json.end_object();
      }
      json.end_object();
    }
    json.end_array().end_object();
  }

  void append_vulnerabilities(JsonWriter& json) const {
    if (vulnerabilities_.empty()) return;
    json.key("vulnerabilities").begin_array();
    for (const auto& [id, one] : vulnerabilities_) {
      json.begin_object();
      append_names(one, json);
      if (!one.title.empty()) json.key("title").string(one.title);
      json.key("notes").begin_array().begin_object().key("category").string("description");
      const std::string& text = one.description.empty() ? one.title : one.description;
      json.key("text").string(text.empty() ? id : text).end_object().end_array();
      append_status(one, json);
      json.end_object();
    }
    json.end_array();
  }

  static void append_names(const Vulnerability& one, JsonWriter& json) {
    const auto cve = std::ranges::find_if(one.names, is_cve);
    if (cve != one.names.end()) json.key("cve").string(*cve);
    if (one.names.size() == (cve == one.names.end() ? 0U : 1U)) return;
    json.key("ids").begin_array();
    for (const std::string& name : one.names) {
      if (cve != one.names.end() && name == *cve) continue;
      json.begin_object().key("system_name").string(name.substr(0, name.find('-')));
      json.key("text").string(name).end_object();
    }
    json.end_array();
  }

  static void append_status(const Vulnerability& one, JsonWriter& json) {
    json.key("product_status").begin_object();
    for (std::size_t i = 0; i < kGroups.size(); ++i) {
      const auto status = static_cast<VexStatus>(i);
      if (std::ranges::find(one.products, status, &Product::status) == one.products.end()) continue;
      json.key(kGroups[i]).begin_array();
      for (const Product& product : one.products) {
        if (product.status == status) json.string(product.id);
      }
      json.end_array();
    }
    json.end_object();
    append_each(one, VexStatus::kNotAffected, "flags", json, [&](const Product& product) {
      json.begin_object().key("label").string(product.justification);
    });
    append_each(one, VexStatus::kNotAffected, "threats", json, [&](const Product& product) {
      json.begin_object().key("category").string("impact").key("details").string(product.impact);
    });
    append_each(one, VexStatus::kAffected, "remediations", json, [&](const Product& product) {
      json.begin_object().key("category").string("vendor_fix");
      json.key("details").string(product.action.empty() ? "Update it." : product.action);
    });
  }

  // `begin` begins an object of a product that has what the key is about.
  template <typename Begin>
  static void append_each(const Vulnerability& one, VexStatus status, std::string_view key,
                          JsonWriter& json, Begin begin) {
    bool first = true;
    for (const Product& product : one.products) {
      if (product.status != status) continue;
      const bool speaks = key != "flags" || !product.justification.empty();
      const bool has_impact = key != "threats" || !product.impact.empty();
      if (!speaks || !has_impact) continue;
      if (first) json.key(key).begin_array();
      first = false;
      begin(product);
      json.key("product_ids").begin_array().string(product.id).end_array().end_object();
    }
    if (!first) json.end_array();
  }

  struct Named {
    std::string id;
    std::string name;
    std::string purl;
  };

  Writer& writer_;  // the caller's, see FindingSinkOptions
  std::string version_;
  TimeNs now_;
  std::string age_;                        // of the database, where it is old
  std::map<std::string, Named> products_;  // by Package URL
  std::vector<const Named*> order_;
  std::map<std::string, Vulnerability> vulnerabilities_;
};

}  // namespace

std::unique_ptr<event::FindingSink> make_finding_csaf(const FindingSinkOptions& options) {
  return std::make_unique<CsafSink>(options);
}

}  // namespace vedette::output
