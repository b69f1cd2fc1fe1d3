// SPDX-License-Identifier: Apache-2.0
#include "output/package/bill_of_materials.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/digest.h"
#include "formats/packages/purl.h"

namespace vedette::output {
namespace {

using formats::packages::OwnedFile;
using formats::packages::Package;
using formats::packages::PackageFile;
using formats::packages::Relation;
using formats::packages::Scope;

// What is said of one package by several files: the strongest holds.
constexpr std::array<int, 4> kRelationRanks = {0, 2, 1, 3};  // unknown, direct, transitive, root
constexpr std::array<int, 3> kScopeRanks = {2, 0, 1};        // production, development, optional

class BillMaker {
 public:
  void add(const PackageFile& file) {
    std::vector<std::uint32_t> indices;
    // What a root asks for is its own need, not that of what was scanned.
    std::vector<bool> is_needed(file.list.packages.size());
    for (const Package& package : file.list.packages) {
      indices.push_back(add(package, file));
      if (package.relation != Relation::kRoot) continue;
      for (const std::uint32_t needed : package.needs) {
        if (needed < is_needed.size()) is_needed[needed] = true;
      }
    }
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const Package& package = file.list.packages[i];
      for (const std::uint32_t needed : package.needs) {
        if (needed < indices.size() && indices[needed] != indices[i])
          components_[indices[i]].needs.push_back(indices[needed]);
      }
      if (package.relation == Relation::kRoot ||
          (package.relation == Relation::kDirect && !is_needed[i])) {
        asked_.push_back(indices[i]);
      }
    }
  }

  BillOfMaterials take() {
    std::vector<std::uint32_t> order(components_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [this](std::uint32_t i) -> const std::string& {
      return components_[i].reference;
    });
    std::vector<std::uint32_t> place(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    const auto move = [&place](std::vector<std::uint32_t>& indices) {
      for (std::uint32_t& index : indices) index = place[index];
      std::ranges::sort(indices);
      const auto rest = std::ranges::unique(indices);
      indices.erase(rest.begin(), rest.end());
    };
    BillOfMaterials bill;
    for (const std::uint32_t i : order) {
      move(components_[i].needs);
      std::vector<const OwnedFile*>& files = components_[i].files;
      std::ranges::stable_sort(files, {}, &OwnedFile::path);
      const auto again = std::ranges::unique(files, {}, &OwnedFile::path);
      files.erase(again.begin(), again.end());
      bill.components.push_back(std::move(components_[i]));
    }
    move(asked_);
    bill.asked = std::move(asked_);
    return bill;
  }

 private:
  std::uint32_t add(const Package& package, const PackageFile& file) {
    std::string purl = formats::packages::purl_of(package);
    std::string reference = purl;
    if (purl.empty())
      reference = package.name + (package.version.empty() ? "" : "@" + package.version);
    const auto [at, is_new] =
        by_reference_.try_emplace(reference, static_cast<std::uint32_t>(components_.size()));
    if (is_new) {
      BillComponent component;
      component.package = &package;
      component.reference = std::move(reference);
      component.purl = std::move(purl);
      component.relation = package.relation;
      component.scope = package.scope;
      component.license = formats::packages::license_expression(package.licenses);
      components_.push_back(std::move(component));
    }
    BillComponent& component = components_[at->second];
    const auto rank = [](const auto& ranks, auto kind) {
      return ranks[static_cast<std::size_t>(kind)];
    };
    if (rank(kRelationRanks, package.relation) > rank(kRelationRanks, component.relation))
      component.relation = package.relation;
    if (rank(kScopeRanks, package.scope) > rank(kScopeRanks, component.scope))
      component.scope = package.scope;
    if (component.license.text.empty())
      component.license = formats::packages::license_expression(package.licenses);
    for (const OwnedFile& owned : package.owned_files) component.files.push_back(&owned);
    component.occurrences.push_back(
        {package.path.empty() ? std::string_view(file.path) : std::string_view(package.path),
         package.line});
    return at->second;
  }

  std::unordered_map<std::string, std::uint32_t> by_reference_;
  std::vector<BillComponent> components_;
  std::vector<std::uint32_t> asked_;
};

int base64_digit(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string hexadecimal_of_base64(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const unsigned byte = bits >> count & 0xFF;
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

struct Algorithm {
  std::string_view name;
  std::size_t digits;
};
constexpr std::array<Algorithm, 5> kAlgorithms = {
    {{"md5", 32}, {"sha1", 40}, {"sha256", 64}, {"sha384", 96}, {"sha512", 128}}};

}  // namespace

// RFC 9562, version 8: bits of our own making.
std::string make_uuid(const Sha256& digest) {
  std::string text = to_hexadecimal(digest, 32);
  text[12] = '8';
  text[16] = "89ab"[digest[8] & 3];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

BillOfMaterials make_bill(const std::vector<PackageFile>& files, std::string_view subject,
                          TimeNs time) {
  BillMaker maker;
  for (const PackageFile& file : files) maker.add(file);
  BillOfMaterials bill = maker.take();
  std::string content = std::string(subject) + '\0' + std::to_string(time);
  for (const BillComponent& component : bill.components) {
    content += '\0' + component.reference + '\0' + component.license.text;
    for (const BillComponent::Occurrence& one : component.occurrences)
      content += '\0' + std::string(one.path) + ':' + std::to_string(one.line);
    for (const OwnedFile* const file : component.files) {
      content += '\0' + file->path;
      if (file->sum) content.append(file->sum->begin(), file->sum->end());
    }
    for (const std::uint32_t index : component.needs) content += ' ' + std::to_string(index);
  }
  bill.uuid = make_uuid(sha256(content));
  return bill;
}

Checksum read_checksum(std::string_view written) {
  // Of several, as npm writes them, the first.
  written = written.substr(0, written.find(' '));
  const std::size_t cut = written.find_first_of("-:");
  if (cut == std::string_view::npos) return {};
  std::string name;
  for (const char c : written.substr(0, cut))
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto* const algorithm = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  if (algorithm == kAlgorithms.end()) return {};
  const std::string_view rest = written.substr(cut + 1);
  std::string digits(rest);
  std::ranges::transform(digits, digits.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  });
  const bool is_hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hexadecimal || digits.size() != algorithm->digits) digits = hexadecimal_of_base64(rest);
  if (digits.size() != algorithm->digits) return {};
  return {name, digits};
}

}  // namespace vedette::output
